"""Each fault on a running relay: red while it lasts, green after it; an echo server is the service."""

import asyncio
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from functools import partial

import pytest
import pytest_asyncio

from harness.errors import ServiceFailed
from harness.target.readiness import NoAnswerError, answer
from harness.wires.faults import hits
from harness.wires.model import Fault
from harness.wires.wire import Wire

SOON_S = 0.1
WITHIN_S = 5.0


def free_ports(count: int) -> list[int]:
    """Ports that were free a moment ago, outside of those that runs take."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


@pytest.fixture(scope="module")
def ports():
    """A relay that decodes nothing, in its own process: the target's port, the service's, the control's."""
    listen, upstream, control = free_ports(3)
    arguments = ["--kind", "redis", "--listen", str(listen), "--control", str(control)]
    command = [sys.executable, "-m", "harness.wires", *arguments, "--upstream", f"127.0.0.1:{upstream}"]
    with subprocess.Popen(command) as process:
        yield listen, upstream, control
        process.terminate()
        assert process.wait(5) == 0


class Echo:
    """A service that answers with what it was sent; `tasks` are its connections."""

    def __init__(self) -> None:
        self.tasks: list[asyncio.Task[None]] = []

    def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.tasks.append(asyncio.create_task(self._echo(reader, writer)))

    async def _echo(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(1 << 16):
                writer.write(data)
                await writer.drain()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


class Away:
    """An echo server behind a relay, as the target sees it, and as the harness does."""

    def __init__(self, port: int, wire: Wire) -> None:
        self.wire = wire
        self._port = port
        self._open: list[asyncio.StreamWriter] = []

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        streams = await asyncio.open_connection("127.0.0.1", self._port)
        self._open.append(streams[1])
        return streams

    async def close(self) -> None:
        for writer in self._open:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()


async def up(wire: Wire) -> str:
    try:
        await wire.counters()
    except ServiceFailed as error:
        raise NoAnswerError(str(error)) from error
    return wire.address


@pytest_asyncio.fixture
async def away(ports):
    listen, upstream, control = ports
    echo = Echo()
    server = await asyncio.start_server(echo.serve, "127.0.0.1", upstream)
    wire = Wire("redis", f"redis://127.0.0.1:{listen}", control, None)
    await answer("the relay", partial(up, wire), None, WITHIN_S)
    tried = Away(listen, wire)
    yield tried
    await tried.close()
    await asyncio.wait_for(asyncio.gather(*echo.tasks), WITHIN_S)  # the relay closes what the target closed
    await wire.close()
    server.close()


async def ask(streams, data: bytes = b"ping") -> tuple[bytes, float]:
    """Send, and await as many bytes back; how long it took."""
    reader, writer = streams
    begun_s = time.monotonic()
    writer.write(data)
    back = await asyncio.wait_for(reader.readexactly(len(data)), WITHIN_S)
    return back, time.monotonic() - begun_s


async def fastest(streams, data: bytes = b"ping") -> float:
    """The quickest of some answers, in seconds: machines are busy."""
    return min([(await ask(streams, data))[1] for _ in range(10)])


async def test_latency_delays_each_way_and_ends_when_mended(away):
    streams = await away.connect()
    async with away.wire.broken(Fault(kind="latency", latency_s=0.06)):
        back, both_s = await ask(streams)
        assert (back, both_s >= 0.12) == (b"ping", True)
    async with away.wire.broken(Fault(kind="latency", latency_s=0.06, direction="from")):
        _, one_s = await ask(streams)
        assert 0.06 <= one_s < both_s
    assert await fastest(streams) < 0.06


async def test_jitter_keeps_the_order_of_bytes(away):
    reader, writer = await away.connect()
    sent = b"".join(bytes([number]) * 1000 for number in range(40))
    async with away.wire.broken(Fault(kind="latency", latency_s=0.01, jitter_s=0.01)):
        for begin in range(0, len(sent), 1000):
            writer.write(sent[begin : begin + 1000])
            await asyncio.sleep(0)
        assert await asyncio.wait_for(reader.readexactly(len(sent)), WITHIN_S) == sent


async def test_stalled_bytes_are_in_flight_and_come_intact_when_mended(away):
    streams = await away.connect()
    await ask(streams)
    async with away.wire.broken(Fault(kind="stall", direction="from")):
        pending = asyncio.create_task(ask(streams, bytes(range(256)) * 40))
        done, _ = await asyncio.wait({pending}, timeout=SOON_S)
        assert not done
        assert (await away.wire.settle(0.01, 0.05)).in_flight == 1
    back, _ = await pending
    assert back == bytes(range(256)) * 40
    assert (await away.wire.settle(0.01, 1)).in_flight == 0


async def test_a_stall_holds_a_megabyte_and_no_more_and_loses_nothing(away):
    reader, writer = await away.connect()
    before = await away.wire.counters()
    size = 6 << 20
    async with away.wire.broken(Fault(kind="stall", direction="to")):
        writer.write(b"x" * size)
        taken = (await away.wire.settle(0.05, 0.3)).bytes_to - before.bytes_to
        assert 1 << 20 <= taken < 2 << 20
    assert len(await asyncio.wait_for(reader.readexactly(size), WITHIN_S)) == size


async def test_reset_peer_resets_open_and_new_connections(away):
    old = await away.connect()
    await ask(old)
    async with away.wire.broken(Fault(kind="reset_peer", after_s=0.02)):
        with pytest.raises(ConnectionResetError):
            await asyncio.wait_for(old[0].read(1), WITHIN_S)
        new = await away.connect()
        with pytest.raises(ConnectionResetError):
            await asyncio.wait_for(new[0].read(1), WITHIN_S)
    assert (await ask(await away.connect()))[0] == b"ping"


async def test_reset_peer_hits_its_share_of_connections(away):
    before = (await away.wire.counters()).connections
    streams = [await away.connect() for _ in range(4)]
    for each in streams:
        await ask(each)
    async with away.wire.broken(Fault(kind="reset_peer", share=0.5)):
        outcomes = []
        for each in streams:
            try:
                outcomes.append((await ask(each))[0])
            except (ConnectionError, asyncio.IncompleteReadError):
                outcomes.append(b"reset")
    numbers = range(before + 1, before + 5)
    assert outcomes == [b"reset" if hits(number, 0.5) else b"ping" for number in numbers]
    assert outcomes.count(b"reset") == 2


async def test_refuse_closes_the_listener_and_leaves_open_connections(away):
    old = await away.connect()
    await ask(old)
    async with away.wire.broken(Fault(kind="refuse")):
        with pytest.raises(ConnectionRefusedError):
            await away.connect()
        assert (await ask(old))[0] == b"ping"
    assert (await ask(await away.connect()))[0] == b"ping"


async def test_bandwidth_takes_the_time_it_says(away):
    streams = await away.connect()
    async with away.wire.broken(Fault(kind="bandwidth", bytes_per_s=100_000, direction="to")):
        back, took_s = await ask(streams, b"y" * 20_000)
    assert (len(back), took_s >= 0.2) == (20_000, True)
    assert await fastest(streams, b"y" * 20_000) < 0.2


async def test_slices_come_one_by_one(away):
    reader, writer = await away.connect()
    async with away.wire.broken(Fault(kind="slicer", slice_bytes=4, latency_s=0.02, direction="from")):
        writer.write(b"abcdefghij")
        pieces = []
        while sum(map(len, pieces)) < 10:
            pieces.append(await asyncio.wait_for(reader.read(100), WITHIN_S))
    assert pieces == [b"abcd", b"efgh", b"ij"]
    assert (await ask((reader, writer)))[0] == b"ping"


async def test_limit_data_closes_after_its_bytes(away):
    reader, writer = await away.connect()
    async with away.wire.broken(Fault(kind="limit_data", limit_bytes=6, direction="from")):
        writer.write(b"abcdefghij")
        assert await asyncio.wait_for(reader.read(-1), WITHIN_S) == b"abcdef"
    assert (await ask(await away.connect()))[0] == b"ping"


async def test_garbage_comes_instead_of_each_answer_and_is_the_same_each_time(away):
    streams = await away.connect()
    async with away.wire.broken(Fault(kind="garbage", limit_bytes=8)):
        first, second = (await ask(streams, b"question"))[0], (await ask(streams, b"question"))[0]
        assert first == second != b"question"
    assert (await ask(streams, b"question"))[0] == b"question"


async def test_faults_compose_and_are_mended_one_by_one(away):
    streams = await away.connect()
    async with away.wire.broken(Fault(kind="stall", direction="from")):
        async with away.wire.broken(Fault(kind="latency", latency_s=0.05, direction="to")):
            pending = asyncio.create_task(ask(streams))
            done, _ = await asyncio.wait({pending}, timeout=SOON_S)
            assert not done
        done, _ = await asyncio.wait({pending}, timeout=0.02)
        assert not done
    back, took_s = await pending
    assert (back, took_s >= 0.1) == (b"ping", True)


async def test_a_block_that_fails_mends_the_wire_all_the_same(away):
    streams = await away.connect()
    with pytest.raises(ZeroDivisionError):
        async with away.wire.broken(Fault(kind="stall")):
            raise ZeroDivisionError
    assert (await ask(streams))[0] == b"ping"


async def test_a_fault_that_does_not_exist_is_named_and_breaks_nothing(away):
    with pytest.raises(ServiceFailed, match="`lag` is no fault of a wire; there are bandwidth, "):
        async with away.wire.broken(Fault(kind="lag")):
            raise AssertionError
    assert (await ask(await away.connect()))[0] == b"ping"


async def test_a_target_that_gives_up_on_a_stalled_wire_is_gone_when_it_is_mended(away):
    before = await away.wire.counters()
    reader, writer = await away.connect()
    await ask((reader, writer))
    async with away.wire.broken(Fault(kind="stall")):
        writer.write(b"never")
        await away.wire.settle(0.01, 0.05)
        writer.close()
        await writer.wait_closed()
        counters = await away.wire.settle(0.01, 0.05)
        assert (counters.open - before.open, counters.in_flight) == (1, 1)
    async with asyncio.timeout(WITHIN_S):
        while (await away.wire.counters()).open > before.open:
            pass  # each question is a round trip to the relay
    assert (await away.wire.counters()).bytes_to - before.bytes_to == len(b"pingnever")
