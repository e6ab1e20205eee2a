"""The run's time: phases and blocks on CLOCK_MONOTONIC, and think time drawn from a seed.

All times are `time.monotonic()`, not the loop's own: uvloop's is kept in whole milliseconds.
"""

import asyncio
import math
import time
from collections.abc import Callable
from random import Random
from typing import Final

from msgspec import Struct

from harness.driver.plan import BLOCKS, PhaseLengths
from harness.driver.result import Phase, PhaseName

monotonic = time.monotonic

NAMES: Final[tuple[PhaseName, ...]] = ("warm_up", "ramp", "steady", "drain")


class Timetable(Struct, frozen=True, kw_only=True):
    """When the phases are, in seconds since the origin, on a grid of blocks.

    Steady begins at block `first_block` and has `BLOCKS` blocks; the warm-up is lengthened by less
    than one block to make it so.
    """

    block_s: float
    ramp_s: float
    steady_s: float
    drain_s: float
    end_s: float
    first_block: int

    @property
    def last_block(self) -> int:
        """The first block after steady."""
        return self.first_block + BLOCKS

    def block(self, at_s: float) -> int:
        """The block that a time belongs to; what is before the origin belongs to the first."""
        return max(0, int(at_s / self.block_s))

    def phase(self, at_s: float, block: int) -> PhaseName:
        """The phase of a time in a block: steady is told by blocks, so that both never disagree."""
        if block >= self.last_block:
            return "drain"
        if block >= self.first_block:
            return "steady"
        return "ramp" if at_s >= self.ramp_s else "warm_up"

    def phases(self) -> tuple[Phase, ...]:
        """All phases in order."""
        bounds = (0.0, self.ramp_s, self.steady_s, self.drain_s, self.end_s)
        return tuple(
            Phase(name=name, start_s=start_s, end_s=end_s)
            for name, start_s, end_s in zip(NAMES, bounds, bounds[1:], strict=False)
        )


def timetable(lengths: PhaseLengths) -> Timetable:
    """The timetable of these lengths."""
    block_s = lengths.steady_s / BLOCKS
    first = math.ceil((lengths.warm_up_s + lengths.ramp_s) / block_s - 1e-9)
    steady_s = first * block_s
    drain_s = (first + BLOCKS) * block_s
    return Timetable(
        block_s=block_s,
        ramp_s=max(0.0, steady_s - lengths.ramp_s),
        steady_s=steady_s,
        drain_s=drain_s,
        end_s=drain_s + lengths.drain_s,
        first_block=first,
    )


class Think:
    """A law of think time: `draw` gives seconds, `mean_s` is their mean, `law` says it in words."""

    __slots__ = ("_draw", "law", "mean_s")

    def __init__(self, draw: Callable[[Random], float], mean_s: float, law: str) -> None:
        self._draw = draw
        self.mean_s = mean_s
        self.law = law

    def draw(self, random: Random) -> float:
        """The next think time, in seconds."""
        return self._draw(random)

    def scaled(self, mean_s: float) -> "Think":
        """The same law with another mean."""
        factor = mean_s / self.mean_s
        draw = self._draw
        return Think(
            lambda random: factor * draw(random), mean_s, f"{self.law}, scaled to a mean of {mean_s:g} s"
        )


def between(least_s: float, most_s: float) -> Think:
    """Think times spread evenly between two bounds, in seconds."""
    mean_s = (least_s + most_s) / 2
    return Think(
        lambda random: random.uniform(least_s, most_s), mean_s, f"uniform from {least_s:g} to {most_s:g} s"
    )


def constant(think_s: float) -> Think:
    """Always the same think time, in seconds."""
    return Think(lambda _: think_s, think_s, f"constant {think_s:g} s")


def exponential(mean_s: float) -> Think:
    """Exponential think times with a mean in seconds: the arrivals of many users are then Poisson's."""
    return Think(lambda random: random.expovariate(1 / mean_s), mean_s, f"exponential, mean {mean_s:g} s")


async def until(moment: float) -> None:
    """Wait until a time on CLOCK_MONOTONIC; up to 1 ms early or late, as the loop's timers are."""
    wait_s = moment - monotonic()
    await asyncio.sleep(max(wait_s, 0.0))  # never without giving way: a scenario may think for no time at all
