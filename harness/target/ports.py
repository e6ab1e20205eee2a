"""Ports of a run: found by scanning, never at random, and held so that no other run takes them."""

import fcntl
import os
import socket
import zlib
from pathlib import Path
from typing import Final, Self

import psutil

from harness.errors import EnvironmentLimit

FIRST: Final = 20_000
COUNT: Final = 10_000
"""Below 32768, where Linux begins to give out ports to outgoing connections by itself."""


class Ports:
    """The ports of one run.

    `folder` is the cache's `ports/`: a lock on a file there holds a port for as long as the run lives,
    also while nothing listens on it yet. The scan starts at a place made of the run's name, so that
    two runs that start together seldom meet at all.
    """

    def __init__(self, folder: Path, run: str) -> None:
        self._folder = folder
        self._next = zlib.crc32(run.encode()) % COUNT
        self._locks: dict[int, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def take(self, purpose: str, port: int = 0) -> int:
        """Hold a port for `purpose`: this one, or with 0 the next free one.

        Raises EnvironmentLimit where the port is taken, or none is free.
        """
        if port:
            if not self._hold(port):
                raise EnvironmentLimit(
                    f"Port {port} for {purpose} is taken{holder(port, self._folder)}; "
                    f"end that process, or set another port (0 finds a free one) in harness.toml"
                )
            return port
        for _ in range(COUNT):
            candidate = FIRST + self._next
            self._next = (self._next + 1) % COUNT
            if self._hold(candidate):
                return candidate
        raise EnvironmentLimit(
            f"No port from {FIRST} to {FIRST + COUNT - 1} is free for {purpose}; end what holds them"
        )

    def close(self) -> None:
        """Let go of all ports."""
        for lock in self._locks.values():
            os.close(lock)
        self._locks.clear()

    def _hold(self, port: int) -> bool:
        if port in self._locks:
            return False
        self._folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(self._folder / str(port), os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return False
        if not bindable(port):
            os.close(lock)
            return False
        os.ftruncate(lock, 0)
        os.write(lock, str(os.getpid()).encode())
        self._locks[port] = lock
        return True


def bindable(port: int) -> bool:
    """Whether nothing listens on the port on any address of this machine's loopback."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def holder(port: int, folder: Path) -> str:
    """` by NAME (pid N)` where it can be found out, else nothing."""
    try:
        for connection in psutil.net_connections("tcp"):
            if connection.laddr and connection.laddr.port == port and connection.status == psutil.CONN_LISTEN:
                if connection.pid is None:
                    return " by a process of another user"
                return f" by {psutil.Process(connection.pid).name()} (pid {connection.pid})"
    except psutil.Error:
        return ""
    try:
        return f" by another run (pid {int((folder / str(port)).read_text())})"
    except (OSError, ValueError):
        return ""
