"""The harness's side of the keeper: start, await and stop processes that never outlive the run by 5 s."""

import asyncio
import contextlib
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Final, Self

import msgspec

from harness.errors import EnvironmentLimit, ServiceFailed

SCRIPT: Final = Path(__file__).with_name("keeper_process.py")
SPAWN_S: Final = 30.0
"""Exec is a matter of milliseconds; more than this means that the keeper is stuck."""
MACHINE_ERRNOS: Final = frozenset({11, 12, 23, 24, 28})
"""EAGAIN, ENOMEM, ENFILE, EMFILE, ENOSPC: the machine refuses, not the command."""


@dataclass(frozen=True, kw_only=True)
class Spawn:
    """A process to start.

    `env` is its whole environment, None for the harness's own; standard output and standard error are
    appended to `log`; `cores` are processor numbers, empty for the harness's own; `nice` is added to
    the harness's niceness; `uid` and `gid` only as root. It is asked to stop by `stop_signal`, and
    killed with its group `grace_s` later: by default so early that generator, target and services,
    one after the other, are gone within the 5 s that a run may take to end.
    """

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] | None = None
    cwd: Path = field(default_factory=Path.cwd)
    log: Path
    cores: tuple[int, ...] = ()
    nice: int = 0
    uid: int | None = None
    gid: int | None = None
    stop_signal: str = "SIGTERM"
    grace_s: float = 1.5


class Child:
    """A process of the keeper's. `returncode` is None while it runs, -N after signal N."""

    def __init__(self, keeper: "Keeper", spawn: Spawn, pid: int) -> None:
        self.name = spawn.name
        self.log = spawn.log
        self.pid = pid
        self.spawn = spawn
        self.returncode: int | None = None
        self._keeper = keeper
        self._exited = asyncio.Event()

    async def wait(self) -> int:
        """Its exit status, once it has ended."""
        await self._exited.wait()
        assert self.returncode is not None  # noqa: S101 - set before the event, for the type checker
        return self.returncode

    async def stop(self) -> int:
        """Ask it to stop, kill it with its group after `grace_s`; its exit status. Harmless when ended."""
        if self.returncode is None:
            self._keeper.order(do="stop", pid=self.pid, grace_s=self.spawn.grace_s)
        return await self.wait()

    def ended(self, returncode: int) -> None:
        """Take note of its end; for the keeper."""
        self.returncode = returncode
        self._exited.set()


class Keeper:
    """A context in which processes are started; whatever way it is left, none of them stays.

    Leaving it stops all of them, removes the paths of `remove_at_end`, and returns when that is done;
    when the harness is killed, the keeper does the same alone. `holds` are descriptors of locked files:
    the keeper keeps them open, so that they stay locked until the last process has ended.
    """

    def __init__(self, holds: tuple[int, ...] = ()) -> None:
        self._holds = holds
        self._process: Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._children: dict[int, Child] = {}
        self._waiting: dict[int, tuple[Spawn, asyncio.Future[Child]]] = {}
        self._ids = count(1)

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",  # no site packages, no user folder: only the standard library is needed
            "-S",
            str(SCRIPT),
            *(str(descriptor) for descriptor in self._holds),
            pass_fds=self._holds,
            stdin=PIPE,
            stdout=PIPE,
            start_new_session=True,  # Ctrl-C goes to the terminal's group; the keeper must outlive it
        )
        self._reader = asyncio.create_task(self._read(), name="keeper events")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._process is None or self._process.stdin is None or self._reader is None:
            return
        self._process.stdin.close()
        # A second Ctrl-C ends only this waiting: the keeper's work needs nobody any more.
        await asyncio.shield(self._reader)
        await asyncio.shield(self._process.wait())

    @property
    def children(self) -> tuple[Child, ...]:
        """The processes that run, in the order of their start."""
        return tuple(self._children.values())

    @property
    def pid(self) -> int:
        """The keeper's own pid."""
        if self._process is None:
            raise ServiceFailed("The keeper is not running; use it as an async context")
        return self._process.pid

    def order(self, **order: Any) -> None:
        """Send one order; for this module. Raises ServiceFailed where the keeper has died."""
        if self._process is None or self._process.stdin is None or self._reader is None:
            raise ServiceFailed("The keeper is not running; use it as an async context")
        if self._reader.done() or self._process.stdin.is_closing():
            raise ServiceFailed("The keeper has ended, and its processes with it; start the run again")
        self._process.stdin.write(msgspec.json.encode(order) + b"\n")

    async def spawn(self, spawn: Spawn) -> Child:
        """Start a process; returns once it is executing.

        Raises ServiceFailed where the command cannot be executed, EnvironmentLimit where the machine
        has no room for it (processes, memory, descriptors, disk).
        """
        number = next(self._ids)
        future: asyncio.Future[Child] = asyncio.get_running_loop().create_future()
        self._waiting[number] = (spawn, future)
        try:
            self.order(
                do="spawn",
                id=number,
                argv=spawn.argv,
                env=dict(os.environ if spawn.env is None else spawn.env),
                cwd=str(spawn.cwd),
                log=str(spawn.log.absolute()),
                cores=spawn.cores,
                nice=spawn.nice,
                uid=spawn.uid,
                gid=spawn.gid,
                signal=int(signal.Signals[spawn.stop_signal]),
            )
            return await asyncio.wait_for(future, SPAWN_S)
        except TimeoutError as error:
            raise ServiceFailed(f"The keeper did not start {spawn.name} within {SPAWN_S:.0f} s") from error
        finally:
            self._waiting.pop(number, None)

    def remove_at_end(self, path: Path) -> None:
        """Have a file or folder removed after all processes have ended, even if the harness is killed."""
        self.order(do="remove", path=str(path.absolute()))

    async def _read(self) -> None:
        """Take the keeper's events until it ends."""
        if self._process is None or self._process.stdout is None:
            return
        try:
            async for line in self._process.stdout:
                self._take(msgspec.json.decode(line))
        finally:
            # A second Ctrl-C cancels even this task: the keeper is told to end everything, and whoever
            # awaits a child must not wait for an event that nobody reads any more.
            if self._process.stdin is not None:
                self._process.stdin.close()
            for child in self._children.values():
                child.ended(-signal.SIGKILL)
            self._children.clear()
            for spawn, future in self._waiting.values():
                if not future.done():
                    future.set_exception(ServiceFailed(f"The keeper died before it started {spawn.name}"))

    def _take(self, event: dict[str, Any]) -> None:
        if event["event"] == "exited":
            child = self._children.pop(event["pid"], None)
            if child is not None:
                child.ended(event["returncode"])
            return
        # The answer is made into a child here, in order, since its end may be the very next line.
        spawn, future = self._waiting.get(event["id"], (None, None))
        if spawn is None or future is None:
            return
        if event["event"] == "started":
            child = Child(self, spawn, event["pid"])
            self._children[child.pid] = child
            with contextlib.suppress(asyncio.InvalidStateError):
                future.set_result(child)
        elif not future.done():
            message = f"{spawn.name} did not start: {event['reason']}"
            kind = EnvironmentLimit if event["errno"] in MACHINE_ERRNOS else ServiceFailed
            future.set_exception(kind(message))
