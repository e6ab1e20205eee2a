"""What is no Postgres message crosses the relay unchanged, and is told."""

import asyncio
import random

from harness.wires.log import LogWriter, read_events
from harness.wires.model import Closed, Undecodable
from harness.wires.postgres import PostgresDecoder
from harness.wires.relay import Relay


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
    writer.close()


async def test_garbage_is_relayed_byte_for_byte_and_told_once(tmp_path):
    upstream = await asyncio.start_server(echo, "127.0.0.1", 0)
    log = tmp_path / "wire.log"
    relay = Relay(
        listen=("127.0.0.1", 0),
        upstream=upstream.sockets[0].getsockname()[:2],
        negotiates=True,
        decoder=PostgresDecoder,
        log=LogWriter(log),
    )
    await relay.start()
    garbage = bytes(100) + random.Random(1).randbytes(300_000)

    reader, writer = await asyncio.open_connection(*relay._server.sockets[0].getsockname()[:2])
    writer.write(garbage)
    async with asyncio.timeout(10):
        back = await reader.readexactly(len(garbage))
        writer.close()
        await writer.wait_closed()
        counters = await relay.settle(0.05, 5)
    await relay.close()
    upstream.close()
    await upstream.wait_closed()

    assert back == garbage
    undecodable, closed = read_events(log)
    assert isinstance(undecodable, Undecodable)
    assert (undecodable.direction, undecodable.reason) == ("to", "no startup message")
    assert isinstance(closed, Closed)
    assert counters.undecodable > 0
    assert counters.in_flight == 0


async def test_a_session_that_turns_to_garbage_is_told_and_keeps_the_servers_answer(capture):
    host, port = capture.url.rpartition("@")[2].split("/")[0].split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    user = capture.url.partition("://")[2].partition("@")[0].split(":")[0]
    body = f"user\0{user}\0database\0target\0\0".encode()
    writer.write((len(body) + 8).to_bytes(4, "big") + (3 << 16).to_bytes(4, "big") + body)
    async with asyncio.timeout(10):
        while not (await reader.read(65536)).endswith(b"Z\0\0\0\5I"):
            continue
        writer.write(b"\0\0\0\0\4nothing")
        answer = await reader.read()
    writer.close()
    await writer.wait_closed()

    assert b"C08P01\0" in answer
    told = [event for event in capture.events() if isinstance(event, Undecodable)]
    assert [(event.direction, event.reason) for event in told] == [("to", r"unknown message type b'\x00'")]
