"""harness.toml: every mistake at once, with its line, and how to mend it."""

from datetime import date
from pathlib import Path

import pytest

from harness.config.load import load_settings
from harness.errors import ConfigurationError

GOOD = """\
[target]
name = "orders"
openapi = "openapi.json"
disposable = true

[target.process]
command = ["./run.sh", "{port}"]

[[identities]]
name = "north-owner"
tenant = "north"
headers = { Authorization = "Bearer {env:NORTH}" }

[routes."GET /orders"]
class = "page"
p95_ms = 200

[load.profiles.full]
workload = "workload.py"
users = 10
"""


def written(folder: Path, text: str) -> Path:
    (folder / "workload.py").touch()
    path = folder / "harness.toml"
    path.write_text(text)
    return path


def mistakes(folder: Path, text: str) -> tuple[str, ...]:
    with pytest.raises(ConfigurationError) as caught:
        load_settings(written(folder, text))
    return caught.value.mistakes


def test_a_good_file_is_read_into_frozen_settings(tmp_path: Path) -> None:
    settings = load_settings(written(tmp_path, GOOD))
    assert settings.routes["GET /orders"].p95_ms == 200
    assert settings.load is not None
    assert settings.load.profiles["full"].users == 10


def test_an_unknown_key_is_named_with_its_line_and_the_nearest_right_one(tmp_path: Path) -> None:
    found = mistakes(tmp_path, GOOD.replace("p95_ms", "p95"))
    assert found == ('harness.toml:16: unknown key `p95` in [routes."GET /orders"]; did you mean `p95_ms`?',)


def test_a_wrong_type_is_named_with_what_was_written(tmp_path: Path) -> None:
    found = mistakes(tmp_path, GOOD.replace("users = 10", 'users = "many"'))
    assert len(found) == 1
    assert found[0].startswith("harness.toml:20: `users` in [load.profiles.full]: ")
    assert "'many'" in found[0]


def test_all_mistakes_are_reported_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = GOOD.replace('name = "orders"', "name = 7").replace("p95_ms", "p95").replace("users", "user")
    lines = [int(mistake.split(":")[1]) for mistake in mistakes(tmp_path, text)]
    assert len(lines) == 4
    assert lines == sorted(lines)


def test_the_second_of_two_identities_is_pointed_at(tmp_path: Path) -> None:
    second = '\n[[identities]]\nname = "south"\ntenant = "south"\nheaders = { a = "b" }\nrol = ""\n'
    found = mistakes(tmp_path, GOOD + second)
    assert found == ("harness.toml:26: unknown key `rol` in [identities]; did you mean `role`?",)


@pytest.mark.parametrize(
    ("before", "after", "line", "words"),
    [
        ("[target.process]", "base_url = 'http://127.0.0.1:1'\n[target.process]", 1, "process and base_url"),
        ("headers = {", "# {", 9, "needs either `headers` or `login`"),
        ('"GET /orders"', '"/orders"', 14, "a route is"),
        ("workload.py", "missing.py", 19, "does not exist"),
        ("users = 10", "users = 10\nhit_rates = { pages = 0.5 }", 21, "`pages` is no table of [cache]"),
    ],
)
def test_contradictions_are_mistakes_too(
    tmp_path: Path, before: str, after: str, line: int, words: str
) -> None:
    found = mistakes(tmp_path, GOOD.replace(before, after))
    assert len(found) == 1
    assert found[0].startswith(f"harness.toml:{line}: ")
    assert words in found[0]


def test_mistakes_of_keys_and_of_sense_are_reported_together(tmp_path: Path) -> None:
    text = GOOD.replace("disposable", "disposible").replace("workload.py", "missing.py")
    assert [mistake.split(": ")[0] for mistake in mistakes(tmp_path, text)] == [
        "harness.toml:4",
        "harness.toml:19",
    ]


@pytest.mark.parametrize("expires", ["2026-12-01", '"2026-12-01"'])
def test_a_waiver_expires_on_a_date_however_it_is_written(tmp_path: Path, expires: str) -> None:
    waiver = f'\n[[waivers]]\nfingerprint = "{"0" * 16}"\nowner = "a"\nreason = "b"\nexpires = {expires}\n'
    assert load_settings(written(tmp_path, GOOD + waiver)).waivers[0].expires == date(2026, 12, 1)


def test_a_waiver_that_never_expires_is_a_mistake(tmp_path: Path) -> None:
    waiver = (
        '\n[[waivers]]\nfingerprint = "0000000000000000"\nowner = "a"\nreason = "b"\nexpires = "9999-99-99"\n'
    )
    assert "`expires` in [waivers]" in mistakes(tmp_path, GOOD + waiver)[0]


def test_files_that_are_named_need_not_exist_to_judge_a_record(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    (tmp_path / "workload.py").unlink()
    assert load_settings(path, to_run=False).target.name == "orders"


def test_text_that_is_not_toml_is_said_with_its_place(tmp_path: Path) -> None:
    found = mistakes(tmp_path, "[target\n")
    assert "not TOML" in found[0]
    assert found[0].startswith("harness.toml:1: ")


def test_a_missing_file_says_how_to_name_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no such file; name one with --config"):
        load_settings(tmp_path / "none.toml")
