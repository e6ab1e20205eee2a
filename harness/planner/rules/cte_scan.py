"""P15: many rows are put aside and read again without an index."""

from collections.abc import Iterator
from typing import Final

from harness.planner.model import Node, Plan
from harness.planner.rules.case import Case, Violation
from harness.planner.rules.reading import prevailing_run, ran
from harness.planner.rules.wording import counted_number

RULE: Final = "plans/cte-scan"
LEAST_ROWS: Final = 1_000.0
"""dryrun's threshold."""


def violations(case: Case) -> Iterator[Violation]:
    """A warning where a CTE of at least LEAST_ROWS rows is scanned, in all runs together."""
    found = prevailing_run(case, _scanned)
    if found is None:
        return
    _, (node, rows) = found
    yield Violation(
        rule=RULE,
        fingerprint=case.fingerprint,
        error=False,
        detail=f"Reads {counted_number(rows)} rows of the CTE {node.cte or node.alias} without an index.",
        remedy="NOT MATERIALIZED lets the planner join it; or filter inside the CTE.",
    )


def _scanned(plan: Plan) -> tuple[Node, float] | None:
    for node, actual in ran(plan.root):
        rows = (actual.rows + actual.removed) * actual.loops
        if node.kind == "CTE Scan" and rows >= LEAST_ROWS:
            return node, rows
    return None
