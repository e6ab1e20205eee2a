"""Are the answers right enough: nothing fell over, errors, refusals, and hits of the caches."""

from collections.abc import Iterator

from harness.driver.result import Buckets, CacheClass, ErrorSample, LoadResult, Outcome
from harness.load.figures import ANSWERED, Window, budget_of, size
from harness.load.model import LoadMeasurement
from harness.load.statistics import Share, Standing, standing
from harness.load.wording import bounds, percent, undecided
from harness.model.finding import Effect, Finding, Severity
from harness.model.policy import CachePolicy, LoadPolicy, Policy

EVERYTHING = "all operations"
LASTING = ("target", "service")
"""Roles that must outlive a load; the generator's own processes are the driver's business."""
STANDS_OUT = 2
"""A route is named when it fails so many times as often as all together: among many routes that fail
alike some are beyond the limit by chance, and to name those would lead astray."""


def judge_vanished(measurement: LoadMeasurement) -> Iterator[Finding]:
    """Each process of the target or of its services that was gone before the end of steady."""
    for process in measurement.processes:
        if process.name in measurement.vanished and process.role in LASTING:
            yield Finding(
                rule="load/vanished",
                severity=Severity.ERROR,
                effect=Effect.FAIL,
                subject=process.name,
                detail=f"The process {process.name} ({process.role}) ended before steady did.",
                remedy=f"See logs/{process.name}.log for why: killed for memory, or an error nobody caught.",
            )


def judge_errors(result: LoadResult, window: Window, policy: Policy, limits: LoadPolicy) -> Iterator[Finding]:
    """Errors are pooled over all routes, because no single one has the 2,995 samples that 0.1 % needs.

    Where the pool is beyond its limit, each route that is surely beyond it alone and stands out has a
    finding, and the others together one more where without these they still are. Where it is not, such
    a route is named as a warning, and decides nothing.
    """
    allowed = limits.error_rate
    pooled = errors_of(window, policy, set(window.routes))
    found = standing(pooled, allowed)
    alone = {route: errors_of(window, policy, {route}) for route in window.routes}
    culprits = {
        route: share
        for route, share in alone.items()
        if share.lower > allowed and share.share >= STANDS_OUT * pooled.share
    }
    for route, share in culprits.items():
        fails = found is Standing.BEYOND
        yield Finding(
            rule="load/errors",
            severity=Severity.ERROR if fails else Severity.WARNING,
            effect=Effect.FAIL if fails else Effect.NONE,
            subject=route,
            detail=f"{bounds(share)} of the requests failed; over all operations {percent(pooled.share)} "
            "did, and "
            f"at most {percent(allowed)} may.",
            remedy="Begin with the examples; a refusal that is meant is a 503 with Retry-After, and is "
            "declared by refused_rate.",
            evidence=_examples(result, {route}),
        )
    rest = set(window.routes) - set(culprits)
    others = errors_of(window, policy, rest) if culprits and found is Standing.BEYOND else pooled
    standing_of_others = standing(others, allowed)
    if not others.of or standing_of_others is Standing.WITHIN:
        return
    if standing_of_others is Standing.OPEN and culprits and found is Standing.BEYOND:
        return
    fails = standing_of_others is Standing.BEYOND
    detail = f"{bounds(others)} of the requests failed; at most {percent(allowed)} may."
    if not fails:
        detail += f" {undecided(others, allowed, result.block_s)}"
    yield Finding(
        rule="load/errors",
        severity=Severity.ERROR if fails else Severity.WARNING,
        effect=Effect.FAIL if fails else Effect.INCONCLUSIVE,
        subject=EVERYTHING,
        detail=detail,
        remedy="Begin with the examples." if fails else "Lengthen phases.steady_s or add users.",
        evidence=_examples(result, rest),
    )


def errors_of(window: Window, policy: Policy, routes: set[str]) -> Share:
    """The share of requests of these routes that failed, timed out, or were refused without leave."""
    may_refuse = {
        route for route in routes if (one := budget_of(route, policy)) and one.refused_rate is not None
    }

    def failed(route: str, outcome: Outcome, _: CacheClass, buckets: Buckets) -> tuple[int, int]:
        if route not in routes:
            return 0, 0
        total = size(buckets)
        wrong = outcome in ("failed", "censored") or (outcome == "refused" and route not in may_refuse)
        return (total if wrong else 0), total

    return window.tally(failed)


def _examples(result: LoadResult, routes: set[str]) -> tuple[str, ...]:
    kinds: list[ErrorSample] = [one for one in result.errors if one.route in routes]
    kinds.sort(key=lambda one: (-one.count, one.route, one.kind))
    return tuple(f"{one.route}: {one.count:,} × {one.kind}: {one.example}" for one in kinds[:5])


def judge_refused(result: LoadResult, window: Window, policy: Policy) -> Iterator[Finding]:
    """A route that declares 503 with Retry-After may refuse no more than `refused_rate` of its requests."""
    for route in window.routes:
        budget = budget_of(route, policy)
        if budget is None or budget.refused_rate is None:
            continue
        allowed = budget.refused_rate
        share = refusals_of(window, route)
        found = standing(share, allowed)
        if found is Standing.WITHIN:
            continue
        fails = found is Standing.BEYOND
        detail = f"{bounds(share)} of the requests were refused with 503; at most {percent(allowed)} may be."
        if not fails:
            detail += f" {undecided(share, allowed, result.block_s)}"
        yield Finding(
            rule="load/refused",
            severity=Severity.ERROR if fails else Severity.WARNING,
            effect=Effect.FAIL if fails else Effect.INCONCLUSIVE,
            subject=route,
            detail=detail,
            remedy="Make room for the load (capacity, a cache before it), or lower what is asked of the "
            "route."
            if fails
            else "Lengthen phases.steady_s or add users.",
        )


def refusals_of(window: Window, route: str) -> Share:
    """The share of a route's requests that were refused with 503 and Retry-After."""

    def refused(of: str, outcome: Outcome, _: CacheClass, buckets: Buckets) -> tuple[int, int]:
        if of != route:
            return 0, 0
        total = size(buckets)
        return (total if outcome == "refused" else 0), total

    return window.tally(refused)


def judge_hit_rates(result: LoadResult, window: Window, policy: Policy) -> Iterator[Finding]:
    """Each cache must answer its share of requests: not a hit is a miss, and an absent Cache-Status too."""
    for cache in policy.caches:
        allowed = 1 - cache.hit_rate
        missed = misses_of(window, cache.route)
        found = standing(missed, allowed)
        if found is Standing.WITHIN or cache.route not in window.routes:
            continue
        yield _hit_rate(cache, missed, window, result, fails=found is Standing.BEYOND)


def misses_of(window: Window, route: str) -> Share:
    """The share of a route's ok answers that Cache-Status does not call a hit."""

    def missed(of: str, outcome: Outcome, cached: CacheClass, buckets: Buckets) -> tuple[int, int]:
        if of != route or outcome != "ok":
            return 0, 0
        total = size(buckets)
        return (0 if cached == "hit" else total), total

    return window.tally(missed)


def _hit_rate(
    cache: CachePolicy, missed: Share, window: Window, result: LoadResult, *, fails: bool
) -> Finding:
    silent = window.histogram(cache.route, ANSWERED, "none").total
    detail = (
        f"Cache `{cache.name}` answered {percent(1 - missed.share)} of the requests "
        f"(95 % bounds {percent(1 - missed.upper)} to {percent(1 - missed.lower)}; "
        f"{missed.of - missed.over:,} of {missed.of:,}); at least {percent(cache.hit_rate)} is promised."
    )
    if not fails:
        detail += f" {undecided(missed, 1 - cache.hit_rate, result.block_s)}"
    return Finding(
        rule="load/hit-rate",
        severity=Severity.ERROR if fails else Severity.WARNING,
        effect=Effect.FAIL if fails else Effect.INCONCLUSIVE,
        subject=cache.route,
        aspect=cache.name,
        detail=detail,
        remedy="Look at the key (does it hold something that changes with every request?), the lifetime, "
        "what "
        "invalidates it, and whether it is full."
        if fails
        else "Lengthen phases.steady_s or add users.",
        evidence=(f"{silent:,} answers had no Cache-Status field, and count as misses",) if silent else (),
    )
