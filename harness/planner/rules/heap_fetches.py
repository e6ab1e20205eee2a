"""P11: an index-only scan had to look into the table after all."""

from collections.abc import Iterator
from typing import Final

from harness.planner.model import Node, Plan
from harness.planner.rules.case import Case, Violation
from harness.planner.rules.reading import prevailing_run, ran
from harness.planner.rules.wording import counted_number

RULE: Final = "plans/heap-fetches"
LEAST_SHARE: Final = 0.4
"""dalibo's pev2."""
LEAST_FETCHES: Final = 1_000


def violations(case: Case) -> Iterator[Violation]:
    """A warning where over 40 % of the rows were looked up in a table that was vacuumed just before."""
    found = prevailing_run(case, _fetched)
    if found is None:
        return
    _, (node, fetches) = found
    yield Violation(
        rule=RULE,
        fingerprint=case.fingerprint,
        error=False,
        detail=f"{node.index} was to suffice; {counted_number(fetches)} rows of {node.relation} were read.",
        remedy="Vacuum the table more often, and end long transactions.",
        relation=node.relation,
    )


def _fetched(plan: Plan) -> tuple[Node, int] | None:
    for node, actual in ran(plan.root):
        rows = actual.rows * actual.loops
        if actual.heap_fetches >= LEAST_FETCHES and actual.heap_fetches > LEAST_SHARE * max(rows, 1.0):
            return node, actual.heap_fetches
    return None
