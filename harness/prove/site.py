"""Where a mutant is planted from outside: the running processes, and the phases of the load."""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from harness.errors import ConfigurationError
from harness.model.progress import LoadNow, Progress
from harness.target.target import Target


class Site:
    """What `outside(site)` of a mutant may use; only processes of this run are within its reach."""

    def __init__(self, target: Target, phases: "Phases") -> None:
        self._target = target
        self._phases = phases

    async def phase(self, name: str) -> None:
        """Wait until a phase of the load has begun."""
        await self._phases.begun[name].wait()

    def pids(self, name: str) -> tuple[int, ...]:
        """The processes whose name begins so (`target`, `load-worker`, …), with all their children.

        Raises ConfigurationError where there is none: a fault that breaks nothing proves nothing.
        """
        children = self._target.keeper.children
        roots = [child.pid for child in children if child.name.startswith(name)]
        if not roots:
            known = ", ".join(sorted(child.name for child in children))
            message = f"the mutant's process `{name}` does not run; running: {known}"
            raise ConfigurationError(message)
        return tuple(pid for root in roots for pid in _family(root))

    @contextmanager
    def stopped(self, name: str) -> Iterator[None]:
        """Hold these processes still with SIGSTOP while the block runs."""
        pids = self.pids(name)
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)


class Phases(Progress):
    """A watcher that knows which phases have begun, and passes everything on."""

    def __init__(self, onward: Progress) -> None:
        self._onward = onward
        self.begun = {name: asyncio.Event() for name in ("warm_up", "ramp", "steady", "drain")}

    def stage(self, text: str) -> None:
        """Pass it on."""
        self._onward.stage(text)

    def load(self, now: LoadNow) -> None:
        """Note the phase, and pass it on."""
        if now.phase in self.begun:
            self.begun[now.phase].set()
        self._onward.load(now)


def _family(pid: int) -> list[int]:
    """A process and all its descendants; empty where it is gone."""
    try:
        process = psutil.Process(pid)
        return [pid, *(child.pid for child in process.children(recursive=True))]
    except psutil.NoSuchProcess:
        return []
