"""What the processes of a run and the cores used, second by second, as Linux counts it."""

import asyncio
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import psutil
from msgspec import Struct

from harness.load.model import CoreUsage, ProcessUsage, UsagePoint
from harness.target.target import Running

INTERVAL_S: Final = 1.0


class Usage(Struct, frozen=True, kw_only=True):
    """What was used between begin and end; `vanished` names processes that were gone before the end."""

    processes: tuple[ProcessUsage, ...]
    cores: tuple[CoreUsage, ...]
    points: tuple[UsagePoint, ...]
    vanished: tuple[str, ...]


class CoreTimes(NamedTuple):
    """Seconds of one core since boot."""

    busy_s: float
    steal_s: float
    all_s: float


class Family:
    """A process with its children, as many as there are at each look."""

    def __init__(self, root: Running) -> None:
        self.root = root
        self.gone = False
        self._known: dict[int, psutil.Process] = {}
        self._cpu_s: dict[int, float] = {}
        self._members: set[int] = set()

    def look(self, children: Mapping[int, Sequence[int]]) -> float:
        """CPU seconds of all members so far. A child that ended keeps what it had at the last look."""
        self._members = set()
        waiting = [self.root.pid]
        while waiting:
            pid = waiting.pop()
            if pid not in self._members:
                self._members.add(pid)
                waiting += children.get(pid, ())
        for pid in self._members:
            self._look_at(pid)
        return sum(self._cpu_s.values())

    def _look_at(self, pid: int) -> None:
        try:
            process = self._known.get(pid) or psutil.Process(pid)
            times = process.cpu_times()
        except psutil.Error:
            self.gone = self.gone or pid == self.root.pid
            return
        self._known[pid] = process
        self._cpu_s[pid] = times.user + times.system

    def memory_bytes(self) -> int:
        """The proportional set size of all members: a page that n processes share counts 1/n to each."""
        return sum(_proportional_bytes(self._known[pid]) for pid in self._members if pid in self._known)


class UsageSampler:
    """Looks at processes and cores once a second, from `begin` to `end`, in a thread of its own.

    A look costs a few milliseconds, and must not hold up the loop that drives the run.
    """

    def __init__(self, processes: Iterable[Running]) -> None:
        self._families = [Family(process) for process in processes]
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="usage", daemon=True)
        self._origin = 0.0
        self._looks: list[tuple[float, list[float]]] = []
        self._cores: list[dict[int, CoreTimes]] = []
        self._memory: list[list[int]] = []

    def begin(self, origin: float) -> None:
        """Start looking; times are told in seconds since `origin` on CLOCK_MONOTONIC."""
        self._origin = origin
        self._thread.start()

    async def end(self) -> Usage:
        """Look once more, and say what was used since `begin`."""
        self._stop.set()
        await asyncio.to_thread(self._thread.join)
        return self._usage()

    def _watch(self) -> None:
        self._look()
        self._cores.append(_core_times())
        self._memory.append([family.memory_bytes() for family in self._families])
        while not self._stop.wait(INTERVAL_S):
            self._look()
        self._look()
        self._cores.append(_core_times())
        self._memory.append([family.memory_bytes() for family in self._families])

    def _look(self) -> None:
        children = _children()
        self._looks.append((time.monotonic(), [family.look(children) for family in self._families]))

    def _usage(self) -> Usage:
        (begin, first), (end, last) = self._looks[0], self._looks[-1]
        span_s = max(end - begin, 1e-9)
        roots = [family.root for family in self._families]
        return Usage(
            processes=tuple(
                ProcessUsage(
                    name=root.name,
                    role=root.role,
                    cores=root.cores,
                    nice=root.nice,
                    cpu_share=(last[index] - first[index]) / span_s,
                    memory_bytes=self._memory[-1][index],
                    memory_start_bytes=self._memory[0][index],
                )
                for index, root in enumerate(roots)
            ),
            cores=tuple(
                _core_usage(core, was, self._cores[-1][core])
                for core, was in self._cores[0].items()
                if core in self._cores[-1]
            ),
            points=tuple(
                UsagePoint(
                    at_s=moment - self._origin,
                    cpu_share={
                        root.name: (now[index] - before[index]) / max(moment - earlier, 1e-9)
                        for index, root in enumerate(roots)
                    },
                )
                for (earlier, before), (moment, now) in zip(self._looks, self._looks[1:], strict=False)
                if moment - earlier > INTERVAL_S / 2
            ),
            vanished=tuple(family.root.name for family in self._families if family.gone),
        )


def _core_usage(core: int, was: CoreTimes, now: CoreTimes) -> CoreUsage:
    span_s = max(now.all_s - was.all_s, 1e-9)
    return CoreUsage(
        core=core, busy=(now.busy_s - was.busy_s) / span_s, steal=(now.steal_s - was.steal_s) / span_s
    )


def _core_times() -> dict[int, CoreTimes]:
    cores = {}
    for core, times in enumerate(psutil.cpu_times(percpu=True)):
        # guest time is within user time already
        every = times.user + times.nice + times.system + times.idle + times.iowait + times.irq + times.softirq
        every += times.steal
        busy_s = every - times.idle - times.iowait - times.steal
        cores[core] = CoreTimes(busy_s=busy_s, steal_s=times.steal, all_s=every)
    return cores


def _children() -> dict[int, list[int]]:
    """The children of every process, in one pass over all of them."""
    children: dict[int, list[int]] = {}
    for process in psutil.process_iter():
        try:
            children.setdefault(process.ppid(), []).append(process.pid)
        except psutil.Error:
            continue
    return children


def _proportional_bytes(process: psutil.Process) -> int:
    """PSS; resident memory where the kernel does not show PSS; 0 for a process that is gone."""
    try:
        return int(process.memory_full_info().pss)
    except psutil.AccessDenied:
        pass
    except psutil.Error:
        return 0
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0
