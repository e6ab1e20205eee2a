"""The figures of each route in steady: what judges decide by and the report prints."""

from collections import defaultdict
from collections.abc import Callable, Collection

from msgspec import Struct

from harness.driver.histogram import Histogram, merged
from harness.driver.result import Buckets, CacheClass, LoadResult, Outcome, Phase, Timing
from harness.load.model import LoadMeasurement
from harness.load.statistics import Share, estimate_share
from harness.model.policy import Policy, RoutePolicy

TIMED: Collection[Outcome] = ("ok", "censored")
"""What has a latency: answers, and those waited for in vain, which count as over every budget."""
ANSWERED: tuple[Outcome, ...] = ("ok",)
ALL: Collection[Outcome] = ("ok", "refused", "failed", "censored")

Count = Callable[[str, Outcome, CacheClass, Buckets], tuple[int, int]]
"""(over, of) of one route, outcome, cache class and block."""


class Limit(Struct, frozen=True, kw_only=True):
    """A latency budget and where the route stands: at most `allowed` may take longer than `limit_ms`."""

    name: str
    limit_ms: float
    allowed: float
    measured_ms: float
    share: Share


class RouteFigures(Struct, frozen=True, kw_only=True):
    """One route in steady; milliseconds from intended to end of ok and censored requests, unless said.

    `hit_share` is the share of ok answers that `Cache-Status` calls a hit, None where the field never
    came; `service_p95_ms` counts from sent; `parts_ms` are means of Server-Timing.
    """

    route: str
    policy: RoutePolicy | None
    samples: int
    requests_per_s: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    p999_ms: float
    max_ms: float
    limits: tuple[Limit, ...]
    hit_share: float | None
    failed: int
    timed_out: int
    refused: int
    service_p95_ms: float
    parts_ms: dict[str, float]

    @property
    def errors(self) -> int:
        """Requests that failed or got no answer in time."""
        return self.failed + self.timed_out


class Window:
    """The series of a load within one phase, by block."""

    def __init__(self, result: LoadResult, phase: Phase) -> None:
        self.seconds = phase.end_s - phase.start_s
        self.block_s = result.block_s
        # The middle of a block is in one phase only, whatever rounding does to its ends.
        self.blocks = tuple(
            block
            for block in range(int(phase.start_s / result.block_s) - 1, int(phase.end_s / result.block_s) + 2)
            if phase.start_s <= (block + 0.5) * result.block_s < phase.end_s
        )
        self._parts: dict[tuple[str, Outcome, CacheClass], dict[int, Buckets]] = {}
        inside = frozenset(self.blocks)
        for series in result.series:
            kept = {one.block: one.buckets for one in series.blocks if one.block in inside}
            if kept:
                self._parts[series.route, series.outcome, series.cache] = kept
        self.routes = tuple(sorted({route for route, _, _ in self._parts}))

    def histogram(
        self, route: str, outcomes: Collection[Outcome] = TIMED, cache: CacheClass | None = None
    ) -> Histogram:
        """All latencies of a route with these outcomes, and this cache class unless None."""
        return merged(
            buckets
            for (of, outcome, cached), parts in self._parts.items()
            if of == route and outcome in outcomes and cache in (None, cached)
            for buckets in parts.values()
        )

    def tally(self, count: Count) -> Share:
        """The share of what `count` calls (over, of) in each route, outcome, cache class and block."""
        over: dict[int, int] = defaultdict(int)
        of: dict[int, int] = defaultdict(int)
        for (route, outcome, cache), parts in self._parts.items():
            for block, buckets in parts.items():
                hits, total = count(route, outcome, cache, buckets)
                over[block] += hits
                of[block] += total
        return estimate_share((over[block], of[block]) for block in self.blocks)

    def over(self, route: str, limit_ms: float, cache: CacheClass | None = None) -> Share:
        """The share of a route's requests beyond a limit; who was given up counts as beyond every one."""

        def count(of: str, outcome: Outcome, cached: CacheClass, buckets: Buckets) -> tuple[int, int]:
            if of != route or outcome not in TIMED or cache not in (None, cached):
                return 0, 0
            total = size(buckets)
            return (total if outcome == "censored" else beyond(buckets, limit_ms)), total

        return self.tally(count)


def size(buckets: Buckets) -> int:
    """How many values a histogram holds."""
    return sum(count for _, count in buckets)


def beyond(buckets: Buckets, limit_ms: float) -> int:
    """How many values of a histogram are surely above a limit in milliseconds."""
    return Histogram(buckets).count_over(round(limit_ms * 1000))


def steady_of(result: LoadResult) -> Phase | None:
    """The phase that is judged."""
    return next((phase for phase in result.phases if phase.name == "steady"), None)


def timing_of(timings: tuple[Timing, ...], phase: str = "steady") -> Histogram:
    """What a generator's own histogram says of one phase."""
    return merged(one.buckets for one in timings if one.phase == phase)


def budget_of(route: str, policy: Policy) -> RoutePolicy | None:
    """The budgets of a label: its own, else those of its operation."""
    by_route = {one.route: one for one in policy.routes}
    return by_route.get(route) or by_route.get(operation_of(route))


def operation_of(route: str) -> str:
    """The operation of a label: without the query parameter that makes it a route of its own."""
    return route.partition("?")[0]


def figures_of(measurement: LoadMeasurement, policy: Policy) -> tuple[RouteFigures, ...]:
    """Every route with samples in steady, by name; empty where there is no steady phase."""
    result = measurement.result
    phase = steady_of(result)
    if phase is None:
        return ()
    window = Window(result, phase)
    return tuple(_figures(route, result, window, policy) for route in window.routes)


def _figures(route: str, result: LoadResult, window: Window, policy: Policy) -> RouteFigures:
    whole = window.histogram(route)
    counts = [one for one in result.counts if one.route == route and one.phase == "steady"]
    answered = window.histogram(route, ANSWERED)
    hits = window.histogram(route, ANSWERED, "hit").total
    misses = window.histogram(route, ANSWERED, "miss").total
    timing = next((one for one in result.routes if one.route == route), None)
    budget = budget_of(route, policy)
    return RouteFigures(
        route=route,
        policy=budget,
        samples=whole.total,
        requests_per_s=window.histogram(route, ALL).total / window.seconds,
        p50_ms=whole.quantile_us(0.5) / 1000,
        p95_ms=whole.quantile_us(0.95) / 1000,
        p99_ms=whole.quantile_us(0.99) / 1000,
        p999_ms=whole.quantile_us(0.999) / 1000,
        max_ms=whole.quantile_us(1.0) / 1000,
        limits=tuple(_limits(route, window, whole, budget)) if budget else (),
        hit_share=hits / answered.total if hits + misses else None,
        failed=sum(one.failed for one in counts),
        timed_out=sum(one.timed_out + one.in_flight for one in counts),
        refused=sum(one.refused for one in counts),
        service_p95_ms=merged([timing.service]).quantile_us(0.95) / 1000 if timing else 0.0,
        parts_ms=timing.parts_ms if timing else {},
    )


def _limits(route: str, window: Window, whole: Histogram, budget: RoutePolicy) -> list[Limit]:
    limits = [_limit("p95", budget.p95_ms, 0.05, whole, window.over(route, budget.p95_ms))]
    if budget.p99_ms is not None:
        limits.append(_limit("p99", budget.p99_ms, 0.01, whole, window.over(route, budget.p99_ms)))
    if budget.hit_p95_ms is not None:
        hits = window.histogram(route, TIMED, "hit")
        share = window.over(route, budget.hit_p95_ms, "hit")
        limits.append(_limit("hit p95", budget.hit_p95_ms, 0.05, hits, share))
    return limits


def _limit(name: str, limit_ms: float, allowed: float, whole: Histogram, share: Share) -> Limit:
    measured_ms = whole.quantile_us(1 - allowed) / 1000
    return Limit(name=name, limit_ms=limit_ms, allowed=allowed, measured_ms=measured_ms, share=share)
