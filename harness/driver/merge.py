"""The reports of all workers as one result: histograms and counts are added, nothing is averaged."""

from collections import deque
from typing import Final, get_args

from msgspec import Struct

from harness.driver.clock import Timetable
from harness.driver.histogram import Histogram
from harness.driver.plan import LoadPlan
from harness.driver.recorder import Counted, Delta
from harness.driver.result import (
    Block,
    CacheClass,
    Counts,
    ErrorSample,
    LoadResult,
    Outcome,
    PhaseName,
    RouteTiming,
    Series,
    Timing,
    UserCount,
)
from harness.model.progress import LoadNow, RouteNow

PHASE_ORDER: Final = {name: index for index, name in enumerate(get_args(PhaseName))}
WINDOW_S: Final = 5.0
"""Figures of the moment are of so many seconds: long enough for a p95, short enough to be news."""


class Report(Struct, frozen=True, kw_only=True):
    """What a worker sends about once a second.

    `sequence` counts its reports from 0; `closed` all requests it has closed since the start, so that
    a report that went missing shows; `final` marks the last one.
    """

    worker: int
    sequence: int
    delta: Delta
    closed: int
    final: bool


class Merge:
    """Everything that workers have reported."""

    def __init__(self, plan: LoadPlan, timetable: Timetable) -> None:
        self._plan = plan
        self._timetable = timetable
        self._series: dict[tuple[str, Outcome, CacheClass], dict[int, Histogram]] = {}
        self._counts: dict[tuple[str, PhaseName], list[int]] = {}
        self._errors: dict[tuple[str, str], tuple[int, str]] = {}
        self._service: dict[str, Histogram] = {}
        self._parts: dict[tuple[str, str], tuple[float, int]] = {}
        self._canary: dict[PhaseName, Histogram] = {}
        self._canary_blocks: dict[int, Histogram] = {}
        self._send_lag: dict[PhaseName, Histogram] = {}
        self._loop_lag: dict[PhaseName, Histogram] = {}
        self._recent: deque[tuple[float, Delta]] = deque()
        self._sequences: dict[int, int] = {}
        self._closed: dict[int, int] = {}
        self.finals: set[int] = set()
        self.users: list[UserCount] = []
        self.lost_reports = 0

    def add(self, report: Report, at_s: float) -> None:
        """Take a report that came at `at_s` since the origin."""
        expected = self._sequences.get(report.worker, -1) + 1
        self.lost_reports += abs(report.sequence - expected)
        self._sequences[report.worker] = report.sequence
        self._closed[report.worker] = report.closed
        if report.final:
            self.finals.add(report.worker)
        delta = report.delta
        self._recent.append((at_s, delta))
        for route, outcome, cache, block, histogram in delta.series:
            blocks = self._series.setdefault((route, outcome, cache), {})
            blocks.setdefault(block, Histogram()).add(histogram.items())
        for route, phase, counts in delta.counts:
            sums = self._counts.setdefault((route, phase), [0] * len(counts))
            for index, count in enumerate(counts):
                sums[index] += count
        for route, kind, count, example in delta.errors:
            before, first = self._errors.get((route, kind), (0, example))
            self._errors[route, kind] = (before + count, first)
        for route, histogram in delta.service:
            self._service.setdefault(route, Histogram()).add(histogram.items())
        for route, part, sum_ms, count in delta.parts:
            before_ms, seen = self._parts.get((route, part), (0.0, 0))
            self._parts[route, part] = (before_ms + sum_ms, seen + count)
        for own, others in (
            (self._canary, delta.canary),
            (self._send_lag, delta.send_lag),
            (self._loop_lag, delta.loop_lag),
        ):
            add_timings(own, others)
        for block, histogram in delta.canary_blocks:
            self._canary_blocks.setdefault(block, Histogram()).add(histogram.items())

    def gap(self) -> str:
        """What is missing of the workers' reports, in words; empty where every request is here."""
        here = sum(sum(counts[1:]) for counts in self._counts.values())
        closed = sum(self._closed.values())
        if self.lost_reports == 0 and here == closed:
            return ""
        return f"{self.lost_reports} are missing; {here:,} of {closed:,} closed requests arrived"

    def now(self, at_s: float, users: int) -> LoadNow:
        """Where the load is at `at_s` since the origin."""
        while self._recent and self._recent[0][0] < at_s - WINDOW_S:
            self._recent.popleft()
        histograms: dict[str, Histogram] = {}
        failed: dict[str, int] = {}
        canary = Histogram()
        for _, delta in self._recent:
            for route, outcome, _, _, histogram in delta.series:
                histograms.setdefault(route, Histogram()).add(histogram.items())
                if outcome in {"failed", "censored"}:
                    failed[route] = failed.get(route, 0) + sum(histogram.values())
            for _, histogram in delta.canary:
                canary.add(histogram.items())
        window_s = min(WINDOW_S, max(at_s, 1.0))
        routes = tuple(
            RouteNow(
                route=route,
                requests_per_s=histogram.total / window_s,
                p95_ms=histogram.quantile_us(0.95) / 1000,
                failed=failed.get(route, 0),
            )
            for route, histogram in sorted(histograms.items())
        )
        table = self._timetable
        return LoadNow(
            phase=table.phase(at_s, table.block(at_s)) if at_s >= 0 else "prepare",
            at_s=max(at_s, 0.0),
            left_s=max(table.end_s - at_s, 0.0),
            users=users,
            requests_per_s=sum(route.requests_per_s for route in routes),
            failed=sum(failed.values()),
            generator_error_p95_ms=canary.quantile_us(0.95) / 1000,
            routes=routes,
        )

    def result(self, *, origin: float, lost_workers: int, locust_requests: int, workload: str) -> LoadResult:
        """All of it, as the record keeps it."""
        return LoadResult(
            origin=origin,
            block_s=self._timetable.block_s,
            phases=self._timetable.phases(),
            users_planned=self._plan.users,
            users=tuple(self.users),
            workers=self._plan.workers,
            lost_workers=lost_workers,
            series=tuple(
                Series(
                    route=route,
                    outcome=outcome,
                    cache=cache,
                    blocks=by_block(blocks),
                )
                for (route, outcome, cache), blocks in sorted(self._series.items())
            ),
            counts=tuple(
                counted(route, phase, counts)
                for (route, phase), counts in sorted(
                    self._counts.items(), key=lambda item: (item[0][0], PHASE_ORDER[item[0][1]])
                )
            ),
            errors=tuple(
                ErrorSample(route=route, kind=kind, count=count, example=example)
                for (route, kind), (count, example) in sorted(self._errors.items())
            ),
            routes=tuple(
                RouteTiming(
                    route=route,
                    service=histogram.buckets(),
                    parts_ms={
                        part: sum_ms / count
                        for (of, part), (sum_ms, count) in sorted(self._parts.items())
                        if of == route
                    },
                )
                for route, histogram in sorted(self._service.items())
            ),
            canary_delay_ms=self._plan.canary_delay_ms,
            canary=timings(self._canary),
            canary_blocks=by_block(self._canary_blocks),
            send_lag=timings(self._send_lag),
            loop_lag=timings(self._loop_lag),
            workload=workload,
            locust_requests=locust_requests,
        )


def add_timings(own: dict[PhaseName, Histogram], others: list[tuple[PhaseName, Counted]]) -> None:
    """Add histograms by phase."""
    for phase, histogram in others:
        own.setdefault(phase, Histogram()).add(histogram.items())


def by_block(histograms: dict[int, Histogram]) -> tuple[Block, ...]:
    """Histograms by block, in the order of time."""
    return tuple(
        Block(block=block, buckets=histogram.buckets()) for block, histogram in sorted(histograms.items())
    )


def timings(histograms: dict[PhaseName, Histogram]) -> tuple[Timing, ...]:
    """Histograms by phase, in the order of the phases."""
    return tuple(
        Timing(phase=phase, buckets=histograms[phase].buckets())
        for phase in sorted(histograms, key=PHASE_ORDER.__getitem__)
    )


def counted(route: str, phase: PhaseName, counts: list[int]) -> Counts:
    """A recorder's row, by name."""
    planned, ok, refused, failed, timed_out, in_flight, never_started = counts
    return Counts(
        route=route, phase=phase, planned=planned, ok=ok, refused=refused, failed=failed,
        timed_out=timed_out, in_flight=in_flight, never_started=never_started,
    )  # fmt: skip
