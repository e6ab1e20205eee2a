"""A whole load, with Locust's real master, our worker and the canary, against a server with a fixed delay."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from harness.driver.histogram import Histogram, merged
from harness.driver.plan import BLOCKS
from harness.driver.result import LoadResult
from harness.driver.session import LoadPlan, PhaseLengths, Session, start
from harness.errors import DriverFailed
from harness.target.keeper import Child, Keeper, Spawn
from harness.target.placement import Placement
from harness.target.ports import Ports

DELAY_MS = 10
USERS = 200
LENGTHS = PhaseLengths(warm_up_s=0.5, ramp_s=1.5, steady_s=4, drain_s=2)
WORKLOAD = '''"""People who look at things."""
from harness.driver import User, between, task

async def prepare(client, identities, seed):
    answer = await client.get("/ids")
    return [answer.status, seed]

class Looker(User):
    weight = 3
    wait_time = between(0.5, 1.5)

    @task(3)
    async def look(self):
        assert self.data == [200, 7]
        await self.client.get("/things/5", route="GET /things/{id}")

    @task(1)
    async def browse(self):
        await self.client.get("/things?q=a", route="GET /things?q")

class Lister(User):
    wait_time = between(0.5, 1.5)

    @task(1)
    async def browse(self):
        await self.client.get("/things", route="GET /things")
'''


class Stage:
    """A keeper, ports, and a server to be loaded."""

    def __init__(self, folder: Path, keeper: Keeper, ports: Ports) -> None:
        self.folder = folder
        self.keeper = keeper
        self.ports = ports
        self.port = ports.take("the server")

    async def serve(self) -> Child:
        command = (sys.executable, "-m", "harness.driver.canary", "--port", str(self.port))
        return await self.keeper.spawn(
            Spawn(name="server", argv=(*command, "--delay-ms", str(DELAY_MS)), log=self.folder / "server.log")
        )

    def plan(self, workload: str = WORKLOAD, **other: object) -> LoadPlan:
        file = self.folder / "people.py"
        file.write_text(workload)
        return LoadPlan(
            **{
                "workload": str(file),
                "users": USERS,
                "phases": LENGTHS,
                "seed": 7,
                "timeout_s": 2.0,
                "base_urls": (f"http://127.0.0.1:{self.port}",),
            }
            | other
        )

    @contextlib.asynccontextmanager
    async def load(self, plan: LoadPlan) -> AsyncIterator[Session]:
        async with start(
            plan, keeper=self.keeper, placement=Placement.here(), folder=self.folder, ports=self.ports
        ) as session:
            yield session


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with Keeper() as keeper:
        with Ports(tmp_path / "ports", str(tmp_path)) as ports:
            stage = Stage(tmp_path, keeper, ports)
            server = await stage.serve()
            yield stage
            await server.stop()


def quantile_ms(buckets: tuple[tuple[int, int], ...], share: float) -> float:
    return Histogram(buckets).quantile_us(share) / 1000


def assert_whole(result: LoadResult) -> None:
    """Planned equals what became of it, row by row; Locust counted the same; histograms hold the same."""
    for row in result.counts:
        fates = row.ok + row.refused + row.failed + row.timed_out + row.in_flight + row.never_started
        assert row.planned == fates, row
    answered = sum(row.planned - row.never_started for row in result.counts)
    assert result.locust_requests == answered
    assert (
        sum(count for one in result.series for block in one.blocks for _, count in block.buckets) == answered
    )


async def test_a_load_goes_through_its_phases_and_accounts_for_everything(stage: Stage) -> None:
    moments = []
    async with stage.load(stage.plan(web_ui=True)) as session, asyncio.TaskGroup() as group:

        async def follow() -> None:
            moments.extend([now async for now in session.events()])

        group.create_task(follow())
        assert {one.role for one in session.processes} == {"generator"}
        await session.phase("steady")
        async with httpx.AsyncClient() as http:
            page = (await http.get(f"{session.web_url}/stats/requests")).json()
        assert page["user_count"] == USERS
        assert page["state"] == "running"
        assert {one["name"] for one in page["stats"]} >= {"/things", "/things/{id}", "/things?q"}
        result = await session.result()

    assert_whole(result)
    steady = [row for row in result.counts if row.phase == "steady"]
    assert {row.route for row in steady} == {"GET /things", "GET /things/{id}", "GET /things?q"}
    assert all(row.ok == row.planned for row in steady)
    # 200 users who think for 1 s and wait for 10 ms make 198 requests a second.
    assert sum(row.planned for row in steady) == pytest.approx(USERS / 1.01 * LENGTHS.steady_s, rel=0.1)
    assert max(count.users for count in result.users) == USERS
    assert result.lost_workers == 0

    blocks = {block.block for one in result.series for block in one.blocks}
    steady_phase = next(phase for phase in result.phases if phase.name == "steady")
    first = round(steady_phase.start_s / result.block_s)
    assert steady_phase.start_s / result.block_s == pytest.approx(first)
    assert blocks >= set(range(first, first + BLOCKS))
    assert max(blocks) < first + BLOCKS

    latencies = merged(block.buckets for one in result.series for block in one.blocks).buckets()
    assert DELAY_MS * 0.9 < quantile_ms(latencies, 0.5) < DELAY_MS * 3
    canary = next(timing for timing in result.canary if timing.phase == "steady")
    assert Histogram(canary.buckets).total == pytest.approx(20 * LENGTHS.steady_s, abs=4)
    assert quantile_ms(canary.buckets, 0.5) < 15

    assert {"ramp", "steady"} <= {now.phase for now in moments}
    assert max(now.users for now in moments) == USERS
    assert any(now.generator_error_p95_ms > 0 for now in moments)
    assert not (stage.folder / "load-briefing.json").exists()


async def test_two_workers_give_one_result(stage: Stage) -> None:
    async with stage.load(stage.plan(workers=2)) as session:
        result = await session.result()
    assert_whole(result)
    assert max(count.users for count in result.users) == USERS
    assert sum(row.planned for row in result.counts if row.phase == "steady") > 0


async def test_a_worker_that_is_killed_breaks_the_load_and_shows_its_log(stage: Stage) -> None:
    async with stage.load(stage.plan()) as session:
        await session.phase("ramp")
        worker = next(one for one in session.processes if one.name.startswith("load-worker"))
        os.kill(worker.pid, signal.SIGKILL)
        with pytest.raises(
            DriverFailed, match=r"load-worker-0 ended with status -9(?s:.*)joined as worker 0"
        ):
            await session.result()


async def test_a_prepare_that_fails_says_why_before_anything_is_loaded(stage: Stage) -> None:
    broken = WORKLOAD.replace("return [answer.status, seed]", "raise LookupError('no such customer')")
    async with stage.load(stage.plan(broken)) as session:
        with pytest.raises(DriverFailed, match="prepare failed: LookupError: no such customer"):
            await session.phase("warm_up")


async def test_leaving_a_load_early_leaves_no_process(stage: Stage) -> None:
    async with stage.load(stage.plan()) as session:
        await session.phase("warm_up")
        pids = [one.pid for one in session.processes]
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    with pytest.raises(DriverFailed, match="left before its end"):
        await session.result()


LOSING = """
from harness.driver.locust_protocol import MasterLink

whole = MasterLink.report
reports = []

async def lossy(self, delta, users, own):
    reports.append(1)
    if len(reports) != 3:
        await whole(self, delta, users, own)

MasterLink.report = lossy
"""


async def test_a_report_that_goes_missing_ends_the_load_and_the_session_says_so(stage: Stage) -> None:
    lengths = PhaseLengths(warm_up_s=0.5, ramp_s=1, steady_s=2, drain_s=1)
    async with stage.load(stage.plan(WORKLOAD + LOSING, phases=lengths)) as session:
        with pytest.raises(
            DriverFailed, match=r"ended with status 1(?s:.*)reports did not arrive whole(?s:.*)1 are missing"
        ):
            await session.result()
    assert not (stage.folder / "load-result.json").exists()


async def test_credentials_do_not_stay_where_the_harness_is_killed(stage: Stage) -> None:
    keeper = await Keeper().__aenter__()
    context = start(
        stage.plan(), keeper=keeper, placement=Placement.here(), folder=stage.folder, ports=stage.ports
    )
    session = await context.__aenter__()
    await session.phase("warm_up")
    assert (stage.folder / "load-briefing.json").exists()
    await keeper.__aexit__()  # its input closes, as it does when the harness is killed
    assert not (stage.folder / "load-briefing.json").exists()
    await context.__aexit__(None, None, None)
