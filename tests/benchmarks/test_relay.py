"""What a relay costs: the same single-row SELECTs direct, through a relay, and through one that decodes.

`make bench` prints the medians side by side; each test also prints the CPU time of the relay's process
for one statement (`-s` shows it, as does `extra_info` of the benchmark's JSON).
"""

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psutil
import psycopg
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from harness.config.settings import ServiceSettings
from harness.errors import ServiceFailed
from harness.target.folders import Cache
from harness.target.keeper import Keeper
from harness.target.ports import Ports
from harness.target.readiness import NoAnswerError, answer
from harness.target.services.postgres import EmbeddedPostgres
from harness.target.services.site import Site
from harness.target.wiring import place, rewritten
from harness.wires.wire import Wire

BATCH = 200
ROUNDS = 15
READY_S = 30


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Ports]]:
    """A Postgres on a loop of its own, and ports for relays."""
    logs = tmp_path_factory.mktemp("logs")
    name = f"bench-{os.getpid()}"
    cache = Cache.open()
    ready, outcome, loop, over = threading.Event(), [], asyncio.new_event_loop(), asyncio.Event()
    with cache.run(name) as folder, Ports(cache.ports, name) as ports:

        async def hold() -> None:
            async with Keeper(holds=(folder.lock,)) as keeper:
                keeper.remove_at_end(folder.path)
                site = Site(
                    keeper=keeper,
                    cache=cache,
                    ports=ports,
                    data=folder.path,
                    logs=logs,
                    cores=(),
                    model_nice=0,
                    load=False,
                    python=sys.executable,
                )
                try:
                    outcome.append(await EmbeddedPostgres(site, ServiceSettings(version="18")).start())
                finally:
                    ready.set()
                await over.wait()

        thread = threading.Thread(target=loop.run_until_complete, args=(hold(),))
        thread.start()
        ready.wait()
        yield outcome[0], ports
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()


async def up(wire: Wire) -> str:
    """Ask a relay whether it listens."""
    try:
        await wire.counters()
    except ServiceFailed as error:
        raise NoAnswerError(str(error)) from error
    finally:
        await wire.close()
    return wire.address


@contextmanager
def relayed(url: str, ports: Ports, log: Path | None) -> Iterator[tuple[str, psutil.Process]]:
    """A relay as a process: the address through it, and the process."""
    found = place("postgres", url)
    listen, control = ports.take("a relay"), ports.take("its control")
    command = [sys.executable, "-m", "harness.wires", "--kind", "postgres", "--listen", str(listen)]
    command += ["--upstream", f"{found['host']}:{found['port']}", "--control", str(control)]
    command += ["--log", str(log)] if log else []
    with subprocess.Popen(command) as process:
        wire = Wire("postgres", rewritten(found, listen), control, log)
        asyncio.run(answer("the relay", partial(up, wire), None, READY_S))
        yield wire.address, psutil.Process(process.pid)
        process.terminate()


def select(cursor: psycopg.Cursor) -> None:
    """One batch of single-row SELECTs by key, prepared as psycopg does by itself."""
    for number in range(BATCH):
        cursor.execute("SELECT name FROM things WHERE id = %s", (number,))
        assert cursor.fetchone() is not None


@pytest.mark.benchmark(group=f"relay, {BATCH} statements")
@pytest.mark.parametrize("way", ["direct", "relay", "decoding"])
def test_single_row_selects(
    benchmark: BenchmarkFixture, started: tuple[str, Ports], tmp_path: Path, way: str
) -> None:
    url, ports = started
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS things (id int PRIMARY KEY, name text)")
        values = "SELECT n, 'thing ' || n FROM generate_series(0, 999) AS n ON CONFLICT DO NOTHING"
        connection.execute(f"INSERT INTO things {values}")
    if way == "direct":
        measured(benchmark, url, None)
        return
    with relayed(url, ports, tmp_path / "events" if way == "decoding" else None) as (address, process):
        measured(benchmark, address, process)


def measured(benchmark: BenchmarkFixture, url: str, relay: psutil.Process | None) -> None:
    """Run the batches; p50 of one statement, and the relay's CPU for it."""
    with psycopg.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        select(cursor)
        before = relay.cpu_times() if relay else None
        benchmark.pedantic(select, args=(cursor,), rounds=ROUNDS)
        times_s = []
        for number in range(BATCH):
            begun_s = time.perf_counter()
            cursor.execute("SELECT name FROM things WHERE id = %s", (number,))
            times_s.append(time.perf_counter() - begun_s)
        benchmark.extra_info["p50_us"] = round(sorted(times_s)[BATCH // 2] * 1e6, 1)
        if relay and before:
            after = relay.cpu_times()
            spent_s = after.user - before.user + after.system - before.system
            benchmark.extra_info["cpu_us"] = round(spent_s / (BATCH * (ROUNDS + 1)) * 1e6, 1)
    sys.stdout.write(f"\n{benchmark.name}: {benchmark.extra_info}\n")
