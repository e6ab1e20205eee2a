"""A crowd against a server that freezes: every planned request is somewhere, and late ones are late."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from harness.driver.clock import monotonic, timetable
from harness.driver.crowd import Crowd
from harness.driver.histogram import Histogram, lowest_us
from harness.driver.plan import LoadPlan, PhaseLengths
from harness.driver.recorder import Delta, Recorder
from harness.driver.scenario import load_workload

USERS = 30
WORKLOAD = '''"""People who look."""
from harness.driver import User, constant, task

class Looker(User):
    wait_time = constant(0.2)

    @task(1)
    async def look(self):
        await self.client.get("/things", route="GET /things")
'''
STUMBLING = '''"""People who stumble."""
from harness.driver import User, constant, task

class Looker(User):
    wait_time = constant(0.2)

    @task(1)
    async def look(self):
        answer = await self.client.get("/things", route="GET /things")
        answer.json()["name"]

    @task(1)
    async def think(self):
        raise LookupError("nothing to do")
'''

FAULTY = '''"""People who do what a client cannot."""
import asyncio
from harness.driver import User, constant, task

class Looker(User):
    wait_time = constant(0.2)

    @task(1)
    async def spell(self):
        await self.client.get("/things/नमस्ते", route="GET /things/{name}")

    @task(1)
    async def encode(self):
        await self.client.post("/things", route="POST /things", json={"what": object()})

    @task(1)
    async def hurry(self):
        async with asyncio.timeout(0.01):
            await self.client.get("/slow", route="GET /slow")

    @task(1)
    async def cancel(self):
        raise asyncio.CancelledError
'''


class Freezing:
    """Answers at once, but not between `frozen_from` and `frozen_to` on CLOCK_MONOTONIC."""

    def __init__(self) -> None:
        self.frozen_from = self.frozen_to = float("inf")
        self.tasks: list[asyncio.Task[None]] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.tasks.append(asyncio.current_task())
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while True:
                await reader.readuntil(b"\r\n\r\n")
                if self.frozen_from <= monotonic() < self.frozen_to:
                    await asyncio.sleep(min(self.frozen_to - monotonic(), 60))
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


@contextlib.asynccontextmanager
async def crowded(
    folder: Path, workload: str, *, drain_s: float, timeout_s: float = 5
) -> AsyncIterator[tuple[Crowd, Recorder, Freezing]]:
    file = folder / "people.py"
    file.write_text(workload)
    freezing = Freezing()
    server = await asyncio.start_server(freezing.serve, "127.0.0.1", 0)
    plan = LoadPlan(
        workload=str(file),
        users=USERS,
        phases=PhaseLengths(warm_up_s=0, ramp_s=0.6, steady_s=1, drain_s=drain_s),
        seed=3,
        timeout_s=timeout_s,
        base_urls=(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}",),
    )
    recorder = Recorder(timetable(plan.phases), monotonic())
    crowd = Crowd(plan, load_workload(plan.workload), None, recorder, 0)
    crowd.resize({"Looker": USERS})
    try:
        yield crowd, recorder, freezing
    finally:
        server.close()
        for task in freezing.tasks:
            task.cancel()
        await asyncio.gather(*freezing.tasks)


def totals(delta: Delta) -> list[int]:
    return [sum(column) for column in zip(*(counts for *_, counts in delta.counts), strict=True)]


async def test_a_server_that_freezes_to_the_end_leaves_its_requests_in_flight(tmp_path: Path) -> None:
    async with crowded(tmp_path, WORKLOAD, drain_s=0.3) as (crowd, recorder, server):
        server.frozen_from = recorder.origin + 1
        await crowd.drained()
        await crowd.end()
    delta = recorder.take()
    planned, ok, refused, failed, timed_out, in_flight, never_started = totals(delta)
    assert planned == ok + in_flight
    assert in_flight == USERS
    assert (refused, failed, timed_out, never_started) == (0, 0, 0, 0)
    ages = [
        bucket for _, outcome, _, _, counted in delta.series if outcome == "censored" for bucket in counted
    ]
    assert lowest_us(min(ages)) > 600_000


async def test_a_freeze_shows_in_full_in_latencies_although_no_user_sends_meanwhile(tmp_path: Path) -> None:
    async with crowded(tmp_path, WORKLOAD, drain_s=1) as (crowd, recorder, server):
        server.frozen_from = recorder.origin + 0.8
        server.frozen_to = recorder.origin + 1.4
        await crowd.drained()
        await crowd.end()
    delta = recorder.take()
    planned, ok, *others = totals(delta)
    assert planned == ok
    assert others == [0] * 5
    latencies = Histogram()
    for _, _, _, _, counted in delta.series:
        latencies.add(counted.items())
    assert latencies.count_over(350_000) >= USERS / 3
    assert latencies.quantile_us(1) == pytest.approx(600_000, rel=0.15)


async def test_requests_past_their_time_limit_are_counted_apart_and_at_their_age(tmp_path: Path) -> None:
    async with crowded(tmp_path, WORKLOAD, drain_s=1, timeout_s=0.3) as (crowd, recorder, server):
        server.frozen_from = recorder.origin + 1
        await crowd.drained()
        await crowd.end()
    delta = recorder.take()
    planned, ok, _, _, timed_out, in_flight, never_started = totals(delta)
    assert planned == ok + timed_out
    assert timed_out >= USERS
    assert in_flight == never_started == 0
    assert [(route, kind) for route, kind, _, _ in delta.errors] == [("GET /things", "timed out")]


async def test_a_run_that_ends_early_counts_what_was_due_and_never_began(tmp_path: Path) -> None:
    async with crowded(tmp_path, WORKLOAD, drain_s=1) as (crowd, recorder, _):
        await asyncio.sleep(0.9)
        await crowd.end()
        assert crowd.counts == {"Looker": 0}
    delta = recorder.take()
    planned, *fates = totals(delta)
    assert planned == sum(fates)
    assert fates[-1] > USERS / 2
    assert {route for route, *_ in delta.counts} == {"GET /things", "Looker.look"}


async def test_what_a_scenario_raises_is_a_failed_request_and_the_user_goes_on(tmp_path: Path) -> None:
    async with crowded(tmp_path, STUMBLING, drain_s=1) as (crowd, recorder, _):
        await crowd.drained()
        await crowd.end()
    delta = recorder.take()
    planned, _, _, failed, *_ = totals(delta)
    assert planned == failed > 2 * USERS
    kinds = {(route, kind): example for route, kind, _, example in delta.errors}
    assert set(kinds) == {("GET /things", "exception KeyError"), ("Looker.think", "exception LookupError")}
    assert "people.py:14" in kinds["Looker.think", "exception LookupError"]


async def test_whatever_a_scenario_does_wrong_every_planned_request_is_accounted_for(tmp_path: Path) -> None:
    async with crowded(tmp_path, FAULTY, drain_s=1) as (crowd, recorder, server):
        server.frozen_from = recorder.origin
        await crowd.drained()
        await crowd.end()
    delta = recorder.take()
    planned, _, _, failed, *_ = totals(delta)
    assert planned == failed > 2 * USERS
    assert {(route, kind) for route, kind, _, _ in delta.errors} == {
        ("Looker.spell", "exception UnicodeEncodeError"),
        ("Looker.encode", "exception TypeError"),
        ("GET /slow", "given up by the scenario"),
        ("Looker.cancel", "exception CancelledError"),
    }
