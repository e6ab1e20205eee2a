"""P10: a bitmap was too large for memory and knows pages only."""

from collections.abc import Iterator
from typing import Final

from harness.planner.model import Node, Plan
from harness.planner.rules.case import Case, Violation
from harness.planner.rules.reading import prevailing_run, ran
from harness.planner.rules.wording import counted_number

RULE: Final = "plans/lossy-bitmap"


def violations(case: Case) -> Iterator[Violation]:
    """Any lossy page of a bitmap scan, as a warning: every row of such a page is checked again."""
    found = prevailing_run(case, _lossy)
    if found is None:
        return
    _, (node, pages) = found
    yield Violation(
        rule=RULE,
        fingerprint=case.fingerprint,
        error=False,
        detail=f"The bitmap over {node.relation} forgot the rows of {counted_number(pages)} pages, today.",
        remedy="An index that finds fewer rows; then a larger work_mem for this statement.",
        relation=node.relation,
    )


def _lossy(plan: Plan) -> tuple[Node, int] | None:
    return next(
        ((node, actual.lossy_blocks) for node, actual in ran(plan.root) if actual.lossy_blocks > 0), None
    )
