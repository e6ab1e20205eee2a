"""Awaiting that nothing crosses the wires any more, so that each request begins with a silent target."""

import asyncio
import time
from collections.abc import Iterable
from typing import Final

from harness.wires.wire import Wire

QUIET_S: Final = 0.004
AFTER_WRITE_S: Final = 0.025
"""A job that a write sets off is fetched by a worker that must wake up first."""
PATIENCE_S: Final = 1.0
IMPATIENCE_S: Final = 0.02
"""For a target that is never quiet: its own traffic is told apart afterwards, at the rate of its idleness."""
GIVES_UP: Final = 4


class Quiet:
    """The wires of one target. `unsettled` counts how often they did not become quiet in time."""

    def __init__(self, wires: Iterable[Wire]) -> None:
        self._wires = tuple(wires)
        self._resting: dict[int, int] = {}
        self._in_a_row = 0
        self.unsettled = 0

    async def learn(self) -> None:
        """Take what is in flight now as what is always so: workers that block until there is work."""
        for number, wire in enumerate(self._wires):
            self._resting[number] = (await wire.counters()).in_flight

    async def settle(self, *, wrote: bool = False) -> None:
        """Await quiet on all wires."""
        quiet_s = AFTER_WRITE_S if wrote else QUIET_S
        within_s = PATIENCE_S if self._in_a_row < GIVES_UP else max(IMPATIENCE_S, quiet_s)
        settled = True
        for number, wire in enumerate(self._wires):
            resting = self._resting.get(number, 0)
            settled &= await settle_wire(wire, quiet_s, within_s, resting)
        self.unsettled += not settled
        self._in_a_row = 0 if settled else self._in_a_row + 1


async def settle_wire(wire: Wire, quiet_s: float, within_s: float, resting: int) -> bool:
    """Await at most `resting` requests in flight and no byte for `quiet_s`; False where it gave up."""
    if not resting:
        counters = await wire.settle(quiet_s, within_s)
        silent_s = time.monotonic() - counters.last_s
        return counters.in_flight == 0 and silent_s >= quiet_s
    give_up_s = time.monotonic() + within_s
    while True:
        counters = await wire.counters()
        now_s = time.monotonic()
        missing_s = counters.last_s + quiet_s - now_s
        if missing_s <= 0 and counters.in_flight <= resting:
            return True
        if now_s >= give_up_s:
            return False
        # The wire can only be asked for silence without anything in flight, and here something always is.
        await asyncio.sleep(min(max(missing_s, 0.001), quiet_s))
