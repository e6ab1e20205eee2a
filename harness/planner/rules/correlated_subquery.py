"""A subquery runs again for every row, and what it reads grows."""

from collections.abc import Iterator
from typing import Final

from harness.planner.model import Node, Plan
from harness.planner.rules.case import Case, Violation
from harness.planner.rules.reading import (
    LARGE_ROWS,
    is_strict,
    largest_rows,
    paid,
    paths,
    prevailing,
    smallest_cost,
)
from harness.planner.rules.wording import counted_number, size_in_words, within_in_words
from harness.planner.tree import walk

RULE: Final = "plans/correlated-subquery"
LEAST_COST: Final = 1_000.0
"""Planner units of all its runs together below which nobody notices."""
LEAST_SHARE: Final = 0.5
"""The part of the statement's cost from which the subquery is what makes it dear."""
LEAST_RISE: Final = 3.0
"""By how much the whole must grow over all scales: one index lookup per row of a page does not."""
LEAST_RUNS: Final = 2.0


def violations(case: Case) -> Iterator[Violation]:
    """SubPlans that are run per row (not hashed) and make a growing statement dear."""
    if largest_rows(case) < LARGE_ROWS:
        return
    found = prevailing(case, lambda plan: _per_row(case, plan))
    if found is None:
        return
    plan, (subplan, runs) = found
    relation = next((node.relation for node in walk(subplan) if node.relation), "")
    yield Violation(
        rule=RULE,
        fingerprint=case.fingerprint,
        error=is_strict(case),
        detail=(
            f"Runs a subquery over {relation or 'its rows'} for each of {counted_number(runs)} rows "
            f"{size_in_words(plan)}{within_in_words(plan)}: {counted_number(subplan.cost)} each, "
            f"most of the cost of {counted_number(plan.root.cost)}."
        ),
        remedy="Join it, or aggregate once before the join; and give what it compares an index.",
        relation=relation,
        wants_index=bool(relation),
    )


def _per_row(case: Case, plan: Plan) -> tuple[Node, float] | None:
    before = smallest_cost(case, plan)
    if not before or plan.root.cost < LEAST_RISE * before:
        return None
    for node, above in paths(plan.root):
        if node.role != "SubPlan" or not above or _is_hashed(node, above[-1]):
            continue
        total = paid(above[-1], above[:-1])
        runs = total / max(node.cost, 0.01)
        runs = min(runs, max(above[-1].rows, runs if above[-1].filter else 0.0))
        cost = runs * node.cost
        if runs >= LEAST_RUNS and cost >= LEAST_COST and cost >= LEAST_SHARE * plan.root.cost:
            return node, runs
    return None


def _is_hashed(subplan: Node, parent: Node) -> bool:
    """A hashed subplan runs once; EXPLAIN says so in the condition that asks it."""
    said = f"{parent.filter} {parent.join_cond} {parent.index_cond}"
    return "hashed SubPlan" in said or subplan.kind == "CTE Scan"
