"""The locustfile of every load: Locust's master conducts our workers through the phases.

Locust loads it by its path (`locust -f conductor.py --master`); the briefing is named by the environment.
The master decides when the run begins, tells the workers and the session, sends users by phase, merges
what workers report, and writes the result. Locust's own page, charts and CSV files stay as they are.
Locust has patched the standard library here: threads, events and sleeps are gevent's.
"""

import logging
import os
import socket
import threading
import time
from pathlib import Path
from typing import Any, Final

import msgspec
from locust import LoadTestShape, events
from locust.env import Environment
from locust.runners import STATE_MISSING, MasterRunner

from harness.driver.clock import timetable
from harness.driver.events import Hello, Now, Origin, line
from harness.driver.merge import Merge, Report
from harness.driver.plan import read_briefing
from harness.driver.result import UserCount
from harness.driver.scenario import load_workload
from harness.errors import DriverFailed

LEAD_S: Final = 0.5
"""From the word that the run begins to its origin, so that every worker has it before."""
WARM_SHARE: Final = 0.1
REPORTS_S: Final = 10.0
"""After the drain's end, the last reports are waited for so long."""
TELL_S: Final = 1.0
SETTLE_S: Final = 1.0

log = logging.getLogger("harness.driver.conductor")

BRIEFING: Final = read_briefing(Path(os.environ["HARNESS_LOAD_BRIEFING"]))
PLAN: Final = BRIEFING.plan
WORKLOAD: Final = load_workload(PLAN.workload)
TABLE: Final = timetable(PLAN.phases)
globals().update(WORKLOAD.kinds)  # Locust finds the kinds of users in this module


class Conductor:
    """The run as the master sees it. `origin` is on CLOCK_MONOTONIC, 0 before the run."""

    def __init__(self, runner: MasterRunner) -> None:
        self.runner = runner
        self.merge = Merge(PLAN, TABLE)
        self.origin = 0.0
        self.lost = 0
        self.ended = threading.Event()
        self.written = False
        self.problem = ""
        self._session = socket.create_connection(("127.0.0.1", BRIEFING.events_port))
        self._session.sendall(line(Hello(token=BRIEFING.token)))

    @property
    def at_s(self) -> float:
        """Seconds since the origin; negative before it."""
        return time.monotonic() - self.origin if self.origin else -1.0

    def begin(self) -> None:
        """Say that the run begins."""
        self.origin = time.monotonic() + LEAD_S
        self.runner.send_message("harness_run", {"origin": self.origin})
        self._session.sendall(line(Origin(origin=self.origin, phases=TABLE.phases())))

    def take(self, client_id: str, data: dict[str, Any]) -> None:
        """Take a worker's report; Locust has already taken its own part of it."""
        del client_id
        if "harness" in data:
            self.merge.add(msgspec.msgpack.decode(data["harness"], type=Report), self.at_s)
            if len(self.merge.finals) >= PLAN.workers:
                self.ended.set()

    def tell(self) -> None:
        """Tell the session every second where the load is, and notice workers that are lost."""
        while True:
            users = self.runner.user_count
            at_s = self.at_s
            if at_s >= 0 and not self.ended.is_set():
                self.merge.users.append(UserCount(at_s=at_s, users=users))
                here = [node for node in self.runner.clients.values() if node.state != STATE_MISSING]
                self.lost = max(self.lost, PLAN.workers - len(here))
            self._session.sendall(line(Now(now=self.merge.now(at_s, users))))
            time.sleep(TELL_S)

    def write(self) -> None:
        """Write the result, whole or not at all; a worker whose last report is missing is lost.

        Where it cannot, `problem` says why: what is raised here would end only the greenlet that tells
        Locust to end, and leave the master running.
        """
        if self.written or not self.origin:
            return
        try:
            self._write()
        except (OSError, DriverFailed) as error:
            self.problem = f"There is no result of this load: {error}"

    def _write(self) -> None:
        lost = max(self.lost, PLAN.workers - len(self.merge.finals))
        if not lost and (gap := self.merge.gap()):
            raise DriverFailed(
                f"the workers' reports did not arrive whole, so that its counts cannot be trusted: {gap}. "
                "Run it again; should it happen again, look into the workers' logs beside this one"
            )
        result = self.merge.result(
            origin=self.origin,
            lost_workers=lost,
            locust_requests=self.runner.stats.total.num_requests,
            workload=WORKLOAD.describe(PLAN.think_s),
        )
        file = Path(BRIEFING.result)
        part = file.with_suffix(".part")
        part.write_bytes(msgspec.json.encode(result))
        part.replace(file)
        self.written = True


class Phases(LoadTestShape):
    """How many users there are to be: a tenth to warm up, then all, early enough to have begun.

    `tick` answers the same for a whole phase, since Locust starts anew at each other answer; between
    phases it waits, which holds up nothing but itself.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._stage = 0

    def tick(self) -> tuple[int, float] | None:
        """The users of the phase that begins now, and how many to start in a second; None at the end."""
        conductor = CONDUCTORS[0]
        if self._stage == 0:
            conductor.begin()
            self._stage = 1
            if TABLE.ramp_s > 0:
                users = max(1, round(PLAN.users * WARM_SHARE))
                return users, float(users)
        if self._stage == 1:
            time.sleep(max(0.0, TABLE.ramp_s - conductor.at_s))
            self._stage = 2
            return PLAN.users, self._rate()
        left_s = TABLE.end_s - conductor.at_s + REPORTS_S
        conductor.ended.wait(timeout=max(left_s, 0.0))
        conductor.write()
        return None

    @staticmethod
    def _rate() -> float:
        """Users per second, so that the last one has a whole think interval left before steady."""
        total = sum(kind.weight for kind in WORKLOAD.kinds.values())
        think_s = PLAN.think_s or sum(
            kind.wait_time.mean_s * kind.weight / total for kind in WORKLOAD.kinds.values()
        )
        window_s = TABLE.steady_s - CONDUCTORS[0].at_s - think_s - SETTLE_S
        return max(1.0, PLAN.users / window_s if window_s > 1 else float(PLAN.users))


CONDUCTORS: Final[list[Conductor]] = []
"""The one conductor of this process, once Locust has its runner."""


@events.init.add_listener  # type: ignore[untyped-decorator, no-untyped-call, unused-ignore]
def on_init(environment: Environment, **_: Any) -> None:
    """Begin to listen to the workers."""
    if not isinstance(environment.runner, MasterRunner):
        raise TypeError("the conductor runs under locust --master")
    conductor = Conductor(environment.runner)
    CONDUCTORS.append(conductor)
    environment.events.worker_report.add_listener(conductor.take)  # type: ignore[no-untyped-call]
    environment.events.quitting.add_listener(on_quitting)  # type: ignore[no-untyped-call]
    environment.events.quit.add_listener(on_quit)  # type: ignore[no-untyped-call]
    threading.Thread(target=conductor.tell, daemon=True).start()


def on_quitting(environment: Environment, **_: Any) -> None:
    """Our verdict is not Locust's: its exit code says only whether there is a result."""
    environment.process_exit_code = 0 if CONDUCTORS and CONDUCTORS[0].written else 1


def on_quit(**_: Any) -> None:
    """Say last, after all of Locust's tables, why there is no result: the session shows a log's end."""
    if CONDUCTORS and CONDUCTORS[0].problem:
        log.error("%s", CONDUCTORS[0].problem)
