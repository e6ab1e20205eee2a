"""Workload files: what they may be, and what is said where they are something else."""

from pathlib import Path
from random import Random

import pytest

from harness.driver.client import Client, Server
from harness.driver.scenario import load_workload
from harness.errors import ConfigurationError

KINDS = '''"""A small shop."""
from harness.driver import User, between, constant, task

class Looker(User):
    weight = 3
    wait_time = constant(2)

    @task(3)
    async def look(self): ...

    @task(1)
    async def buy(self): ...

class Keeper(Looker):
    tasks = {Looker.buy: 5}
'''


def written(folder: Path, text: str, name: str = "shop.py") -> str:
    file = folder / name
    file.write_text(text)
    return str(file)


def test_tasks_come_by_mark_and_by_table_with_their_weights(tmp_path: Path) -> None:
    kinds = load_workload(written(tmp_path, KINDS)).kinds
    assert list(kinds) == ["Looker", "Keeper"]
    assert [step.__name__ for step in kinds["Looker"].steps] == ["look", "buy"]
    assert kinds["Looker"].step_weights == (3, 4)
    assert kinds["Keeper"].step_weights == (3, 8)


def test_steps_are_chosen_by_weight_and_alike_for_the_same_seed(tmp_path: Path) -> None:
    kind = load_workload(written(tmp_path, KINDS)).kinds["Looker"]
    client = Client(Server("http://127.0.0.1:1"), 1.0)
    chosen = [kind(client, Random(5), None, None).choose().__name__ for _ in range(3)]
    user = kind(client, Random(5), None, None)
    shares = [user.choose().__name__ for _ in range(4000)]
    assert len(set(chosen)) == 1
    assert shares.count("look") / 4000 == pytest.approx(0.75, abs=0.03)


def test_a_workload_describes_itself(tmp_path: Path) -> None:
    words = load_workload(written(tmp_path, KINDS)).describe(None)
    assert words.startswith("A small shop. Closed arrivals: Looker 50%, think time constant 2 s; Keeper 50%")


def test_a_module_of_a_package_finds_its_neighbours(tmp_path: Path) -> None:
    package = tmp_path / "shop_loads"
    package.mkdir()
    written(package, "", "__init__.py")
    written(package, "PATH = '/x'", "places.py")
    file = written(package, KINDS + "\nfrom shop_loads.places import PATH\n", "day.py")
    assert set(load_workload(file).kinds) == {"Looker", "Keeper"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = 1", "no class of it is a User"),
        ("from harness.driver import User\nclass Idle(User): ...", "Idle has no task"),
        ("import nothing_of_this_name", "cannot be loaded: ModuleNotFoundError"),
        ("def", "cannot be loaded: SyntaxError"),
    ],
)
def test_a_wrong_workload_says_what_is_wrong(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        load_workload(written(tmp_path, text))


def test_a_missing_workload_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no such workload"):
        load_workload(str(tmp_path / "absent.py"))


@pytest.mark.parametrize("address", ["ftp://x", "localhost:80", ""])
def test_a_base_url_must_be_http(address: str) -> None:
    with pytest.raises(ConfigurationError, match="no http or https address"):
        Server(address)
