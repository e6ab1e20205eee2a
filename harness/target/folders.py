"""The cache folder: the only place besides out/ where the harness writes.

binaries/   Postgres copied to where an unprivileged user can execute it (as root only)
templates/  initialised clusters, by version and options
model/      the model's weights
ports/      locks on ports in use
runs/       data of services that are running; removed with their run
"""

import asyncio
import contextlib
import errno
import fcntl
import os
import pwd
import shutil
import stat
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness.errors import EnvironmentLimit, ServiceFailed, TargetFailed

LOCK_POLL_S: Final = 0.05
"""A file lock cannot be awaited, and a thread that waits for one cannot be cancelled."""


@dataclass(frozen=True, kw_only=True)
class User:
    """An unprivileged user that servers run as where the harness is root."""

    name: str
    uid: int
    gid: int


def unprivileged() -> User | None:
    """`nobody` where the harness is root, since Postgres refuses to be root; otherwise None."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError as error:
        raise EnvironmentLimit(
            "Postgres refuses to run as root, and there is no user `nobody` to run it as; "
            "create it (useradd --system nobody) or run the harness as an ordinary user"
        ) from error
    return User(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid)


def cache_root() -> Path:
    """$HARNESS_CACHE; else /var/cache/harness as root; else harness in $XDG_CACHE_HOME or ~/.cache."""
    if chosen := os.environ.get("HARNESS_CACHE"):
        return Path(chosen).absolute()
    if os.geteuid() == 0:
        return Path("/var/cache/harness")
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache").absolute() / "harness"


@dataclass(frozen=True, kw_only=True)
class RunFolder:
    """Where the services of one run keep their data; `lock` is the descriptor that holds it."""

    path: Path
    lock: int


@dataclass(frozen=True)
class Cache:
    """The cache folder and its rooms, which exist."""

    root: Path

    @classmethod
    def open(cls, root: Path | None = None) -> "Cache":
        """Make the folder where it is missing, and remove what dead runs left in it.

        Raises EnvironmentLimit where it cannot be written, or, as root, not be entered by the
        unprivileged user that runs Postgres.
        """
        cache = cls(root or cache_root())
        try:
            for room in (cache.binaries, cache.templates, cache.model, cache.ports, cache.runs):
                if not room.exists():
                    room.mkdir(parents=True, exist_ok=True)
                    open_to_all(cache.root, room)
        except OSError as error:
            raise EnvironmentLimit(
                f"The cache folder {cache.root} cannot be made: {error.strerror}; "
                "set HARNESS_CACHE to a folder that you may write"
            ) from error
        if unprivileged():
            closed = next((p for p in (cache.root, *cache.root.parents) if not enterable(p)), None)
            if closed:
                raise EnvironmentLimit(
                    f"The user that runs Postgres cannot enter {closed}, which holds the cache folder "
                    f"{cache.root}; chmod o+x it, or set HARNESS_CACHE to a folder open to all users"
                )
        cache.remove_stale_runs()
        return cache

    @property
    def binaries(self) -> Path:
        """Copied Postgres binaries."""
        return self.root / "binaries"

    @property
    def templates(self) -> Path:
        """Initialised clusters."""
        return self.root / "templates"

    @property
    def model(self) -> Path:
        """Weights of the model server."""
        return self.root / "model"

    @property
    def ports(self) -> Path:
        """Locks on ports."""
        return self.root / "ports"

    @property
    def runs(self) -> Path:
        """Data folders of running services, one folder per run."""
        return self.root / "runs"

    @contextmanager
    def run(self, name: str) -> Iterator[RunFolder]:
        """A run's data folder, locked while the run lives; who registers it with the keeper removes it.

        The keeper holds the lock too: it removes the folder after a `kill -9`, while servers still end.
        """
        folder = self.runs / name
        with self._creation():
            folder.mkdir()
            open_to_all(folder)
            lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
            fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield RunFolder(path=folder, lock=lock)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)

    def remove_stale_runs(self) -> None:
        """Remove the folders of runs whose harness is dead; a keeper may be removing them at this moment."""
        with self._creation():
            for folder in self.runs.iterdir():
                if folder.is_dir() and not locked(folder / "lock"):
                    shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def _creation(self) -> Iterator[None]:
        """Between the making of a run's folder and its lock nobody may look for stale ones."""
        lock = os.open(self.runs / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


def locked(path: Path) -> bool:
    """Whether a living process holds the lock on this file."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def open_to_all(*folders: Path) -> None:
    """Let the user that runs Postgres enter folders of ours, whatever root's umask is."""
    for folder in folders:
        folder.chmod(0o755)


def enterable(folder: Path) -> bool:
    """Whether every user may enter the folder."""
    return bool(folder.stat().st_mode & stat.S_IXOTH)


@asynccontextmanager
async def exclusive(path: Path) -> AsyncIterator[None]:
    """Hold the lock on a file, which is made; waits for whoever holds it now."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        while True:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            await asyncio.sleep(LOCK_POLL_S)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def space(*folders: Path) -> Iterator[None]:
    """Turn a full disk, met by the harness or by a process it started, into EnvironmentLimit."""
    remedy = "free some space, or set HARNESS_CACHE or --out to another disk"
    used = " or ".join(str(folder) for folder in folders)
    try:
        yield
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        raise EnvironmentLimit(f"The disk of {error.filename or used} is full; {remedy}") from error
    except (ServiceFailed, TargetFailed) as error:
        if os.strerror(errno.ENOSPC) not in str(error):
            raise
        raise EnvironmentLimit(f"The disk of {used} is full; {remedy}. {error}") from error
