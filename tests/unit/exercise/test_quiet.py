"""Requests begin when the wires are silent; a target that never is does not hold the exercise up."""

import time

from harness.exercise.quiet import GIVES_UP, IMPATIENCE_S, PATIENCE_S, Quiet
from harness.wires.model import Counters


class FakeWire:
    """A wire on which so many requests are always in flight; it notes how long it was waited for."""

    def __init__(self, *, in_flight: int = 0, busy: bool = False) -> None:
        self.in_flight = in_flight
        self.busy = busy
        self.waits: list[float] = []

    async def counters(self) -> Counters:
        return Counters(
            connections=1,
            open=1,
            in_flight=self.in_flight + self.busy,
            events=0,
            undecodable=0,
            bytes_to=0,
            bytes_from=0,
            last_s=time.monotonic() if self.busy else 0.0,
        )

    async def settle(self, quiet_s: float, within_s: float) -> Counters:
        self.waits.append(within_s)
        return await self.counters()


async def test_a_silent_target_settles() -> None:
    wire = FakeWire()
    quiet = Quiet([wire])
    await quiet.settle()
    assert quiet.unsettled == 0
    assert wire.waits == [PATIENCE_S]


async def test_a_target_that_is_never_quiet_is_soon_waited_for_no_longer() -> None:
    wire = FakeWire(busy=True)
    quiet = Quiet([wire])
    for _ in range(GIVES_UP + 1):
        await quiet.settle()
    assert wire.waits == [PATIENCE_S] * GIVES_UP + [IMPATIENCE_S]
    assert quiet.unsettled == GIVES_UP + 1


async def test_a_worker_that_blocks_for_its_next_job_is_no_traffic() -> None:
    wire = FakeWire(in_flight=1)
    quiet = Quiet([wire])
    await quiet.learn()
    began_s = time.monotonic()
    await quiet.settle()
    assert quiet.unsettled == 0
    assert time.monotonic() - began_s < PATIENCE_S
