"""How the cost of a statement grows with its data: curves over the scales, and their slopes."""

import math
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from statistics import median_low
from typing import Final

from msgspec import Struct

from harness.planner.model import Plan, Way
from harness.planner.rules.case import Case
from harness.planner.rules.reading import (
    FLOOR_COST,
    counted,
    executed,
    greatest_scale,
    is_walked_for_a_match,
    knows_its_limit,
    rows_at,
    smallest_plans,
    table_of,
)
from harness.planner.tree import shape, walk

LEAST_TIMES: Final = 2.0
"""A cost that does not even double from the smallest to the greatest scale does not grow: ties between
indexes differ by up to a fifth, simulated costs by up to 13 %."""
SETTLED_COST: Final = 10_000.0
"""A step that levels off at the next scale is a plan that found its shape, as long as it stays below this:
about a second's work on a cold disk at the planner's four units for a page."""


LEAST_BEND: Final = 0.05
"""Difference of slopes below which two lines meet nowhere in particular."""


class Curve(Struct, frozen=True, kw_only=True):
    """The plans of one binding in one way, smallest scale first."""

    way: Way
    plans: tuple[Plan, ...]

    @property
    def costs(self) -> tuple[float, ...]:
        """Total cost at each scale, planner units."""
        return tuple(plan.root.cost for plan in self.plans)


class Slope(Struct, frozen=True, kw_only=True):
    """The steepest step of a curve: cost ~ rows^exponent from `before` to `after`."""

    exponent: float
    before: Plan
    after: Plan
    curve: Curve


def curves(case: Case, way: Way) -> Iterator[Curve]:
    """One curve per body and binding, of those that a target sends (real) or a server may use (generic)."""
    start = smallest_plans(case, way)
    found: dict[tuple[str, str, int], list[Plan]] = defaultdict(list)
    for plan in case.plans:
        if executed(plan) or plan.binding not in {"real", "generic"}:
            continue
        if (plan.way, plan.scale) == start or (plan.way == way and plan.scale > 1):
            found[plan.within, plan.binding, plan.number].append(plan)
    for plans in found.values():
        ordered = tuple(sorted(plans, key=lambda plan: plan.scale))
        if len(ordered) > 1:
            yield Curve(way=way, plans=ordered)


def steepest(curve: Curve) -> Slope:
    """The steepest slope of log cost on log rows between neighbouring scales.

    The rows of what grows are proportional to the scale. A step counts where it ends above FLOOR_COST, and
    not where the cost at the next scale has levelled off below SETTLED_COST; the whole must double.
    """
    slopes = [_slope(before, after, curve) for before, after in pairwise(curve.plans)]
    counting = [
        slope
        for slope, following in zip(slopes, [*slopes[1:], None], strict=True)
        if slope.after.root.cost >= FLOOR_COST
        and (
            following is None
            or following.exponent >= slope.exponent / 3
            or slope.after.root.cost >= SETTLED_COST
        )
    ]
    grows = curve.costs[-1] >= LEAST_TIMES * max(curve.costs[0], 0.01)
    if not counting or not grows:
        last = slopes[-1]
        return Slope(exponent=0.0, before=last.before, after=last.after, curve=curve)
    # Of equally steep steps the last: that is what the greatest scale costs.
    return max(counting, key=lambda slope: (round(slope.exponent, 2), slope.after.scale))


def growth_of(case: Case, way: Way) -> Slope | None:
    """The slope that decides for a statement in one way; None where it was not planned at two sizes.

    For each body the median of the real bindings (the lower of two), and the generic plan where it knows its
    LIMIT: the lesser of both, for a large tenant's values blur the one and defaults the other. But the
    steepest real one where a LIMIT ends a walk through a tenant as soon as enough is found: what is looked
    for is as likely not there, and then all is read. Then the steepest of the bodies.
    """
    bodies: dict[str, list[Curve]] = defaultdict(list)
    for curve in curves(case, way):
        bodies[curve.plans[0].within].append(curve)
    decisive = [slope for found in bodies.values() if (slope := _of_body(case, found)) is not None]
    return max(decisive, key=lambda slope: slope.exponent, default=None)


def flip_rows(case: Case, slope: Slope) -> tuple[str, float] | None:
    """The largest growing table of the plan and the rows at which its shape changes; None where it does not.

    The cost of the old shape goes on with the slope of the step before, that of the new one comes from the
    step after (else with the rows); where both lines meet, the plan flips. Where they meet below the smaller
    size, a cost that jumped did so somewhere between; one that did not was as dear in its old shape.
    """
    plans = slope.curve.plans
    at = plans.index(slope.before)
    if shape(slope.before.root) == shape(slope.after.root):
        return None
    table, low, high = _largest_growing(case, slope)
    if not table:
        return None
    old = _exponent(plans[at - 1], plans[at]) if at > 0 else 0.0
    new = _exponent(plans[at + 1], plans[at + 2]) if at + 2 < len(plans) else 1.0
    span = math.log(high / low)
    gap = math.log(slope.after.root.cost / max(slope.before.root.cost, 0.01))
    if new - old < LEAST_BEND:
        return table, math.sqrt(low * high)
    share = 1 - (gap - old * span) / ((new - old) * span)
    if share > 0:
        return table, low * math.exp(span * min(share, 1.0))
    jumped = gap - new * span > math.log(LEAST_TIMES)
    return (table, math.sqrt(low * high)) if jumped else None


def times_today(case: Case, slope: Slope) -> float:
    """By how much the statement costs more at the greatest scale than on the data of now."""
    after = slope.curve.plans[-1]
    for plans in counted(case, Way.NOW, 1):
        for plan in plans:
            if (plan.within, plan.number) == (after.within, after.number):
                return after.root.cost / max(plan.root.cost, 0.01)
    return after.root.cost / max(slope.curve.costs[0], 0.01)


def cost_at_greatest(case: Case) -> float:
    """The dearest counted plan at the greatest scale of either way; 0.0 where there is none."""
    return max(
        (
            plan.root.cost
            for way in (Way.MORE, Way.BIGGER)
            for plans in counted(case, way, greatest_scale(case, way))
            for plan in plans
        ),
        default=0.0,
    )


def _of_body(case: Case, found: list[Curve]) -> Slope | None:
    real = [steepest(curve) for curve in found if curve.plans[0].binding == "real"]
    if real and any(is_walked_for_a_match(case, slope.curve.plans[-1].root) for slope in real):
        return max(real, key=lambda slope: slope.exponent)
    generic = [
        steepest(curve)
        for curve in found
        if curve.plans[0].binding == "generic"
        and (case.is_bound or not real)
        and all(knows_its_limit(plan.root) for plan in curve.plans)
    ]
    decisive = list(generic)
    if real:
        middle = median_low([slope.exponent for slope in real])
        decisive.append(next(slope for slope in real if slope.exponent == middle))
    return min(decisive, key=lambda slope: slope.exponent, default=None)


def _slope(before: Plan, after: Plan, curve: Curve) -> Slope:
    return Slope(exponent=_exponent(before, after), before=before, after=after, curve=curve)


def _exponent(before: Plan, after: Plan) -> float:
    return math.log(max(after.root.cost, 0.01) / max(before.root.cost, 0.01)) / math.log(
        after.scale / before.scale
    )


def _largest_growing(case: Case, slope: Slope) -> tuple[str, float, float]:
    """Name of the largest table that grows, with its rows before and after the step."""
    sizes = []
    for node in walk(slope.after.root):
        table = table_of(case, node) if node.relation else None
        if table:
            low = rows_at(table, slope.before.way, slope.before.scale)
            high = rows_at(table, slope.after.way, slope.after.scale)
            if high > low > 0:
                sizes.append((high, low, table.name))
    high, low, name = max(sizes, default=(0.0, 0.0, ""))
    return name, low, high
