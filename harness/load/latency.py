"""Are the answers fast enough: budgets per route, stalls, and times in which hardly anybody was answered."""

from collections.abc import Iterator
from itertools import groupby

from harness.driver.histogram import Histogram, merged
from harness.driver.result import Buckets, CacheClass, LoadResult, Outcome
from harness.load.figures import (
    TIMED,
    Limit,
    RouteFigures,
    Window,
    beyond,
    budget_of,
    size,
    steady_of,
    timing_of,
)
from harness.load.statistics import Standing, standing
from harness.load.wording import bounds, milliseconds, more, percent, too_few
from harness.model.finding import Effect, Finding, Severity
from harness.model.policy import LoadPolicy, Policy

STALL_FACTOR = 10
STALL_LEAST_MS = 1000.0
"""A stall takes ten times its route's p95 budget, and more than the second that breaks a flow of thought
(Nielsen 1993, ch. 5)."""
WAITING_SHARE = 0.1
"""A block counts to a freeze when so many of its requests waited: far above any stall_rate."""
WAITING_LEAST = 20
"""Requests a block must have to count to a freeze: one slow request of three is none."""


def judge_budgets(figures: tuple[RouteFigures, ...], result: LoadResult) -> Iterator[Finding]:
    """One finding for each latency budget that is broken, or that these samples neither prove nor break.

    Budgets with too few samples are the business of load/samples.
    """
    for route in figures:
        for limit in route.limits:
            if too_few(limit.share, limit.allowed):
                continue
            found = standing(limit.share, limit.allowed)
            if found is not Standing.WITHIN:
                yield _outside(route, limit, found, result)


def _outside(route: RouteFigures, limit: Limit, found: Standing, result: LoadResult) -> Finding:
    hit = limit.name.startswith("hit")
    what = "hits" if hit else "requests"
    beyond_it = found is Standing.BEYOND
    detail = (
        f"{limit.name} {milliseconds(limit.measured_ms)}, budget {milliseconds(limit.limit_ms)}: "
        f"{bounds(limit.share)} of the {what} took longer; at most {percent(limit.allowed)} may."
    )
    if not beyond_it:
        detail += f" {more(limit.share, limit.allowed, result.block_s)}"
    return Finding(
        rule="load/hit-latency" if hit else "load/latency",
        severity=Severity.ERROR if beyond_it else Severity.WARNING,
        effect=Effect.FAIL if beyond_it else Effect.INCONCLUSIVE,
        subject=route.route,
        aspect=limit.name.removeprefix("hit "),
        detail=detail,
        remedy=_remedy(route, hit=hit)
        if beyond_it
        else "Lengthen phases.steady_s of the profile, and run again.",
        evidence=_evidence(route, result),
        timing=True,
    )


def _remedy(route: RouteFigures, *, hit: bool) -> str:
    if hit:
        return (
            "A hit should cost one look-up: see what else the route does before it looks, and how "
            "large it is."
        )
    if route.parts_ms:
        slowest, mean_ms = max(route.parts_ms.items(), key=lambda part: part[1])
        return (
            f"Begin with `{slowest}`: of the parts in Server-Timing it takes most, "
            f"{milliseconds(mean_ms)} on "
            "average. Where the parts are short and the whole is long, requests queue: look at the CPU table."
        )
    return (
        "Send Server-Timing (db, cache, model) to see which part is slow; look at the CPU table for queues."
    )


def _evidence(route: RouteFigures, result: LoadResult) -> tuple[str, ...]:
    error = timing_of(result.canary)
    lines = [
        (
            f"p50 {milliseconds(route.p50_ms)}, p95 {milliseconds(route.p95_ms)}, p99 "
            f"{milliseconds(route.p99_ms)}, "
            f"max {milliseconds(route.max_ms)}; {route.samples:,} samples, {route.requests_per_s:.1f}/s"
        ),
        (
            f"sent to end, without waiting for the generator: p95 {milliseconds(route.service_p95_ms)}; "
            f"the generator's own error: p95 {milliseconds(error.quantile_us(0.95) / 1000)}"
        ),
    ]
    if route.parts_ms:
        parts = (f"{name} {milliseconds(mean)}" for name, mean in sorted(route.parts_ms.items()))
        lines.append(f"Server-Timing, means: {', '.join(parts)}")
    return tuple(lines)


def judge_stalls(result: LoadResult, policy: Policy, limits: LoadPolicy) -> Iterator[Finding]:
    """At most `stall_rate` of all requests may take ten times their p95 budget and over a second."""
    phase = steady_of(result)
    if phase is None:
        return
    window = Window(result, phase)
    stall_ms = {
        route: max(STALL_LEAST_MS, STALL_FACTOR * budget.p95_ms)
        for route in window.routes
        if (budget := budget_of(route, policy))
    }

    def stalled(route: str, outcome: Outcome, _: CacheClass, buckets: Buckets) -> tuple[int, int]:
        if route not in stall_ms or outcome not in TIMED:
            return 0, 0
        total = size(buckets)
        return (total if outcome == "censored" else beyond(buckets, stall_ms[route])), total

    share = window.tally(stalled)
    found = standing(share, limits.stall_rate)
    if found is Standing.WITHIN or not share.of:
        return
    fails = found is Standing.BEYOND
    detail = (
        f"{bounds(share)} of the requests waited {STALL_FACTOR} times their budget and over "
        f"{milliseconds(STALL_LEAST_MS)}; at most {percent(limits.stall_rate)} may."
    )
    if not fails:
        detail += f" {more(share, limits.stall_rate, result.block_s)}"
    worst = sorted(
        ((window.over(route, stall_ms[route]), route) for route in stall_ms), key=lambda one: -one[0].share
    )
    yield Finding(
        rule="load/stalls",
        severity=Severity.ERROR if fails else Severity.WARNING,
        effect=Effect.FAIL if fails else Effect.INCONCLUSIVE,
        subject="all operations",
        detail=detail,
        remedy="Look for what makes single requests wait: locks, an exhausted pool, retries with a pause, "
        "a full queue. A p95 does not see them; the people who meet them do.",
        evidence=tuple(
            f"{route}: {percent(one.share)} over {milliseconds(stall_ms[route])}, {one.over:,} of {one.of:,}"
            for one, route in worst[:5]
            if one.over
        ),
        timing=True,
    )


def judge_freeze(result: LoadResult, policy: Policy, limits: LoadPolicy) -> Iterator[Finding]:
    """Whether there was a time, of `freeze_s` at least beyond the first `freeze_s`, when nobody got on.

    A freeze of F seconds makes the arrivals of its first F − freeze_s seconds wait longer than freeze_s.
    So neighbouring blocks where over a tenth waited that long are added up, each with its share of its
    length; from `freeze_s` on it is a freeze. Routes that may take that long anyway are left out.
    """
    phase = steady_of(result)
    if phase is None:
        return
    window = Window(result, phase)
    routes = {
        route
        for route in window.routes
        if (budget := budget_of(route, policy)) and budget.p95_ms < limits.freeze_s * 1000
    }
    waits = _waiting(result, routes, limits.freeze_s)
    hit = [
        (block, waits[block])
        for block in window.blocks
        if (one := waits.get(block)) and one[1] >= WAITING_LEAST and one[0] >= WAITING_SHARE * one[1]
    ]
    # Blocks that follow each other have the same distance to their place in the list.
    for _, grouped in groupby(enumerate(hit), key=lambda one: one[1][0] - one[0]):
        group = [one for _, one in grouped]
        lost_s = sum(waiting / total for _, (waiting, total) in group) * result.block_s
        if lost_s < limits.freeze_s:
            continue
        start_s, end_s = group[0][0] * result.block_s, (group[-1][0] + 1) * result.block_s
        canary_max_s = _canary(result, {block for block, _ in group}).quantile_us(1.0) / 1e6
        ours = canary_max_s >= limits.freeze_s / 2
        waiting, total = sum(one[1][0] for one in group), sum(one[1][1] for one in group)
        yield Finding(
            rule="load/freeze",
            severity=Severity.WARNING if ours else Severity.ERROR,
            effect=Effect.INCONCLUSIVE if ours else Effect.FAIL,
            subject="all operations",
            detail=f"For about {lost_s + limits.freeze_s:.1f} s hardly anything was answered: "
            f"{waiting:,} of the "
            f"{total:,} requests due from {start_s:.0f} s to {end_s:.0f} s took over {limits.freeze_s:g} s.",
            remedy="The canary stood still too, so the machine may have; run again on a quiet one."
            if ours
            else "Look for what stops everybody at once: a collection, a lock on a table, a checkpoint, one "
            "blocking call in the event loop, a restart.",
            evidence=(
                f"the canary's longest wait beyond its delay meanwhile: {milliseconds(canary_max_s * 1000)}",
            ),
            timing=True,
        )
        return  # one freeze or five: one thing to mend


def _canary(result: LoadResult, blocks: set[int]) -> Histogram:
    """The canary in these blocks; in all of steady where a record does not have it by block."""
    if not result.canary_blocks:
        return timing_of(result.canary)
    return merged(one.buckets for one in result.canary_blocks if one.block in blocks)


def _waiting(result: LoadResult, routes: set[str], limit_s: float) -> dict[int, tuple[int, int]]:
    """(waited longer than the limit, all) by block."""
    blocks: dict[int, tuple[int, int]] = {}
    for series in result.series:
        if series.route in routes and series.outcome in TIMED:
            for block in series.blocks:
                waiting, total = blocks.get(block.block, (0, 0))
                over = beyond(block.buckets, limit_s * 1000)
                blocks[block.block] = (waiting + over, total + size(block.buckets))
    return blocks
