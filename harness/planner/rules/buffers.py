"""P16: a great many pages are touched for few rows."""

from collections.abc import Iterator
from typing import Final

from harness.model.policy import RouteClass
from harness.planner.model import Plan
from harness.planner.rules.case import Case, Violation
from harness.planner.rules.reading import (
    LARGE_ROWS,
    executed_plans,
    largest_rows,
    prevailing_run,
    ran,
    searches,
)
from harness.planner.rules.wording import counted_number

RULE: Final = "plans/buffers"
BLOCKS_PER_ROW: Final = 100.0
"""A lookup by index touches three or four pages, a joined row a few dozen."""
LEAST_BLOCKS: Final = 1_000
"""8 MB."""


def violations(case: Case) -> Iterator[Violation]:
    """Over BLOCKS_PER_ROW pages for each row that any part of the plan handed on.

    Rows are those of the most productive node above the scans that filter: a page gathered into one JSON
    value has the rows of its page. An error for pages and points that do not search, else a warning.
    """
    if largest_rows(case) < LARGE_ROWS or not executed_plans(case):
        return
    found = prevailing_run(case, _touched)
    if found is None:
        return
    plan, (blocks, rows) = found
    waits = case.route_class in {RouteClass.POINT, RouteClass.PAGE}
    yield Violation(
        rule=RULE,
        fingerprint=case.fingerprint,
        error=waits and not searches(case, plan.root) and case.syntax.kind == "select",
        detail=f"Touches {counted_number(blocks)} pages for {counted_number(rows)} rows, with today's data.",
        remedy="An index that finds the rows themselves; keep together what is read together.",
        wants_index=True,
    )


def _touched(plan: Plan) -> tuple[int, float] | None:
    actual = plan.root.actual
    if actual is None or actual.blocks <= LEAST_BLOCKS:
        return None
    rows = max((one.rows * one.loops for _, one in ran(plan.root)), default=0.0)
    return (actual.blocks, rows) if actual.blocks > BLOCKS_PER_ROW * max(rows, 1.0) else None
