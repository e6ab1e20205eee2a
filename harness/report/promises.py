"""What else the target promises besides its p95 budgets, and how far each promise is kept."""

from collections.abc import Iterator
from dataclasses import dataclass

from harness.load.answers import errors_of, misses_of, refusals_of
from harness.load.figures import RouteFigures, Window, budget_of
from harness.load.statistics import NOTHING, Share, Standing, standing
from harness.load.wording import milliseconds, percent
from harness.model.policy import LoadPolicy, Policy


@dataclass(frozen=True, kw_only=True)
class Promise:
    """One promise as a row of a table; `reach` are the 95 % bounds of `measured`."""

    subject: str
    what: str
    measured: str
    promised: str
    reach: str
    samples: int
    standing: Standing


def promises_of(
    window: Window, figures: tuple[RouteFigures, ...], policy: Policy, limits: LoadPolicy
) -> Iterator[Promise]:
    """Errors over all operations, then hits, refusals and further latency budgets, route by route."""
    errors = errors_of(window, policy, set(window.routes))
    yield _at_most("all operations", "errors", errors, limits.error_rate)
    for cache in policy.caches:
        missed = misses_of(window, cache.route) if cache.route in window.routes else NOTHING
        yield Promise(
            subject=cache.route,
            what=f"cache {cache.name}, hits",
            measured=percent(1 - missed.share),
            promised=f"≥ {percent(cache.hit_rate)}",
            reach=f"{percent(1 - missed.upper)} to {percent(1 - missed.lower)}",
            samples=missed.of,
            standing=standing(missed, 1 - cache.hit_rate),
        )
    for route in window.routes:
        budget = budget_of(route, policy)
        if budget is not None and budget.refused_rate is not None:
            yield _at_most(route, "refused with 503", refusals_of(window, route), budget.refused_rate)
    for one in figures:
        for limit in one.limits[1:]:
            yield Promise(
                subject=one.route,
                what=f"{limit.name} over {milliseconds(limit.limit_ms)}",
                measured=f"{percent(limit.share.share)}; {limit.name} {milliseconds(limit.measured_ms)}",
                promised=f"≤ {percent(limit.allowed)}",
                reach=f"{percent(limit.share.lower)} to {percent(limit.share.upper)}",
                samples=limit.share.of,
                standing=standing(limit.share, limit.allowed),
            )


def _at_most(subject: str, what: str, share: Share, allowed: float) -> Promise:
    return Promise(
        subject=subject,
        what=what,
        measured=percent(share.share),
        promised=f"≤ {percent(allowed)}",
        reach=f"{percent(share.lower)} to {percent(share.upper)}",
        samples=share.of,
        standing=standing(share, allowed),
    )
