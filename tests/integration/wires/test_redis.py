"""What a wire counts is what Redis itself counts, for every way in which clients talk to it."""

import asyncio
from collections import Counter
from contextlib import suppress

import pytest
import redis as blocking
from redis.asyncio import Redis

from harness.target.wiring import wire_up
from harness.wires.model import Command, Undecodable

SETUP = {"HELLO", "CLIENT", "SELECT", "CONFIG", "INFO"}
"""What clients send by themselves when they connect, and what this test asks beside the wire."""


@pytest.fixture
async def wired(open_site, tmp_path, redis_url):
    """A wire to an empty Redis with its statistics at nothing."""
    async with open_site() as site, Redis.from_url(redis_url) as direct:
        await direct.flushall()
        await direct.config_resetstat()
        wires, addresses, _ = await wire_up({"redis": redis_url}, site, tmp_path)
        yield wires["redis"], addresses["redis"], direct
        await wires["redis"].close()


async def check(wire, direct) -> list[Command]:
    """Commands, hits and misses of the wire equal those of the server; the commands."""
    await wire.settle(0.02, 5)
    events = await wire.events()
    assert not [each for each in events if isinstance(each, Undecodable)]
    commands = [each for each in events if isinstance(each, Command) and each.outcome != "push"]
    stats = await direct.info("commandstats")
    there = {
        name.removeprefix("cmdstat_").upper(): each["calls"]
        for name, each in stats.items()
        if "|" not in name
    }
    ran = Counter(each.name for each in commands if each.name not in SETUP)
    assert ran == Counter({name: calls for name, calls in there.items() if name not in SETUP})
    counted = await direct.info("stats")
    told = Counter()
    for each in commands:
        told[each.outcome] += max(1, len(each.keys)) if each.name == "MGET" else 1
    assert (told["hit"], told["miss"]) == (counted["keyspace_hits"], counted["keyspace_misses"])
    return commands


@pytest.mark.parametrize("protocol", [2, 3])
async def test_asyncio_client(wired, protocol):
    wire, address, direct = wired
    async with Redis.from_url(address, protocol=protocol) as client:
        await client.mset({"a": "1", "b": "2"})
        await client.hset("h", mapping={"x": "1"})
        assert await client.get("a") == b"1"
        assert await client.get("no") is None
        assert await client.mget("a", "b") == [b"1", b"2"]
        assert await client.hgetall("h") == {b"x": b"1"}
        assert await client.hgetall("none") == {}
        assert await client.exists("a") == 1
        async with client.pipeline(transaction=False) as pipe:
            for number in range(50):
                pipe.set(f"k{number}", "v" * number).get(f"k{number}").get(f"gone{number}")
            assert len(await pipe.execute()) == 150
        async with client.pipeline(transaction=True) as pipe:
            assert await pipe.incr("n").get("n").get("missing").execute() == [1, b"1", None]
        assert await client.get("k49") == b"v" * 49
    commands = await check(wire, direct)
    inside = [each.name for each in commands if each.transaction]
    assert inside == ["INCRBY", "GET", "GET"]  # as the client sends incr()


async def test_blocking_client_with_a_script_a_large_value_and_an_error(wired):
    wire, address, direct = wired

    def talk() -> None:
        with blocking.Redis.from_url(address) as client:
            client.set("large", b"\r\n" * (1 << 20))
            assert len(client.get("large")) == 2 << 20
            script = client.register_script("return ARGV[1]")
            assert script(keys=["a", "b"], args=["x"]) == b"x"
            client.rpush("queue", "job")
            assert client.blpop(["queue"], timeout=1) == (b"queue", b"job")
            with suppress(blocking.ResponseError):
                client.incr("large")

    await asyncio.to_thread(talk)
    await wire.settle(0.02, 5)
    commands = {each.name: each for each in await wire.events() if isinstance(each, Command)}
    assert commands["EVALSHA"].keys == ("a", "b")
    assert commands["GET"].size_bytes > 2 << 20
    assert (commands["BLPOP"].keys, commands["BLPOP"].outcome) == (("queue",), "ok")
    assert commands["INCRBY"].outcome == "error"
    assert (await wire.counters()).undecodable == 0
    assert "cmdstat_blpop" in await direct.info("commandstats")


async def test_a_watch_that_lost_runs_nothing(wired):
    wire, address, direct = wired
    async with Redis.from_url(address) as client, client.pipeline() as pipe:
        await pipe.watch("w")
        await direct.set("w", "theirs")
        pipe.multi()
        pipe.set("w", "ours")
        with pytest.raises(blocking.WatchError):
            await pipe.execute()
    await wire.settle(0.02, 5)
    told = [(each.name, each.outcome) for each in await wire.events() if isinstance(each, Command)]
    ran = [each for each in told if each[0] not in SETUP]
    assert ran[:4] == [("WATCH", "ok"), ("MULTI", "ok"), ("SET", "error"), ("EXEC", "error")]


@pytest.mark.parametrize("protocol", [2, 3])
async def test_a_subscriber_gets_pushes(wired, protocol):
    wire, address, _ = wired
    async with Redis.from_url(address, protocol=protocol) as client, client.pubsub() as channel:
        await channel.subscribe("news")
        assert (await channel.get_message(timeout=5))["type"] == "subscribe"
        await client.publish("news", "hello")
        assert (await channel.get_message(timeout=5))["data"] == b"hello"
        counters = await wire.settle(0.02, 5)
        assert (counters.in_flight, counters.undecodable) == (0, 0)
        told = [(each.name, each.outcome) for each in await wire.events() if isinstance(each, Command)]
    assert ("message", "push") in told
    assert told.count(("SUBSCRIBE", "ok")) == 1


async def test_a_hundred_connections_at_once_are_told_apart(wired):
    wire, address, direct = wired

    async def talk(number: int) -> None:
        async with Redis.from_url(address, single_connection_client=True) as client:
            for step in range(20):
                await client.set(f"{number}:{step}", step)
                assert await client.get(f"{number}:{step}") == str(step).encode()

    await asyncio.gather(*(talk(number) for number in range(100)))
    commands = await check(wire, direct)
    gets = [each for each in commands if each.name == "GET"]
    assert len(gets) == 2000
    owners = {(each.connection, each.keys[0].partition(":")[0]) for each in gets}
    assert len(owners) == 100
