"""Wires between real services and real clients, put there as a run does it."""

import asyncio
import os
import signal
from contextlib import asynccontextmanager

import psycopg
import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from harness.errors import ServiceFailed
from harness.target.wiring import wire_up
from harness.wires.log import read_events
from harness.wires.model import Closed, Command, Connected, Fault, Statement


@asynccontextmanager
async def wired(open_site, tmp_path, **services):
    async with open_site() as site:
        wires, addresses, unwired = await wire_up(services, site, tmp_path)
        try:
            yield site, wires, addresses, unwired
        finally:
            for wire in wires.values():
                await wire.close()


async def until_reset(port: int) -> bytes:
    """Connect and await a byte; the reset may come before either."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        return await reader.readexactly(1)
    finally:
        writer.close()


async def test_statements_and_commands_of_a_target_are_seen(open_site, tmp_path, postgres_url, redis_url):
    services = {"postgres": postgres_url, "redis": redis_url, "model": "http://127.0.0.1:1"}
    async with wired(open_site, tmp_path, **services) as (_, wires, addresses, unwired):
        assert unwired == {}
        assert addresses["model"] == services["model"]
        async with await psycopg.AsyncConnection.connect(addresses["postgres"]) as connection:
            rows = await (await connection.execute("SELECT n FROM generate_series(1, 3) AS n")).fetchall()
        async with Redis.from_url(addresses["redis"]) as redis:
            await redis.set("seen", "1")
            found = await redis.get("seen")
        assert (len(rows), found) == (3, b"1")

        counters = await wires["postgres"].settle(0.01, 5)
        assert (counters.connections, counters.in_flight, counters.undecodable) == (1, 0, 0)
        statements = [each for each in await wires["postgres"].events() if isinstance(each, Statement)]
        assert [each.rows for each in statements if "generate_series" in each.sql] == [3]

        await wires["redis"].settle(0.01, 5)
        events = await wires["redis"].events()
        assert isinstance(events[0], Connected)
        assert isinstance(events[-1], Closed)
        commands = [(each.name, each.outcome) for each in events if isinstance(each, Command)]
        assert commands[-2:] == [("SET", "ok"), ("GET", "hit")]
        assert await wires["redis"].events(skip=len(events) - 1) == events[-1:]


async def test_a_wire_that_died_is_named_with_its_last_words(open_site, tmp_path, redis_url):
    async with wired(open_site, tmp_path, redis=redis_url) as (site, wires, _, _):
        (child,) = [each for each in site.keeper.children if each.name == "wire-redis"]
        os.kill(child.pid, signal.SIGKILL)
        await child.wait()
        with pytest.raises(ServiceFailed, match=r"wire to redis .* is gone.*wire-redis.log"):
            await wires["redis"].counters()


async def test_a_relay_that_ends_cuts_its_connections_and_leaves_a_whole_log(open_site, tmp_path, redis_url):
    async with wired(open_site, tmp_path, redis=redis_url) as (site, wires, addresses, _):
        async with Redis.from_url(addresses["redis"]) as redis:
            await redis.ping()
            (child,) = [each for each in site.keeper.children if each.name == "wire-redis"]
            assert await child.stop() == 0
        *_, last, closed = read_events(wires["redis"].log)
        assert (last.name, last.outcome) == ("PING", "ok")
        assert isinstance(closed, Closed)


async def test_a_wire_to_a_service_that_is_away_resets_and_lives_on(open_site, tmp_path):
    async with open_site() as site:
        port = site.ports.take("nobody")
        wires, addresses, _ = await wire_up({"redis": f"redis://127.0.0.1:{port}/0"}, site, tmp_path)
        target = int(addresses["redis"].rpartition(":")[2].partition("/")[0])
        for _ in range(2):
            with pytest.raises(ConnectionResetError):
                await until_reset(target)
        counters = await wires["redis"].counters()
        assert (counters.connections, counters.unconnected, counters.open) == (2, 2, 0)
        await wires["redis"].close()


async def test_a_redis_that_stalls_or_talks_nonsense_recovers_when_mended(open_site, tmp_path, redis_url):
    async with wired(open_site, tmp_path, redis=redis_url) as (_, wires, addresses, _):
        wire = wires["redis"]
        async with Redis.from_url(addresses["redis"], retry=None, single_connection_client=True) as redis:
            await redis.ping()
            async with wire.broken(Fault(kind="stall", direction="to")):
                answer = asyncio.create_task(redis.set("held", "1"))
                assert (await wire.settle(0.02, 0.2)).in_flight == 1
                assert not answer.done()
            assert await answer is True
            async with wire.broken(Fault(kind="garbage")):
                with pytest.raises((RedisError, UnicodeDecodeError)):
                    await redis.get("held")
            async with Redis.from_url(addresses["redis"]) as again:
                assert await again.get("held") == b"1"
        counters = await wire.settle(0.02, 5)
        assert (counters.in_flight, counters.undecodable, counters.open) == (0, 0, 0)


async def test_a_postgres_that_resets_and_refuses_recovers_when_mended(open_site, tmp_path, postgres_url):
    async with wired(open_site, tmp_path, postgres=postgres_url) as (_, wires, addresses, _):
        wire, address = wires["postgres"], addresses["postgres"]
        connection = await psycopg.AsyncConnection.connect(address, autocommit=True)
        async with wire.broken(Fault(kind="reset_peer")):
            with pytest.raises(psycopg.OperationalError):
                await connection.execute("SELECT 1")
        await connection.close()
        async with wire.broken(Fault(kind="refuse")):
            with pytest.raises(psycopg.OperationalError, match="refused"):
                await psycopg.AsyncConnection.connect(address)
        async with await psycopg.AsyncConnection.connect(address, autocommit=True) as connection:
            assert await (await connection.execute("SELECT 1")).fetchone() == (1,)
