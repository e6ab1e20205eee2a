"""P17: what is an index scan with today's data becomes a sequential scan at scale."""

from collections.abc import Iterator
from typing import Final

from harness.planner.model import Node, Plan
from harness.planner.rules.case import Case, Violation
from harness.planner.rules.reading import (
    FLOOR_COST,
    LARGE_ROWS,
    counted,
    is_strict,
    paid,
    paths,
    prevailing,
    rows_read,
    smallest_cost,
    smallest_plans,
)
from harness.planner.rules.wording import counted_number, size_in_words, within_in_words
from harness.planner.tree import walk

RULE: Final = "plans/plan-flip"
ERROR_RISE: Final = 10.0
"""A changed plan is a fault where it costs ten times as much, as with plans/generic-plan."""
WARNING_RISE: Final = 2.0


def violations(case: Case) -> Iterator[Violation]:
    """Tables of at least LARGE_ROWS rows that change from an index to a sequential scan, and cost more."""
    if not is_strict(case):
        return
    found = prevailing(case, lambda plan: _flipped(case, plan))
    if found is None:
        return
    plan, node = found
    rise = plan.root.cost / max(smallest_cost(case, plan), 0.01)
    yield Violation(
        rule=RULE,
        fingerprint=case.fingerprint,
        error=rise >= ERROR_RISE,
        detail=(
            f"{node.relation} is read by an index now and in full {size_in_words(plan)}"
            f"{within_in_words(plan)}, at {counted_number(rise)} times the cost."
        ),
        remedy="An index that fits the whole condition; or statistics that tell how few rows match.",
        relation=node.relation,
        wants_index=True,
    )


def _flipped(case: Case, plan: Plan) -> Node | None:
    before = smallest_cost(case, plan)
    if not before or plan.root.cost < WARNING_RISE * before:
        return None
    indexed = {
        node.relation
        for plans in counted(case, *smallest_plans(case, plan.way))
        for one in plans
        for node in walk(one.root)
        if node.kind.startswith(("Index", "Bitmap Heap"))
    }
    for node, above in paths(plan.root):
        if (
            node.kind == "Seq Scan"
            and node.relation in indexed
            and rows_read(case, node, plan) >= LARGE_ROWS
            and paid(node, above) >= FLOOR_COST
        ):
            return node
    return None
