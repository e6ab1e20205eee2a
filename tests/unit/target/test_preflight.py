import resource
from pathlib import Path

import pytest

from harness.errors import EnvironmentLimit
from harness.target.preflight import free_disk, preflight


@pytest.fixture
def limits():
    """Puts the soft limit on open files back."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield before
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_the_soft_limit_on_open_files_is_raised_to_what_users_need(limits: tuple[int, int]) -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, limits[1]))
    preflight(users=100)
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == (612, limits[1])


def test_a_soft_limit_that_is_high_enough_stays(limits: tuple[int, int]) -> None:
    preflight(users=1)
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == limits


def test_a_hard_limit_that_is_too_low_says_how_to_raise_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (1024, 4096))
    said = "^10000 users need 10512 open files, and this process may have 4096; .*`ulimit -Hn 10512`"
    with pytest.raises(EnvironmentLimit, match=said):
        preflight(users=10_000)


def test_a_disk_with_room_is_accepted(tmp_path: Path) -> None:
    assert free_disk(tmp_path) is None


def test_a_file_system_without_room_is_named() -> None:
    with pytest.raises(EnvironmentLimit, match=r"^The disk of /proc has 0 MiB free, and a run needs 1024; "):
        free_disk(Path("/proc"))
