"""A process that makes load: users on uvloop, told by Locust's master how many there are to be.

Run as `python -m harness.driver.worker BRIEFING`. It prepares its workload, reports as ready, and ends
when the master says so. What it cannot do it says on standard error, and exits with 1.
"""

import argparse
import asyncio
import contextlib
import gc
import logging
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
import uvloop

from harness.driver.canary_probe import ask_canary, watch_loop
from harness.driver.client import Client, Server
from harness.driver.clock import timetable
from harness.driver.crowd import Crowd
from harness.driver.descriptors import raise_descriptors
from harness.driver.locust_protocol import MasterLink
from harness.driver.merge import Report
from harness.driver.plan import Briefing, LoadPlan, read_briefing
from harness.driver.recorder import Recorder
from harness.driver.scenario import Workload, load_workload
from harness.errors import DriverFailed, HarnessError

HEARTBEAT_S: Final = 1.0
REPORT_S: Final = 1.0
MASTER_SILENT_S: Final = 20.0
"""The master answers each heartbeat; without answers for so long it is gone."""
SPARE_DESCRIPTORS: Final = 200
PREPARE_TIMEOUT_S: Final = 30.0
"""While it prepares, nothing is timed, and a sign-in may queue behind others."""

log = logging.getLogger("harness.driver.worker")


class Worker:
    """One worker, from its briefing to its last report."""

    def __init__(self, briefing: Briefing, workload: Workload, data: object) -> None:
        self._briefing = briefing
        self._plan = briefing.plan
        self._workload = workload
        self._data = data
        self._link = MasterLink("127.0.0.1", briefing.master_port)
        self._index = 0
        self._recorder: Recorder | None = None
        self._crowd: Crowd | None = None
        self._sequence = 0
        self._closed = 0
        self._heard = time.monotonic()
        self._over = False
        self._ending = asyncio.Lock()

    async def work(self) -> None:
        """Join the master, and do what it says until it says to quit."""
        self._index = await self._link.join()
        log.info("joined as worker %d", self._index)
        # What lives now lives to the end; a collection under load would stop all users at once.
        gc.collect()
        gc.freeze()
        gc.disable()
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._beat()), group.create_task(self._report_regularly())]
                await self._obey(group, tasks)
                for task in tasks:
                    task.cancel()
        finally:
            if self._crowd is not None:
                self._crowd.close()
            self._link.close()

    async def _obey(self, group: asyncio.TaskGroup, tasks: list[asyncio.Task[None]]) -> None:
        while True:
            kind, data = await self._link.receive()
            self._heard = time.monotonic()
            if kind == "harness_run":
                if self._recorder is None:
                    tasks += self._begin(group, data["origin"])
            elif kind == "spawn":
                await self._spawn(data["user_classes_count"])
            elif kind == "stop":
                await self._end()
                await self._link.stopped()
            elif kind == "quit":
                await self._end()
                return

    def _begin(self, group: asyncio.TaskGroup, origin: float) -> list[asyncio.Task[None]]:
        recorder = self._recorder = Recorder(timetable(self._plan.phases), origin)
        crowd = self._crowd = Crowd(self._plan, self._workload, self._data, recorder, self._index)
        return [
            group.create_task(ask_canary(self._briefing, recorder)),
            group.create_task(watch_loop(recorder)),
            group.create_task(self._drain(crowd)),
        ]

    async def _spawn(self, wanted: Mapping[str, int]) -> None:
        if self._crowd is None:
            raise DriverFailed("Locust's master asked for users before it told when the run begins")
        await self._link.spawning()
        if not self._over:
            self._crowd.resize(wanted)
        await self._link.spawned(self._crowd.counts)

    async def _drain(self, crowd: Crowd) -> None:
        await crowd.drained()
        await self._end()

    async def _end(self) -> None:
        """End all users and report for the last time; a second call does nothing."""
        async with self._ending:
            if self._over or self._crowd is None:
                return
            self._over = True
            await self._crowd.end()
            await self._report(final=True)

    async def _beat(self) -> None:
        while True:
            await self._link.heartbeat()
            await asyncio.sleep(HEARTBEAT_S)
            if time.monotonic() - self._heard > MASTER_SILENT_S:
                raise DriverFailed(f"Locust's master has said nothing for {MASTER_SILENT_S:.0f} s")

    async def _report_regularly(self) -> None:
        while True:
            await asyncio.sleep(REPORT_S)
            await self._report(final=False)

    async def _report(self, *, final: bool) -> None:
        if self._recorder is None or self._crowd is None:
            return
        delta = self._recorder.take()
        self._closed += sum(sum(counts[1:]) for _, _, counts in delta.counts)
        report = Report(
            worker=self._index, sequence=self._sequence, delta=delta, closed=self._closed, final=final
        )
        self._sequence += 1
        await self._link.report(delta, self._crowd.counts, msgspec.msgpack.encode(report))


async def prepare(plan: LoadPlan, workload: Workload) -> object:
    """What the workload's `prepare` returns; None without one. Raises DriverFailed where it fails."""
    if workload.prepare is None:
        return None
    client = Client(Server(plan.base_urls[0]), PREPARE_TIMEOUT_S)
    try:
        return await workload.prepare(client, plan.identities, plan.seed)
    except Exception as error:
        raise DriverFailed(f"{plan.workload}: prepare failed: {type(error).__name__}: {error}") from error
    finally:
        client.close()


async def run(briefing: Briefing) -> None:
    """Prepare, then work."""
    workload = load_workload(briefing.plan.workload)
    data = await prepare(briefing.plan, workload)
    await Worker(briefing, workload, data).work()


def main() -> int:
    """Run a worker as a process of its own; its exit status."""
    parser = argparse.ArgumentParser(prog="harness.driver.worker", description=__doc__)
    parser.add_argument("briefing", type=Path)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    status = 0
    try:
        briefing = read_briefing(options.briefing)
        plan = briefing.plan
        raise_descriptors(plan.users // plan.workers + SPARE_DESCRIPTORS)
        uvloop.run(run(briefing))
    except* HarnessError as errors:
        for error in leaves(errors):
            log.error("%s", error)  # noqa: TRY400 - a message for its reader; it needs no traceback
        status = 1
    return status


def leaves(errors: BaseExceptionGroup[Any]) -> list[BaseException]:
    """The errors themselves, without the groups around them."""
    found: list[BaseException] = []
    for error in errors.exceptions:
        found += leaves(error) if isinstance(error, BaseExceptionGroup) else [error]
    return found


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        raise SystemExit(main())
