"""However the harness goes, nothing of a run is left five seconds later."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from harness.target.folders import enterable

PROGRAM = Path(__file__).with_name("harness_process.py")
LIMIT_S = 5.0


def started(folder: Path, cache: Path, what: str, *before: str) -> tuple[subprocess.Popen[bytes], list[int]]:
    """A harness with services, and the pids of everything it started."""
    command = [*before, sys.executable, str(PROGRAM), str(folder), what]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"HARNESS_CACHE": str(cache)},
        start_new_session=True,
    )
    assert process.stdout
    line = process.stdout.readline()
    if not line:
        pytest.fail(process.communicate()[1].decode())
    return process, json.loads(line)["pids"]


def left_after(pids: list[int], cache: Path, since: float) -> tuple[list[int], list[Path], float]:
    """What is left at the limit, or when nothing is; and how long that took."""
    while True:
        living = [pid for pid in pids if psutil.pid_exists(pid)]
        folders = [path for path in (cache / "runs").iterdir() if path.is_dir()]
        passed = time.monotonic() - since
        if (not living and not folders) or passed > LIMIT_S:
            return living, folders, passed
        # Processes of another parent cannot be awaited.
        time.sleep(0.05)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that the unprivileged user can enter, unlike those in pytest's own."""
    with tempfile.TemporaryDirectory(prefix="harness-test-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@pytest.fixture(scope="module")
def cache() -> Iterator[Path]:
    """A cache folder of its own, so that other runs' folders do not count."""
    with tempfile.TemporaryDirectory(prefix="harness-test-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@pytest.mark.parametrize(
    ("what", "number"),
    [
        ("wait", signal.SIGINT),
        ("wait", signal.SIGTERM),
        ("wait", signal.SIGKILL),
        ("stubborn", signal.SIGTERM),
        ("stubborn", signal.SIGKILL),
        ("exception", None),
        ("end", None),
    ],
)
def test_nothing_is_left_within_five_seconds(
    what: str, number: signal.Signals | None, tmp_path: Path, cache: Path
) -> None:
    process, pids = started(tmp_path, cache, what)
    since = time.monotonic()
    if number is not None:
        # To the whole group, as a terminal does.
        os.killpg(process.pid, number)
    living, folders, passed_s = left_after(pids, cache, since)
    errors = process.communicate(timeout=LIMIT_S)[1].decode()
    assert len(pids) >= 8
    assert living == []
    assert folders == []
    assert passed_s < LIMIT_S
    assert ("ValueError: exception" in errors) == (what == "exception")


def test_a_killed_keeper_takes_everything_along(tmp_path: Path, cache: Path) -> None:
    process, pids = started(tmp_path, cache, "wait")
    children = psutil.Process(pids[0]).children()
    os.kill(pids[0], signal.SIGKILL)
    assert psutil.wait_procs(children, timeout=LIMIT_S)[1] == []
    process.terminate()
    process.communicate(timeout=LIMIT_S)
    assert left_after(pids, cache, time.monotonic())[:2] == ([], [])


def test_it_works_as_an_ordinary_user_too(open_folder: Path) -> None:
    user, before = os.geteuid(), ()
    if user == 0:
        # initdb looks by access(2) whether it may execute postgres, which no capability changes.
        closed = [str(path) for path in PROGRAM.parents if not enterable(path)]
        if closed:
            pytest.skip(f"another user cannot enter {closed[-1]}: Postgres's binaries lie below it")
        user = 65534
        os.chown(open_folder, user, user)
        become = ("setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups")
        # The capability stands for an environment that this user may read, wherever the test's own lies.
        before = (*become, "--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search")
    cache = open_folder / "cache"
    process, pids = started(open_folder, cache, "wait", *before)
    owners = {psutil.Process(pid).uids().real for pid in pids}
    since = time.monotonic()
    process.kill()
    living, folders, _ = left_after(pids, cache, since)
    process.communicate()
    assert owners == {user}
    assert (living, folders) == ([], [])
    assert list((cache / "binaries").iterdir()) == []
