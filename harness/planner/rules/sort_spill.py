"""P07: a sort did not fit into work_mem."""

from collections.abc import Iterator
from typing import Final

from harness.planner.model import Node, Plan
from harness.planner.rules.case import Case, Violation
from harness.planner.rules.reading import is_strict, prevailing_run, ran
from harness.planner.rules.wording import counted_number

RULE: Final = "plans/sort-spill"


def violations(case: Case) -> Iterator[Violation]:
    """Any sort on disk on the request's path: with today's data already."""
    found = prevailing_run(case, _spilled)
    if found is None:
        return
    _, node = found
    rows = node.actual.rows * node.actual.loops if node.actual else node.rows
    yield Violation(
        rule=RULE,
        fingerprint=case.fingerprint,
        error=is_strict(case),
        detail=f"Sorts {counted_number(rows)} rows of {counted_number(node.width)} bytes on disk, today.",
        remedy="An index in that order, fewer or narrower rows; then a larger work_mem for this statement.",
        evidence=(f"order: {', '.join(node.sort_key)}",),
        relation=next((one.relation for one, _ in ran(node) if one.relation), ""),
        wants_index=True,
    )


def _spilled(plan: Plan) -> Node | None:
    return next((node for node, actual in ran(plan.root) if actual.sort_disk), None)
