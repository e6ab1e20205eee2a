"""The canary's probe: a canary that stands still shows as lateness, and the run goes on."""

import asyncio
import contextlib

from harness.driver.canary_probe import ask_on_grid
from harness.driver.client import Client, Server
from harness.driver.clock import monotonic, timetable
from harness.driver.histogram import Histogram
from harness.driver.plan import PhaseLengths
from harness.driver.recorder import Recorder

TIMEOUT_S = 0.5
STEADY_S = 3.1
POINTS = 16
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Stopping:
    """A canary that does not answer before `silent_to` on CLOCK_MONOTONIC."""

    def __init__(self) -> None:
        self.silent_to = 0.0
        self.tasks: list[asyncio.Task[None]] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.tasks.append(asyncio.current_task())
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while True:
                await reader.readuntil(b"\r\n\r\n")
                if monotonic() >= self.silent_to:
                    writer.write(ANSWER)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def asked(silent_s: float) -> tuple[Histogram, dict[int, Histogram], Recorder]:
    """The probe's excess in steady and by block; the canary is silent for the first `silent_s` seconds."""
    canary = Stopping()
    server = await asyncio.start_server(canary.serve, "127.0.0.1", 0)
    client = Client(Server(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"), TIMEOUT_S)
    table = timetable(PhaseLengths(warm_up_s=0, ramp_s=0, steady_s=STEADY_S, drain_s=0))
    recorder = Recorder(table, monotonic())
    canary.silent_to = recorder.origin + silent_s
    try:
        await ask_on_grid(client, 0.0, recorder, 0.0)
    finally:
        client.close()
        server.close()
        for task in canary.tasks:
            task.cancel()
        await asyncio.gather(*canary.tasks)
    delta = recorder.take()
    ((phase, whole),) = delta.canary
    assert phase == "steady"
    blocks = {block: Histogram(tuple(sorted(counted.items()))) for block, counted in delta.canary_blocks}
    return Histogram(tuple(sorted(whole.items()))), blocks, recorder


async def test_a_canary_that_is_silent_for_longer_than_the_time_limit_is_late_and_asked_again() -> None:
    whole, blocks, recorder = await asked(1.2)
    assert whole.total == POINTS  # every point of the grid is there
    assert whole.count_over(450_000) >= 2
    assert whole.quantile_us(1) >= TIMEOUT_S * 0.99e6
    assert sum(one.total for one in blocks.values()) == whole.total
    assert blocks[0].quantile_us(1) >= TIMEOUT_S * 0.99e6
    late = [block for block, one in blocks.items() if one.count_over(200_000)]
    assert max(late) * recorder.timetable.block_s < 1.7


async def test_a_canary_that_answers_is_not_late() -> None:
    whole, _, _ = await asked(0.0)
    assert whole.total == POINTS
    assert whole.quantile_us(0.5) < 100_000
