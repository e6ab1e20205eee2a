"""P18: the plan for any value and the plan for this value have little in common."""

from collections.abc import Iterator
from statistics import fmean
from typing import Final

from harness.planner.model import Plan
from harness.planner.rules.case import Case, Violation
from harness.planner.rules.reading import (
    LARGE_ROWS,
    WAYS,
    executed,
    greatest_scale,
    is_strict,
    knows_its_limit,
    largest_rows,
)
from harness.planner.rules.wording import counted_number, size_in_words
from harness.planner.tree import shape

RULE: Final = "plans/generic-plan"
LEAST_RATIO: Final = 10.0
"""Less is the everyday difference between a common and a rare value."""
LEAST_COST: Final = 1_000.0
"""Planner units of the dearer plan below which nobody notices."""


def violations(case: Case) -> Iterator[Violation]:
    """A warning where a real value's plan and the generic one differ in shape and ten times in cost.

    A warning only: Postgres takes the generic plan where it is no dearer than the average of five real ones
    (choose_custom_plan). A dearer one is never taken.
    """
    if not is_strict(case) or largest_rows(case) < LARGE_ROWS or not case.is_bound:
        return
    for way in WAYS:
        scale = greatest_scale(case, way)
        plans = [
            plan
            for plan in case.plans
            if plan.way == way and plan.scale == scale and not plan.within and not executed(plan)
        ]
        generic = next((plan for plan in plans if plan.binding == "generic"), None)
        if generic is None or not knows_its_limit(generic.root):
            continue
        real = [plan for plan in plans if plan.binding == "real"]
        if not real or generic.root.cost > fmean(plan.root.cost for plan in real):
            continue
        other = next((plan for plan in real if _differ(plan, generic)), None)
        if other is not None:
            yield Violation(
                rule=RULE,
                fingerprint=case.fingerprint,
                error=False,
                detail=(
                    f"Costs {counted_number(other.root.cost)} planned for a real value and "
                    f"{counted_number(generic.root.cost)} planned for any value, {size_in_words(generic)}."
                ),
                remedy=(
                    "Two statements where the values fall into two kinds; or plan_cache_mode = "
                    "force_custom_plan for this one."
                ),
            )
            return


def _differ(plan: Plan, generic: Plan) -> bool:
    low, high = sorted((plan.root.cost, generic.root.cost))
    return high >= LEAST_COST and high >= LEAST_RATIO * low and shape(plan.root) != shape(generic.root)
