"""A02: a page returns all there is."""

import re
from collections.abc import Iterator
from typing import Final

from harness.model.policy import RouteClass
from harness.planner.model import Node, Plan
from harness.planner.rules.case import Case, Violation
from harness.planner.rules.reading import LARGE_ROWS, largest_rows, prevailing, smallest_plans
from harness.planner.rules.wording import counted_number, size_in_words, within_in_words
from harness.planner.tree import walk

RULE: Final = "plans/unbounded"
WARNING_ROWS: Final = 1_000.0
"""More than any page that a person reads."""
ERROR_ROWS: Final = 10_000.0
"""A tenant's own short lists (colours, branches) stay under this even at a hundred times their size."""
LEAST_RISE: Final = 5.0
"""Rows that do not grow fivefold over all scales are bounded by something else than a LIMIT."""
GATHERING: Final = re.compile(
    r"\b(?:json_agg|jsonb_agg|array_agg|json_object_agg|jsonb_object_agg|xmlagg)\s*\(", re.IGNORECASE
)


def violations(case: Case) -> Iterator[Violation]:
    """SELECTs of pages and points without a LIMIT whose rows grow with the tenant."""
    if case.syntax.kind != "select" or case.syntax.limit or largest_rows(case) < LARGE_ROWS:
        return
    gathers = GATHERING.search(case.sql) is not None
    if case.route_class not in {RouteClass.PAGE, RouteClass.POINT} or (
        case.syntax.aggregates and not gathers
    ):
        return
    found = prevailing(case, lambda plan: _growing_rows(case, plan))
    if found is None:
        return
    plan, rows = found
    yield Violation(
        rule=RULE,
        fingerprint=case.fingerprint,
        error=rows >= ERROR_ROWS and case.route_class == RouteClass.PAGE,
        detail=(
            f"Returns about {counted_number(rows)} rows {size_in_words(plan)}{within_in_words(plan)}, "
            "for it has no LIMIT."
        ),
        remedy="Page it: ORDER BY a key, LIMIT n, go on after the last key; say the maximum in the contract.",
    )


def _growing_rows(case: Case, plan: Plan) -> float | None:
    if plan.within or any(node.kind == "Limit" for node in walk(plan.root)):
        return None
    rows = returned_rows(plan.root)
    start = smallest_plans(case, plan.way)
    first = [
        returned_rows(other.root)
        for other in case.plans
        if (other.way, other.scale) == start
        and (other.binding, other.number, other.within) == (plan.binding, plan.number, plan.within)
    ]
    grows = bool(first) and rows >= LEAST_RISE * min(first)
    return rows if grows and rows >= WARNING_ROWS else None


def returned_rows(root: Node) -> float:
    """What a plan returns; what one plain aggregate at its top gathers, where there is one."""
    if root.kind == "Aggregate" and root.strategy in {"", "Plain"} and root.children:
        return root.children[0].rows
    return root.rows
