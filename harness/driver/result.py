"""What a load run counted and timed, as plain values that a record can hold.

All times are measured on CLOCK_MONOTONIC, which the processes of one machine share. `origin` is the
start of the run on it; `*_s` in phases and blocks are seconds since the origin.
"""

from typing import Literal

from msgspec import Struct

PhaseName = Literal["prepare", "warm_up", "ramp", "steady", "drain"]

Outcome = Literal["ok", "refused", "failed", "censored"]
"""`refused`: a 503 with Retry-After, counted apart where the route declares it. `censored`: given up
at the time limit, or still in flight at the end; its time is its age. `failed`: any other error."""

CacheClass = Literal["hit", "miss", "none"]
"""From `Cache-Status` (RFC 9211): its last member has `hit`, has not, or the field is absent."""

Buckets = tuple[tuple[int, int], ...]
"""A sparse histogram: (bucket index, count), ascending; see harness.driver.histogram for the layout."""


class Phase(Struct, frozen=True, kw_only=True):
    """One phase of the run, in seconds since the origin."""

    name: PhaseName
    start_s: float
    end_s: float


class Block(Struct, frozen=True, kw_only=True):
    """Latencies, intended → end, of the requests intended in one block of time."""

    block: int
    buckets: Buckets


class Series(Struct, frozen=True, kw_only=True):
    """All blocks of one route, outcome and cache class. Block i spans [i, i+1) × `block_s`."""

    route: str
    outcome: Outcome
    cache: CacheClass
    blocks: tuple[Block, ...]


class Counts(Struct, frozen=True, kw_only=True):
    """Where the planned requests of one route and phase went.

    `planned` is counted when a user's intended time is drawn, the others where they happen, so that
    planned = ok + refused + failed + timed_out + in_flight + never_started is a check and not a sum.
    `timed_out`: given up at the limit; `in_flight`: unanswered when drain ended; `never_started`:
    intended within the run and not sent before it ended.
    """

    route: str
    phase: PhaseName
    planned: int
    ok: int
    refused: int
    failed: int
    timed_out: int
    in_flight: int
    never_started: int


class ErrorSample(Struct, frozen=True, kw_only=True):
    """One kind of failure of one route: how often, and what one of them said."""

    route: str
    kind: str
    count: int
    example: str


class Timing(Struct, frozen=True, kw_only=True):
    """A histogram over one phase, in microseconds buckets as elsewhere."""

    phase: PhaseName
    buckets: Buckets


class RouteTiming(Struct, frozen=True, kw_only=True):
    """Service time, sent → end, of one route's ok answers in steady; and its Server-Timing parts."""

    route: str
    service: Buckets
    parts_ms: dict[str, float]
    """Mean milliseconds of each Server-Timing metric (db, cache, model, …)."""


class UserCount(Struct, frozen=True, kw_only=True):
    """How many users were running at one time."""

    at_s: float
    users: int


class LoadResult(Struct, frozen=True, kw_only=True):
    """What the generator says of one run; written by Locust's master from its workers' reports.

    `canary_delay_ms` is the fixed delay of the canary; `canary` what its answers took above it, and
    `send_lag` intended → sent of all requests, per phase. `lost_workers` left before the end.
    `workload` states arrivals, think time, mix and popularity law in the workload's own words.
    """

    origin: float
    block_s: float
    phases: tuple[Phase, ...]
    users_planned: int
    users: tuple[UserCount, ...]
    workers: int
    lost_workers: int
    series: tuple[Series, ...]
    counts: tuple[Counts, ...]
    errors: tuple[ErrorSample, ...]
    routes: tuple[RouteTiming, ...]
    canary_delay_ms: float
    canary: tuple[Timing, ...]
    send_lag: tuple[Timing, ...]
    loop_lag: tuple[Timing, ...]
    workload: str
    locust_requests: int
    """Requests that Locust's own statistics counted in the master, to compare with ours."""
    canary_blocks: tuple[Block, ...] = ()
    """What the canary's answers took above its delay, by the block in which it was asked; empty in
    records that are older than this field."""
