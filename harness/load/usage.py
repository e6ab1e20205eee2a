"""What the processes of a run and the cores used, second by second, as Linux counts it."""

import asyncio
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Final, NamedTuple, Self

import psutil
from msgspec import Struct

from harness.load.model import HARNESS, CoreUsage, ProcessUsage, UsagePoint
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


class Member(NamedTuple):
    """A process of a family as it was at one look; `cpu_s` with the children that it has reaped."""

    process: psutil.Process
    parent: int
    cpu_s: float


class Family:
    """A process with its children, as many as there are at each look.

    The kernel adds what a child used to its parent's account when the parent reaps it, and not before:
    living members and their accounts count everything once. The harness and its keeper are looked at
    alone: their children are the other families.
    """

    def __init__(self, root: Running) -> None:
        self.root = root
        self.gone = False
        self._alone = root.role == HARNESS
        self._members: dict[int, Member] = {}
        self._ended_s = 0.0

    def look(self, children: Mapping[int, Sequence[int]]) -> float:
        """CPU seconds of all members so far, living and ended."""
        before, self._members = self._members, {}
        # Those of the last look, too: where a parent ended first, its children are the keeper's now.
        waiting = [self.root.pid, *before]
        while waiting:
            pid = waiting.pop()
            if pid in self._members:
                continue
            member = self._look_at(pid, before.get(pid))
            if member is None:
                continue
            self._members[pid] = member
            waiting += () if self._alone else children.get(pid, ())
        for pid, member in before.items():
            # One that ended is in its parent's account, unless that parent is none of ours or gone as well.
            if pid not in self._members and member.parent not in self._members:
                self._ended_s += member.cpu_s
        self.gone = self.gone or self.root.pid not in self._members
        return self._ended_s + sum(member.cpu_s for member in self._members.values())

    def _look_at(self, pid: int, known: Member | None) -> Member | None:
        """A process that runs, None for one that is gone, be its number another's by now."""
        try:
            process = known.process if known else psutil.Process(pid)
            if not process.is_running():
                return None
            times, parent = process.cpu_times(), process.ppid()
        except psutil.Error:
            return None
        reaped_s = 0.0 if self._alone else times.children_user + times.children_system
        return Member(process=process, parent=parent, cpu_s=times.user + times.system + reaped_s)

    def memory_bytes(self) -> int:
        """The proportional set size of all members: a page that n processes share counts 1/n to each."""
        return sum(_proportional_bytes(member.process) for member in self._members.values())


class UsageSampler:
    """Looks at processes and cores once a second, from `begin` to `end`, in a thread of its own.

    A look costs a few milliseconds, and must not hold up the loop that drives the run. Used as a
    context: whichever way it is left, the thread has ended.
    """

    def __init__(self, processes: Iterable[Running]) -> None:
        self._families = [Family(process) for process in processes]
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="usage", daemon=True)
        self._origin = 0.0
        self._looks: list[tuple[float, list[float]]] = []
        self._cores: list[dict[int, CoreTimes]] = []
        self._memory: list[list[int]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

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
