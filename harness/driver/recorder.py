"""What a worker counts: where each planned request went, and how long it took.

Every request passes `open` when it is due and `close` when it is settled. The two count apart, so that
planned = ok + refused + failed + timed out + in flight + never started can fail, and be seen to.
"""

import time
from typing import Final, Literal

from msgspec import Struct

from harness.driver.clock import Timetable
from harness.driver.histogram import LINEAR_US, bucket_of
from harness.driver.result import CacheClass, Outcome, PhaseName

PLANNED: Final = 0
Fate = Literal[1, 2, 3, 4, 5, 6]
OK: Final = 1
REFUSED: Final = 2
FAILED: Final = 3
TIMED_OUT: Final = 4
IN_FLIGHT: Final = 5
NEVER_STARTED: Final = 6
OUTCOME: Final[dict[Fate, Outcome]] = {
    1: "ok",
    2: "refused",
    3: "failed",
    4: "censored",
    5: "censored",
    6: "censored",
}
EXAMPLE_CHARS: Final = 300

Place = tuple[str, PhaseName]
Key = tuple[str, Outcome, CacheClass]
Counted = dict[int, int]
"""Counts by bucket."""


class Delta(Struct, frozen=True, kw_only=True, array_like=True):
    """What was recorded since the delta before: everything in it is to be added.

    `series` by route, outcome, cache class and block; `seconds` are answers by route and second of
    wall-clock time, as Locust's charts have them; `sizes` bytes of their bodies.
    """

    series: list[tuple[str, Outcome, CacheClass, int, Counted]]
    counts: list[tuple[str, PhaseName, list[int]]]
    errors: list[tuple[str, str, int, str]]
    service: list[tuple[str, Counted]]
    parts: list[tuple[str, str, float, int]]
    canary: list[tuple[PhaseName, Counted]]
    send_lag: list[tuple[PhaseName, Counted]]
    loop_lag: list[tuple[PhaseName, Counted]]
    seconds: list[tuple[str, int, int, int]]
    sizes: list[tuple[str, int]]
    canary_blocks: list[tuple[int, Counted]]


class Ticket:
    """One request that is due: what `open` gives and `close` wants back."""

    __slots__ = ("block", "intended", "phase", "route", "sent")

    def __init__(self, route: str, intended: float, block: int, phase: PhaseName) -> None:
        self.route = route
        self.intended = intended
        self.sent = intended
        self.block = block
        self.phase = phase


def count_in(histogram: Counted, value_us: int) -> None:
    """Count one value, in microseconds."""
    bucket = value_us if 0 <= value_us < LINEAR_US else bucket_of(value_us)
    histogram[bucket] = histogram.get(bucket, 0) + 1


class Recorder:
    """The counts of one worker since its last report. `origin` on CLOCK_MONOTONIC."""

    def __init__(self, timetable: Timetable, origin: float) -> None:
        self.timetable = timetable
        self.origin = origin
        self._wall = time.time() - time.monotonic()
        self._clear()

    def _clear(self) -> None:
        self._series: dict[Key, dict[int, Counted]] = {}
        self._counts: dict[Place, list[int]] = {}
        self._errors: dict[tuple[str, str], list[int]] = {}
        self._examples: dict[tuple[str, str], str] = {}
        self._service: dict[str, Counted] = {}
        self._parts: dict[tuple[str, str], list[float]] = {}
        self._canary: dict[PhaseName, Counted] = {}
        self._canary_blocks: dict[int, Counted] = {}
        self._send_lag: dict[PhaseName, Counted] = {}
        self._loop_lag: dict[PhaseName, Counted] = {}
        self._seconds: dict[tuple[str, int], list[int]] = {}
        self._sizes: dict[str, int] = {}

    def phase(self, moment: float) -> PhaseName:
        """The phase of a time on CLOCK_MONOTONIC."""
        at_s = moment - self.origin
        return self.timetable.phase(at_s, self.timetable.block(at_s))

    def open(self, route: str, intended: float) -> Ticket:
        """A request of this route is due at `intended`: it is planned."""
        at_s = intended - self.origin
        block = self.timetable.block(at_s)
        phase = self.timetable.phase(at_s, block)
        self._place(route, phase)[PLANNED] += 1
        return Ticket(route, intended, block, phase)

    def _place(self, route: str, phase: PhaseName) -> list[int]:
        counts = self._counts.get((route, phase))
        if counts is None:
            counts = self._counts[route, phase] = [0, 0, 0, 0, 0, 0, 0]
        return counts

    def sent(self, ticket: Ticket, moment: float) -> None:
        """The request was sent at this time."""
        ticket.sent = moment
        lag = self._send_lag.get(ticket.phase)
        if lag is None:
            lag = self._send_lag[ticket.phase] = {}
        count_in(lag, int((moment - ticket.intended) * 1e6))

    def close(self, ticket: Ticket, fate: Fate, end: float, cache: CacheClass, size_bytes: int) -> None:
        """The request came to this at `end`; its latency counts from when it was intended."""
        # Reports clear the counts while requests are open, so that a ticket cannot hold its place.
        self._place(ticket.route, ticket.phase)[fate] += 1
        if fate == NEVER_STARTED:
            return
        key: Key = (ticket.route, OUTCOME[fate], cache)
        series = self._series.get(key)
        if series is None:
            series = self._series[key] = {}
        histogram = series.get(ticket.block)
        if histogram is None:
            histogram = series[ticket.block] = {}
        sent = ticket.sent
        # A timer may fire up to 1 ms early: such a request has then no lag, and no time is taken off it.
        intended = min(ticket.intended, sent)
        count_in(histogram, int((end - intended) * 1e6))
        if fate == OK and ticket.phase == "steady":
            service = self._service.get(ticket.route)
            if service is None:
                service = self._service[ticket.route] = {}
            count_in(service, int((end - sent) * 1e6))
        at = (ticket.route, int(end + self._wall))
        second = self._seconds.get(at)
        if second is None:
            second = self._seconds[at] = [0, 0]
        second[0] += 1
        if fate > REFUSED:
            second[1] += 1
        self._sizes[ticket.route] = self._sizes.get(ticket.route, 0) + size_bytes

    def never_started(self, route: str, intended: float) -> None:
        """A step was due at `intended` and the run ended before it began."""
        self.close(self.open(route, intended), NEVER_STARTED, intended, "none", 0)

    def error(self, route: str, kind: str, text: str) -> None:
        """A request failed, or a scenario did: what it said, kept once per kind."""
        key = (route, kind)
        count = self._errors.get(key)
        if count is None:
            self._errors[key] = [1]
            self._examples[key] = text[:EXAMPLE_CHARS]
        else:
            count[0] += 1

    def parts(self, route: str, field: bytes) -> None:
        """Take the parts of a Server-Timing field: `name;dur=ms, …`."""
        for member in field.split(b","):
            name, _, rest = member.partition(b";")
            for parameter in rest.split(b";"):
                key, _, value = parameter.partition(b"=")
                if key.strip() == b"dur":
                    try:
                        part_ms = float(value.strip(b' "'))
                    except ValueError:
                        continue
                    sums = self._parts.setdefault((route, name.strip().decode("latin-1")), [0.0, 0])
                    sums[0] += part_ms
                    sums[1] += 1

    def canary(self, moment: float, excess_us: int) -> None:
        """The canary, asked at `moment`, took this much longer than its delay."""
        count_in(self._canary.setdefault(self.phase(moment), {}), excess_us)
        block = self.timetable.block(moment - self.origin)
        count_in(self._canary_blocks.setdefault(block, {}), excess_us)

    def loop_lag(self, moment: float, lag_us: int) -> None:
        """The event loop was this late at `moment`."""
        count_in(self._loop_lag.setdefault(self.phase(moment), {}), lag_us)

    def take(self) -> Delta:
        """Everything since the last call; what follows is counted anew."""
        delta = Delta(
            series=[
                (*key, block, histogram)
                for key, blocks in self._series.items()
                for block, histogram in blocks.items()
            ],
            counts=[(*place, counts) for place, counts in self._counts.items()],
            errors=[(*key, count[0], self._examples[key]) for key, count in self._errors.items()],
            service=list(self._service.items()),
            parts=[(*key, sums[0], int(sums[1])) for key, sums in self._parts.items()],
            canary=list(self._canary.items()),
            send_lag=list(self._send_lag.items()),
            loop_lag=list(self._loop_lag.items()),
            seconds=[(*at, counts[0], counts[1]) for at, counts in self._seconds.items()],
            sizes=list(self._sizes.items()),
            canary_blocks=list(self._canary_blocks.items()),
        )
        self._clear()
        return delta
