"""Rules of the repository that no tool checks."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LONGEST_MODULE = 300
FORBIDDEN_NAMES = {"utils", "helpers", "manager", "common", "base", "misc"}


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


MODULES = tracked("harness/*.py", "system/*.py", "loadtests/*.py")
TEXTS = [path for path in tracked() if path.suffix not in {".png", ".svg", ".ico", ".woff2"}]


def test_the_repository_has_modules_to_look_at() -> None:
    assert len(MODULES) > 40


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_has_at_most_300_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST_MODULE


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_named_for_what_it_holds(path: Path) -> None:
    assert path.stem not in FORBIDDEN_NAMES


def test_no_file_names_a_package_index_or_a_folder_of_one_machine() -> None:
    index = re.compile(r"--(?:extra-)?index-url|://[^ \"]*/simple/?(?=[ \"\n])")
    machine = re.compile(r"(?<![\w.])/(?:root|work)/")
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in TEXTS
        if path != Path(__file__)
        for pattern in (index, machine)
        for match in pattern.finditer(path.read_text(errors="replace"))
    ]
    assert found == []


RULE = re.compile(r'"((?:load|gate|exercise|plans|indexes)/[a-z0-9-]+)"')


def rules() -> set[str]:
    """Rules are literals `check/rule` where they are judged."""
    rooms = ("load", "gate", "exercise", "plans", "indexes", "planner/rules")
    judged = tracked(*(f"harness/{room}/*.py" for room in rooms))
    return {match[1] for path in judged for match in RULE.finditer(path.read_text())}


def test_every_rule_has_a_page_and_every_page_a_rule() -> None:
    pages = {path.stem for path in tracked("docs/rules/*.md")}
    assert {rule.replace("/", "-") for rule in rules()} == pages


def module_of(rule: str) -> str:
    return rule.partition("/")[2].replace("-", "_")


def test_every_rule_has_a_test_with_its_fault_and_its_repair() -> None:
    tests = "\n".join(path.read_text() for path in tracked("tests/rules/*.py", "tests/unit/gate/*.py"))

    def is_named(rule: str) -> bool:
        """By its id, by the import of its module, or as the catalogue's file of that name."""
        module = module_of(rule)
        form = rf'rules(\.| import .*\b){module}\b|"{module}"|(?<![\w/]){rule}(?![\w-])'
        return re.search(form, tests) is not None

    assert [rule for rule in sorted(rules()) if not is_named(rule)] == []


def test_both_locks_pin_the_same_versions() -> None:
    pin = re.compile(r"^([A-Za-z0-9_.-]+==[^ \\]+)", re.MULTILINE)
    run, develop = (
        set(pin.findall((ROOT / name).read_text())) for name in ("requirements.lock", "requirements-dev.lock")
    )
    assert run
    assert run <= develop
