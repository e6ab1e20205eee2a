"""How late the generator itself is: the canary asked on a fixed grid, and a tick of the event loop."""

import asyncio
import time
from typing import Final

from harness.driver.client import Client, Server
from harness.driver.clock import until
from harness.driver.plan import Briefing
from harness.driver.recorder import Recorder
from harness.errors import DriverFailed

monotonic = time.monotonic

CONNECTIONS: Final = 4
PERIOD_S: Final = 0.2
"""Four connections with one request each in 0.2 s: 20 requests/s, so that 60 s of steady give 1,200."""
TICK_S: Final = 0.02


async def ask_canary(briefing: Briefing, recorder: Recorder) -> None:
    """Ask the canary from the origin until the run's end. Raises DriverFailed where it does not answer."""
    plan = briefing.plan
    server = Server(f"http://127.0.0.1:{briefing.canary_port}")
    clients = [Client(server, plan.timeout_s) for _ in range(CONNECTIONS)]
    try:
        async with asyncio.TaskGroup() as group:
            for number, client in enumerate(clients):
                offset_s = PERIOD_S * number / CONNECTIONS
                group.create_task(ask_on_grid(client, plan.canary_delay_ms, recorder, offset_s))
    finally:
        for client in clients:
            client.close()


async def ask_on_grid(client: Client, delay_ms: float, recorder: Recorder, offset_s: float) -> None:
    """Ask at every point of a grid that slow answers do not move; time counts from the grid."""
    due = recorder.origin + offset_s
    end = recorder.origin + recorder.timetable.end_s
    while due < end:
        await until(due)
        begun = min(due, monotonic())
        answer = await client.get("/canary")
        if not answer.ok:
            raise DriverFailed(f"The canary did not answer: {answer.problem or answer.status}")
        recorder.canary(due, int((answer.end - begun - delay_ms / 1000) * 1e6))
        due += PERIOD_S


async def watch_loop(recorder: Recorder) -> None:
    """Record how late a tick of the event loop comes, until the run's end."""
    end = recorder.origin + recorder.timetable.end_s
    await until(recorder.origin)
    while (now := monotonic()) < end:
        await asyncio.sleep(TICK_S)
        late_s = monotonic() - now - TICK_S
        recorder.loop_lag(now, int(late_s * 1e6))
