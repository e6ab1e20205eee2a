"""A list route of the reference system beside pgbench, which sends Postgres the same statements.

One side is `GET /api/v1/invoices` (50 invoices a page, from no cache) with 8 connections to the service;
the other is pgbench with 8 connections to Postgres, prepared and pipelined as the service does it. Each is
alone on the first core in its turn, Postgres on the second, with the client of the HTTP side. They
alternate: compare a row with its neighbour of the same turn. The service should reach half of pgbench's
pages, so take at most twice its time. Each time of pgbench includes its start, about 1 % of it.
"""

import asyncio
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest
import uvloop
from pytest_benchmark.fixture import BenchmarkFixture

from harness.config.load import load_settings
from harness.driver.client import Client, Server
from harness.model.progress import Silent
from harness.target.launch import launch
from harness.target.services.cluster import shipped
from harness.target.target import Target
from system.db import read_statements
from system.paging import FIRST

ROOT = Path(__file__).parents[2]
CONNECTIONS = 8
PAGES_EACH = 250
LIMIT = 50
OWNER = "owner@org-001.example"


class Sides(NamedTuple):
    """Both sides; each takes CONNECTIONS × PAGES_EACH pages."""

    service: Callable[[], object]
    pgbench: Callable[[], object]


@contextmanager
def on_cores(*cores: int) -> Iterator[None]:
    """Keep this process, and what it starts, on these cores."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sides]:
    """The seeded system of harness.toml on two cores, however many the machine has."""
    folder = tmp_path_factory.mktemp("list-route")
    first, second, *_ = sorted(os.sched_getaffinity(0))
    with on_cores(first, second), asyncio.Runner() as runner:
        launched = launch(
            load_settings(ROOT / "harness.toml"),
            config_folder=ROOT,
            folder=folder,
            size=1,
            load=True,
            progress=Silent(),
        )
        target = runner.run(launched.__aenter__())
        try:
            assert (target.placement.target, target.placement.services) == ((first,), (second,))
            with on_cores(second), asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
                yield Sides(service(loop, target), pgbench(target, folder / "list.sql", first))
        finally:
            runner.run(launched.__aexit__(None, None, None))


def service(loop: asyncio.Runner, target: Target) -> Callable[[], object]:
    """Users without think time, each on a connection of its own."""
    server, headers = Server(target.instances[0]), target.identities[0].headers

    async def pages(client: Client) -> None:
        for _ in range(PAGES_EACH):
            answer = await client.get(f"/api/v1/invoices?limit={LIMIT}")
            assert answer.status == 200
            assert answer.body.count(b'"number":') == LIMIT

    async def all_pages() -> None:
        clients = [Client(server, 10.0, headers) for _ in range(CONNECTIONS)]
        await asyncio.gather(*(pages(client) for client in clients))
        for client in clients:
            client.close()

    return lambda: loop.run(all_pages())


def pgbench(target: Target, script: Path, core: int) -> Callable[[], object]:
    """What the service sends for a page, from pgbench: as the same role, for the same organization."""
    address = target.services["postgres"]
    with psycopg.connect(address) as connection:
        found = connection.execute("SELECT organization_id FROM users WHERE email = %s", (OWNER,)).fetchone()
    assert found
    sql = read_statements(ROOT / "system/invoices/invoices.sql")["list_invoices"].sql.decode()
    for name in ("organization", "cursor", "limit"):
        sql = sql.replace(f"%({name})s", f":{name}")
    # pgbench takes :MI and :SS of a time's format for variables; the joined literal is folded when planned.
    sql = sql.replace(":MI:SS", ":' || 'MI:' || 'SS")
    script.write_text(
        f"\\set limit {LIMIT}\n"
        "\\startpipeline\n"
        "SELECT set_config('app.organization_id', :organization, true);\n"
        f"{sql};\n"
        "\\endpipeline\n"
    )
    command: list[str | Path] = [
        shipped("18") / "bin" / "pgbench", "--no-vacuum", "--protocol=prepared", f"--client={CONNECTIONS}",
        f"--transactions={PAGES_EACH}", f"--define=organization={found[0]}", f"--define=cursor={FIRST}",
        f"--file={script}", address,
    ]  # fmt: skip
    env = {"PGOPTIONS": "-c role=system_app -c jit=off", "LC_ALL": "C"}

    def pages() -> None:
        with on_cores(core):
            run = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stderr
        assert f"processed: {CONNECTIONS * PAGES_EACH}/{CONNECTIONS * PAGES_EACH}" in run.stdout

    return pages


@pytest.mark.benchmark(group=f"list route, {CONNECTIONS * PAGES_EACH} pages of {LIMIT} invoices")
@pytest.mark.parametrize("side", Sides._fields)
@pytest.mark.parametrize("turn", range(3))
def test_list_route(benchmark: BenchmarkFixture, sides: Sides, turn: int, side: str) -> None:
    benchmark.pedantic(getattr(sides, side), rounds=2, warmup_rounds=int(turn == 0))
