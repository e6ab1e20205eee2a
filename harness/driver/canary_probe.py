"""How late the generator itself is: the canary asked on a fixed grid, and a tick of the event loop."""

import asyncio
import logging
import time
from typing import Final

from harness.driver.client import Client, Server
from harness.driver.clock import until
from harness.driver.plan import Briefing
from harness.driver.recorder import Recorder

monotonic = time.monotonic

CONNECTIONS: Final = 4
PERIOD_S: Final = 0.2
"""Four connections with one request each in 0.2 s: 20 requests/s, so that 60 s of steady give 1,200."""
TICK_S: Final = 0.02

log = logging.getLogger("harness.driver.canary_probe")


async def ask_canary(briefing: Briefing, recorder: Recorder) -> None:
    """Ask the canary from the origin until the run's end."""
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
    """Ask at every point of a grid that slow answers do not move; time counts from the grid.

    A generator that stands still long enough gets no answer in time, and that is what the canary is to
    show: a miss counts as its whole time limit, and the points that passed meanwhile at their age.
    """
    missed = False
    due = recorder.origin + offset_s
    end = recorder.origin + recorder.timetable.end_s
    while due < end:
        await until(due)
        begun = min(due, monotonic())
        answer = await client.get("/canary")
        if answer.ok:
            recorder.canary(due, int((answer.end - begun - delay_ms / 1000) * 1e6))
            due += PERIOD_S
            continue
        if not missed:
            log.warning("the canary did not answer: %s", answer.problem or answer.status)
        missed = True
        recorder.canary(due, int(client.timeout_s * 1e6))
        due += PERIOD_S
        now = min(monotonic(), end)
        while due < now:
            recorder.canary(due, int((now - due) * 1e6))
            due += PERIOD_S


async def watch_loop(recorder: Recorder) -> None:
    """Record how late a tick of the event loop comes, until the run's end."""
    end = recorder.origin + recorder.timetable.end_s
    await until(recorder.origin)
    while (now := monotonic()) < end:
        await asyncio.sleep(TICK_S)
        late_s = monotonic() - now - TICK_S
        recorder.loop_lag(now, int(late_s * 1e6))
