"""All users of a worker: each a coroutine that thinks, acts, and keeps to the run's clock."""

import asyncio
import time
import traceback
from collections.abc import Mapping
from random import Random
from typing import Final

from harness.driver.client import Client, Server
from harness.driver.clock import Think, until
from harness.driver.plan import LoadPlan
from harness.driver.recorder import FAILED, Recorder
from harness.driver.scenario import Step, User, Workload

monotonic = time.monotonic

LEAD_S: Final = 0.25
"""First requests are due at least so long before steady, so that their answers do not fall into it."""
UNKNOWN: Final = "(steps)"


class Member:
    """One user in the crowd: when its next step is due, and whether it still waits for it."""

    __slots__ = ("due", "kind", "label", "step", "task", "think", "user", "waiting")

    def __init__(self, kind: str, user: User, think: Think, due: float) -> None:
        self.kind = kind
        self.user = user
        self.think = think
        self.due = due
        self.waiting = True
        self.step: Step = user.choose()
        self.label = f"{kind}.{self.step.__name__}"
        self.task: asyncio.Task[None] | None = None


class Crowd:
    """The users of one worker. `index` is the worker's number, and makes users' seeds differ."""

    def __init__(
        self, plan: LoadPlan, workload: Workload, data: object, recorder: Recorder, index: int
    ) -> None:
        self._plan = plan
        self._workload = workload
        self._data = data
        self._recorder = recorder
        self._index = index
        self._servers = [Server(url) for url in plan.base_urls]
        self._members: dict[str, list[Member]] = {name: [] for name in workload.kinds}
        self._spawned = 0
        self._active = 0
        self._drawn = 0
        self._begun = 0
        self._idle = asyncio.Event()
        table = recorder.timetable
        self._steady = recorder.origin + table.steady_s
        self._drain = recorder.origin + table.drain_s
        self._thinks = {
            name: kind.wait_time if plan.think_s is None else kind.wait_time.scaled(plan.think_s)
            for name, kind in workload.kinds.items()
        }

    @property
    def counts(self) -> dict[str, int]:
        """Users by kind."""
        return {name: len(members) for name, members in self._members.items()}

    def resize(self, wanted: Mapping[str, int]) -> None:
        """Have so many users of each kind: start new ones, end the youngest."""
        now = monotonic()
        for name, count in wanted.items():
            members = self._members[name]
            while len(members) < count:
                members.append(self._start(name, now))
            while len(members) > count:
                self._end(members.pop(), now)

    def _start(self, name: str, now: float) -> Member:
        number = self._spawned * self._plan.workers + self._index
        self._spawned += 1
        random = Random(f"{self._plan.seed}:{number}")  # noqa: S311 - a seeded load, no secret
        callers = self._plan.identities
        identity = random.choice(callers) if callers else None
        client = Client(
            self._servers[number % len(self._servers)],
            self._plan.timeout_s,
            identity.headers if identity else {},
            self._recorder,
        )
        user = self._workload.kinds[name](client, random, identity, self._data)
        think = self._thinks[name]
        begin = max(now, self._recorder.origin)
        # Spread over a whole think interval, so that users that start together do not stay together.
        spread_s = min(think.mean_s, max(self._steady - LEAD_S - begin, 0.0))
        member = Member(name, user, think, begin + random.random() * spread_s)
        self._drawn += 1
        self._active += 1
        self._idle.clear()
        member.task = asyncio.create_task(self._live(member))
        member.task.add_done_callback(self._leave)
        return member

    async def _live(self, member: Member) -> None:
        await until(member.due)
        user = member.user
        client = user.client
        client.expect(member.due)
        self._begin(member)
        await self._act(member, "on_start", type(user).on_start)
        if not client.expecting:  # it made requests: now it thinks, like after any step
            if not self._plan_next(member):
                return
            await until(member.due)
            self._begin(member)
        while True:
            client.expect(member.due)
            await self._act(member, member.label, member.step)
            if not self._plan_next(member):
                return
            await until(member.due)
            self._begin(member)

    def _leave(self, _: asyncio.Task[None]) -> None:
        self._active -= 1
        if self._active == 0:
            self._idle.set()

    def _begin(self, member: Member) -> None:
        member.waiting = False
        self._begun += 1

    def _plan_next(self, member: Member) -> bool:
        """Draw the next step and when it is due; False where that is after steady."""
        user = member.user
        member.due = monotonic() + member.think.draw(user.random)
        if member.due >= self._drain:
            return False
        member.step = user.choose()
        member.label = f"{member.kind}.{member.step.__name__}"
        member.waiting = True
        self._drawn += 1
        return True

    async def _act(self, member: Member, label: str, step: Step) -> None:
        """Do one step; what a scenario raises is a failed request, and the user goes on."""
        client = member.user.client
        try:
            await step(member.user)
        except (Exception, asyncio.CancelledError) as error:
            ending = member.task is not None and member.task.cancelling()
            if ending and isinstance(error, asyncio.CancelledError):
                raise
            kind = f"exception {type(error).__name__}"
            text = f"{error} ({place(error)})"
            if not client.fail(kind, text):
                ticket = self._recorder.open(label, member.due)
                self._recorder.error(label, kind, text)
                self._recorder.close(ticket, FAILED, monotonic(), "none", 0)
                client.expect(None)
        client.settle()

    def _end(self, member: Member, now: float) -> None:
        if member.waiting:
            self._recorder.never_started(member.label, member.due)
            member.waiting = False
            self._begun += 1  # accounted for: it began and ended at once
        member.user.client.abandon(now)
        if member.task is not None:
            member.task.cancel()

    async def drained(self) -> None:
        """Wait until steady is over and no user has a request in flight, or the drain is over."""
        await until(self._drain)
        left_s = self._recorder.origin + self._recorder.timetable.end_s - monotonic()
        try:
            async with asyncio.timeout(max(left_s, 0.0)):
                while self._active:
                    await self._idle.wait()
        except TimeoutError:
            return

    def close(self) -> None:
        """Close all connections, whatever they do: uvloop does not end while one is open."""
        for members in self._members.values():
            for member in members:
                member.user.client.close()

    async def end(self) -> None:
        """End all users now; what is in flight is counted at its age, what was due and not begun too."""
        now = monotonic()
        tasks = []
        for members in self._members.values():
            for member in members:
                self._end(member, now)
                if member.task is not None:
                    tasks.append(member.task)
            members.clear()
        await asyncio.gather(*tasks, return_exceptions=True)
        for _ in range(self._drawn - self._begun):
            self._recorder.open(UNKNOWN, now)  # drawn, and never seen again: the gap has to show
        self._drawn = self._begun


def place(error: BaseException) -> str:
    """File and line where a scenario raised."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "unknown place"
