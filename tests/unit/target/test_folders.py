import asyncio
import errno
import os
import stat
from pathlib import Path

import pytest

from harness.errors import EnvironmentLimit, ServiceFailed
from harness.target.folders import Cache, cache_root, exclusive, locked, space


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cache:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    return Cache.open(tmp_path / "cache")


def test_harness_cache_names_the_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARNESS_CACHE", "/somewhere")
    assert cache_root() == Path("/somewhere")


@pytest.mark.parametrize(
    ("user", "xdg", "root"),
    [(0, "/x", "/var/cache/harness"), (1000, "/x", "/x/harness"), (1000, "", "/home/ann/.cache/harness")],
)
def test_the_folder_depends_on_the_user(user, xdg, root, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HARNESS_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", xdg)
    monkeypatch.setenv("HOME", "/home/ann")
    monkeypatch.setattr(os, "geteuid", lambda: user)
    assert cache_root() == Path(root)


def test_a_run_has_a_locked_folder_that_goes_with_it(cache: Cache) -> None:
    with cache.run("one") as held:
        folder = held.path
        assert locked(folder / "lock")
        cache.remove_stale_runs()
        assert folder.exists()
    assert not folder.exists()


def test_the_folder_of_a_dead_run_is_removed_at_the_next_start(cache: Cache) -> None:
    dead = cache.runs / "dead"
    (dead / "postgres").mkdir(parents=True)
    (dead / "lock").touch()
    Cache.open(cache.root)
    assert not dead.exists()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EnvironmentLimit, match=r"cannot be made: Not a directory; set HARNESS_CACHE"):
        Cache.open(tmp_path / "file" / "cache")


def test_root_is_told_of_a_folder_that_the_unprivileged_user_cannot_enter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    tmp_path.chmod(stat.S_IRWXU)
    with pytest.raises(EnvironmentLimit, match=f"cannot enter {tmp_path}, which holds the cache folder"):
        Cache.open(tmp_path / "cache")


async def test_a_lock_lets_one_in_after_the_other(tmp_path: Path) -> None:
    order: list[str] = []
    inside = asyncio.Event()

    async def enter(name: str) -> None:
        async with exclusive(tmp_path / "lock"):
            order.append(f"{name} in")
            inside.set()
            await asyncio.sleep(0)
            order.append(f"{name} out")

    first = asyncio.create_task(enter("a"))
    await inside.wait()
    await asyncio.gather(first, enter("b"))
    assert order == ["a in", "a out", "b in", "b out"]


@pytest.mark.parametrize(
    "error",
    [OSError(errno.ENOSPC, "full", "/data/file"), ServiceFailed("log:\n    No space left on device")],
)
def test_a_full_disk_is_an_environment_limit(error: Exception) -> None:
    with (
        pytest.raises(EnvironmentLimit, match="is full; free some space, or set HARNESS_CACHE or --out"),
        space(),
    ):
        raise error


@pytest.mark.parametrize("error", [OSError(errno.EACCES, "denied"), ServiceFailed("log:\n    died")])
def test_other_failures_stay_what_they_are(error: Exception) -> None:
    with pytest.raises(type(error), match=r"denied|died") as caught, space():
        raise error
    assert caught.value is error


def test_a_strict_umask_does_not_close_the_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    before = os.umask(0o077)
    try:
        cache = Cache.open(tmp_path / "cache")
        with cache.run("one") as held:
            folder = held.path
            assert all(each.stat().st_mode & stat.S_IXOTH for each in (cache.root, cache.binaries, folder))
    finally:
        os.umask(before)
