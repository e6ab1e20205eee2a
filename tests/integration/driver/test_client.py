"""The client against a real server that answers in every way a server can, good and bad."""

import asyncio
import contextlib
import json
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from harness.driver.client import Client, Server
from harness.driver.clock import monotonic, timetable
from harness.driver.connection import Connection
from harness.driver.histogram import lowest_us
from harness.driver.plan import PhaseLengths
from harness.driver.recorder import Recorder

Handler = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Scripted:
    """A server that answers each request by a function, and counts its connections."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.connections = 0
        self.requests: list[bytes] = []
        self.tasks: list[asyncio.Task[None]] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.tasks.append(asyncio.current_task())
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while not writer.is_closing():
                request = await reader.readuntil(b"\r\n\r\n")
                lowered = request.lower()
                if b"content-length: " in lowered:
                    size = int(lowered.partition(b"content-length: ")[2].partition(b"\r\n")[0])
                    request += await reader.readexactly(size)
                self.requests.append(request)
                await self.handler(request, writer)
                await writer.drain()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


@contextlib.asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[tuple[Client, Scripted]]:
    scripted = Scripted(handler)
    server = await asyncio.start_server(scripted.serve, "127.0.0.1", 0)
    client = Client(Server(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"), 0.5)
    try:
        yield client, scripted
    finally:
        client.close()
        server.close()
        for task in scripted.tasks:
            task.cancel()
        await asyncio.gather(*scripted.tasks)


def saying(*pieces: bytes, close: bool = False) -> Handler:
    """Send these pieces, each in a packet of its own."""

    async def handler(_: bytes, writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.005)
        if close:
            writer.close()

    return handler


async def test_one_connection_is_kept_for_all_requests() -> None:
    async with serving(saying(OK)) as (client, server):
        answers = [await client.get("/") for _ in range(5)]
    assert [answer.body for answer in answers] == [b"ok"] * 5
    assert server.connections == 1


async def test_a_request_carries_host_headers_and_a_json_body() -> None:
    async with serving(saying(OK)) as (client, server):
        client.headers = {"Authorization": "Bearer x"}
        await client.post("/things?a=1", json={"name": "नमस्ते"}, headers={"X-More": "1"})
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /things?a=1 HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"Authorization: Bearer x\r\nX-More: 1\r\n" in head
    assert json.loads(body) == {"name": "नमस्ते"}


async def test_a_body_in_pieces_is_put_together() -> None:
    pieces = (b"HTT", b"P/1.1 200 OK\r\nContent-", b"Length: 6\r\n\r", b"\nab", b"cd", b"ef")
    async with serving(saying(*pieces)) as (client, _):
        answer = await client.get("/")
    assert (answer.status, answer.body) == (200, b"abcdef")
    assert answer.end - answer.first_byte > 0.01


@pytest.mark.parametrize("cut", range(0, 60, 3))
async def test_chunks_may_be_cut_anywhere(cut: int) -> None:
    head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    whole = head + b"3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\nTrailer: 1\r\n\r\n"
    async with serving(saying(whole[: cut + 30], whole[cut + 30 :])) as (client, server):
        first, second = await client.get("/"), await client.get("/")
    assert first.body == second.body == b"abcdefg"
    assert server.connections == 1


async def test_without_a_length_the_body_goes_on_to_the_end_of_the_connection() -> None:
    async with serving(saying(b"HTTP/1.1 200 OK\r\n\r\nall ", b"of it", close=True)) as (client, server):
        assert (await client.get("/")).body == b"all of it"
        assert (await client.get("/")).body == b"all of it"
    assert server.connections == 2


async def test_a_server_that_closes_after_an_answer_gets_a_new_connection() -> None:
    closing = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"
    async with serving(saying(closing, close=True)) as (client, server):
        assert [(await client.get("/")).status for _ in range(3)] == [200] * 3
    assert server.connections == 3


async def test_answers_without_a_body_leave_the_connection_usable() -> None:
    async with serving(saying(b"HTTP/1.1 204 No Content\r\n\r\n")) as (client, server):
        assert [(await client.delete("/x")).status for _ in range(2)] == [204, 204]
    assert server.connections == 1


async def test_an_interim_answer_is_passed_over() -> None:
    async with serving(saying(b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK)) as (client, _):
        assert (await client.get("/")).body == b"ok"


async def test_the_fields_that_matter_are_read_whatever_their_case() -> None:
    head = (
        b"HTTP/1.1 503 No\r\nCACHE-STATUS: edge; fwd=miss, origin; hit\r\nserver-TIMING: db;dur=3\r\n"
        b"Retry-After: 2\r\nContent-Length: 0\r\n\r\n"
    )
    async with serving(saying(head)) as (client, _):
        answer = await client.get("/")
    assert (answer.cache, answer.parts, answer.refused, answer.ok) == ("hit", b"db;dur=3", True, False)


@pytest.mark.parametrize(
    ("field", "seen"),
    [
        (b"Cache-Status: app; hit\r\n", "hit"),
        (b"Cache-Status: app; fwd=uri-miss; stored\r\n", "miss"),
        (b"Cache-Status: app; hit, edge; fwd=stale\r\n", "miss"),
        (b"", "none"),
    ],
)
async def test_cache_status_is_told_by_its_last_member(field: bytes, seen: str) -> None:
    async with serving(saying(b"HTTP/1.1 200 OK\r\n" + field + b"Content-Length: 0\r\n\r\n")) as (client, _):
        assert (await client.get("/")).cache == seen


async def test_a_slow_answer_is_given_up_at_the_time_limit() -> None:
    async with serving(never) as (client, server):
        begun = monotonic()
        answer = await client.get("/")
        assert answer.status == 0
        assert answer.problem.startswith("timed out: no answer within 0.5 s")
        assert 0.45 < monotonic() - begun < 2
        server.handler = saying(OK)
        assert (await client.get("/")).body == b"ok"


@pytest.mark.parametrize(
    "garbage",
    [
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nabc",
    ],
)
async def test_garbage_is_a_failed_request_and_no_crash(garbage: bytes) -> None:
    async with serving(saying(garbage)) as (client, _):
        answer = await client.get("/")
    assert answer.status == 0
    assert answer.problem.startswith("garbage: ")


async def test_a_reset_is_told_apart_from_an_answer_that_is_cut_off() -> None:
    async def reset(_: bytes, writer: asyncio.StreamWriter) -> None:
        raw = writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    async with serving(reset) as (client, server):
        assert (await client.get("/")).problem.startswith("reset: ")
        server.handler = saying(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", close=True)
        assert (await client.get("/")).problem.startswith("cut off: ")


async def test_a_refused_connection_says_so() -> None:
    async with serving(saying(OK)) as (client, _):
        pass
    assert "refused" in (await client.get("/")).problem.lower()


async def test_a_scenario_may_find_a_good_answer_wrong_and_it_counts_once() -> None:
    recorder = Recorder(timetable(PhaseLengths(warm_up_s=0, ramp_s=0, steady_s=60, drain_s=1)), monotonic())
    async with serving(saying(OK)) as (client, _):
        client.recorder = recorder
        await client.get("/things/1", route="GET /things/{id}")
        assert client.fail("content", "no name in it")
        assert client.fail("exception KeyError", "name")
        await client.get("/things/2", route="GET /things/{id}")
        client.settle()
    delta = recorder.take()
    assert delta.counts == [("GET /things/{id}", "steady", [2, 1, 0, 1, 0, 0, 0])]
    assert delta.errors == [("GET /things/{id}", "content", 1, "no name in it")]


def recording(client: Client) -> Recorder:
    client.recorder = Recorder(
        timetable(PhaseLengths(warm_up_s=0, ramp_s=0, steady_s=60, drain_s=1)), monotonic()
    )
    return client.recorder


async def never(_: bytes, __: asyncio.StreamWriter) -> None:
    await asyncio.sleep(30)


async def test_a_request_that_a_scenario_gives_up_is_a_failed_one_at_its_age() -> None:
    async with serving(never) as (client, server):
        recorder = recording(client)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await client.get("/slow", route="GET /slow")
        assert client.fail("exception TimeoutError", "too late")
        server.handler = saying(OK)
        assert (await client.get("/next", route="GET /next")).body == b"ok"
        client.settle()
    delta = recorder.take()
    assert delta.counts == [
        ("GET /slow", "steady", [1, 0, 0, 1, 0, 0, 0]),
        ("GET /next", "steady", [1, 1, 0, 0, 0, 0, 0]),
    ]
    assert [(kind, count) for _, kind, count, _ in delta.errors] == [("given up by the scenario", 1)]
    (age,) = next(counted for route, _, _, _, counted in delta.series if route == "GET /slow")
    assert 90_000 < lowest_us(age) < 400_000


@pytest.mark.parametrize(("path", "body"), [("/नमस्ते", None), ("/things", {"what": object()})])
async def test_a_request_that_cannot_be_sent_is_not_planned(path: str, body: object) -> None:
    async with serving(saying(OK)) as (client, server):
        recorder = recording(client)
        with pytest.raises((UnicodeEncodeError, TypeError)):
            await client.post(path, json=body)
        assert not client.fail("exception", "the step's failure, not a request's")
        assert server.requests == []
        await client.get("/next", route="GET /next")
        client.settle()
    assert recorder.take().counts == [("GET /next", "steady", [1, 1, 0, 0, 0, 0, 0])]


async def test_a_second_request_before_the_first_answer_is_refused_and_both_are_accounted_for() -> None:
    asked = asyncio.Event()

    async def silent(_: bytes, __: asyncio.StreamWriter) -> None:
        asked.set()
        await asyncio.sleep(30)

    async with serving(silent) as (client, _):
        recorder = recording(client)
        first = asyncio.create_task(client.get("/slow", route="GET /slow"))
        await asked.wait()
        with pytest.raises(RuntimeError, match="one request after the other"):
            await client.get("/next")
        assert client.fail("exception RuntimeError", "one after the other")
        client.settle()
        assert (await first).problem == "exception RuntimeError: one after the other"
    assert recorder.take().counts == [("GET /slow", "steady", [1, 0, 0, 1, 0, 0, 0])]


class SlowToConnect(Client):
    async def _connect(self) -> Connection:
        await asyncio.sleep(0.4)
        return await super()._connect()


async def test_connection_and_answer_share_one_time_limit() -> None:
    async with serving(never) as (client, _):
        slow = SlowToConnect(client._server, 0.5)
        begun = monotonic()
        answer = await slow.get("/")
        slow.close()
    assert answer.problem == "timed out: no answer within 0.5 s"
    assert 0.45 < monotonic() - begun < 0.8
