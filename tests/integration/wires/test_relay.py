"""What a relay must never do: lose, change or hold up bytes, whatever its decoder does."""

import asyncio
import hashlib
from contextlib import asynccontextmanager, suppress

import psycopg
import pytest

from harness.target.wiring import wire_up
from harness.wires.log import LogWriter, read_events
from harness.wires.model import Closed, Command, Connected, Counters, Undecodable
from harness.wires.relay import Relay

WITHIN_S = 5.0


class Counting:
    """A decoder that counts what it is fed, and breaks where it is told to."""

    def __init__(self, connection: int, breaks_at: bytes = b"") -> None:
        self.in_flight = 0
        self._connection = connection
        self._breaks_at = breaks_at

    def to_service(self, data: bytes, at_s: float):
        if self._breaks_at and self._breaks_at in data:
            raise ValueError("a bug")
        self.in_flight += 1
        return ()

    def from_service(self, data: bytes, at_s: float):
        self.in_flight = 0
        return (Connected(connection=self._connection, at_s=at_s),)

    def closed(self, at_s: float):
        return (Closed(connection=self._connection, at_s=at_s),)


@asynccontextmanager
async def relayed(service, tmp_path, breaks_at: bytes = b""):
    """A relay in this process before a service that is a coroutine; the relay and its port."""
    tasks = []

    def serve(reader, writer):
        tasks.append(asyncio.create_task(service(reader, writer)))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    relay = Relay(
        listen=("127.0.0.1", 0),
        upstream=server.sockets[0].getsockname(),
        decoder=lambda connection, _: Counting(connection, breaks_at),
        log=LogWriter(tmp_path / "events"),
    )
    await relay.start()
    try:
        yield relay, relay._server.sockets[0].getsockname()[1]
    finally:
        await relay.close()
        await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), WITHIN_S)
        server.close()


async def finished(writer) -> None:
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


async def echo(reader, writer):
    while data := await reader.read(1 << 16):
        writer.write(data)
        await writer.drain()
    await finished(writer)


async def gone(relay: Relay) -> Counters:
    """The counters once every connection is closed."""
    async with asyncio.timeout(WITHIN_S):
        while (counters := relay.counters()).open:
            relay._moved.clear()
            await relay._moved.wait()
    return counters


async def test_a_half_closed_connection_carries_the_answer_and_then_ends(tmp_path):
    async def digest(reader, writer):
        writer.write(hashlib.sha256(await reader.read(-1)).digest())
        await finished(writer)

    async with relayed(digest, tmp_path) as (relay, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        sent = bytes(range(256)) * 20_000
        writer.write(sent)
        writer.write_eof()
        assert await asyncio.wait_for(reader.read(-1), WITHIN_S) == hashlib.sha256(sent).digest()
        await finished(writer)
        counters = await gone(relay)
        assert (counters.bytes_to, counters.bytes_from) == (len(sent), 32)
        assert isinstance(read_events(tmp_path / "events")[-1], Closed)


async def test_a_slow_reader_holds_back_the_sender_and_gets_all_of_it(tmp_path):
    size = 64 << 20

    async def flood(reader, writer):
        await reader.readexactly(1)
        with suppress(ConnectionError):
            for _ in range(size >> 20):
                writer.write(b"z" * (1 << 20))
                await writer.drain()
        await finished(writer)

    async with relayed(flood, tmp_path) as (relay, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.transport.pause_reading()
        writer.write(b"!")
        await relay.settle(0.1, 2)
        assert relay.counters().bytes_from < size // 2
        writer.transport.resume_reading()
        received = 0
        while data := await asyncio.wait_for(reader.read(1 << 20), WITHIN_S):
            received += len(data)
        assert received == size
        await finished(writer)


async def test_a_decoder_that_breaks_is_told_of_and_every_byte_is_relayed(tmp_path):
    async with relayed(echo, tmp_path, breaks_at=b"bad") as (relay, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for word in (b"fine", b"bad!", b"more"):
            writer.write(word)
            assert await asyncio.wait_for(reader.readexactly(4), WITHIN_S) == word
        assert relay.counters().undecodable == len(b"bad!bad!moremore")
        await finished(writer)
        assert (await gone(relay)).in_flight == 0
    events = read_events(tmp_path / "events")
    assert [type(each) for each in events] == [Connected, Undecodable, Closed]
    assert events[1].reason == "the decoder failed: ValueError: a bug"


async def test_settle_awaits_what_is_in_flight_and_then_quiet(tmp_path):
    answer = asyncio.Event()

    async def late(reader, writer):
        await reader.readexactly(1)
        await answer.wait()
        writer.write(b"!")
        await reader.read(-1)
        await finished(writer)

    async with relayed(late, tmp_path) as (relay, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"?")
        await asyncio.wait_for(relay._moved.wait(), WITHIN_S)
        assert (await relay.settle(0.01, 0.1)).in_flight == 1
        settled = asyncio.create_task(relay.settle(0.02, WITHIN_S))
        await asyncio.sleep(0)
        answer.set()
        counters = await settled
        assert (counters.in_flight, counters.bytes_from) == (0, 1)
        assert await reader.readexactly(1) == b"!"
        await finished(writer)


async def test_a_service_that_resets_is_seen_as_a_reset(tmp_path):
    async def abort(reader, writer):
        await reader.readexactly(1)
        from harness.wires.link import linger_none

        linger_none(writer.transport)
        writer.transport.abort()

    async with relayed(abort, tmp_path) as (relay, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"x")
        with pytest.raises(ConnectionResetError):
            await asyncio.wait_for(reader.read(-1), WITHIN_S)
        await finished(writer)
        assert (await gone(relay)).open == 0


async def test_bytes_of_another_protocol_reach_the_service_and_are_counted(open_site, tmp_path, redis_url):
    async with open_site() as site:
        wires, addresses, _ = await wire_up({"redis": redis_url}, site, tmp_path)
        port = int(addresses["redis"].rpartition(":")[2].partition("/")[0])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"\x16\x03\x01 no TLS\r\n")
        assert (await asyncio.wait_for(reader.readline(), WITHIN_S)).startswith(b"-ERR")
        counters = await wires["redis"].settle(0.01, WITHIN_S)
        assert counters.undecodable == counters.bytes_to + counters.bytes_from
        await finished(writer)
        events = await wires["redis"].events()
        assert [each.direction for each in events if isinstance(each, Undecodable)] == ["to"]
        assert not [each for each in events if isinstance(each, Command)]
        await wires["redis"].close()


async def test_a_cancel_request_goes_through(open_site, tmp_path, postgres_url):
    async with open_site() as site:
        wires, addresses, _ = await wire_up({"postgres": postgres_url}, site, tmp_path)
        address = addresses["postgres"]
        runs = "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query = 'SELECT pg_sleep(20)'"
        async with (
            await psycopg.AsyncConnection.connect(address, autocommit=True) as connection,
            await psycopg.AsyncConnection.connect(postgres_url, autocommit=True) as direct,
        ):
            slow = asyncio.create_task(connection.execute("SELECT pg_sleep(20)"))
            async with asyncio.timeout(WITHIN_S):
                while await (await direct.execute(runs)).fetchone() is None:
                    pass  # each question is a round trip to the server
                await connection.cancel_safe()
                with pytest.raises(psycopg.errors.QueryCanceled):
                    await slow
        await wires["postgres"].close()


async def test_a_client_that_prefers_encryption_goes_on_without(open_site, tmp_path, postgres_url):
    async with open_site() as site:
        wires, addresses, _ = await wire_up({"postgres": postgres_url}, site, tmp_path)
        url = f"{addresses['postgres']}?sslmode=prefer"
        async with await psycopg.AsyncConnection.connect(url) as connection:
            assert not connection.pgconn.ssl_in_use
            row = await (await connection.execute("SELECT 1")).fetchone()
            assert row == (1,)
        with pytest.raises(psycopg.OperationalError, match="SSL"):
            await psycopg.AsyncConnection.connect(f"{addresses['postgres']}?sslmode=require")
        assert (await wires["postgres"].settle(0.01, WITHIN_S)).undecodable == 0
        await wires["postgres"].close()
