"""P08: a hash table did not fit into memory."""

from collections.abc import Iterator
from typing import Final

from harness.planner.model import Node, Plan
from harness.planner.rules.case import Case, Violation
from harness.planner.rules.reading import is_strict, prevailing_run, ran
from harness.planner.rules.wording import counted_number

RULE: Final = "plans/hash-spill"


def violations(case: Case) -> Iterator[Violation]:
    """Any hash in several batches or aggregated on disk, with today's data."""
    found = prevailing_run(case, _spilled)
    if found is None:
        return
    _, node = found
    batches = node.actual.batches if node.actual else 1
    yield Violation(
        rule=RULE,
        fingerprint=case.fingerprint,
        error=is_strict(case),
        detail=f"A {node.kind.lower()} of {counted_number(node.rows)} rows went to disk ({batches} batches).",
        remedy="Aggregate or join fewer rows; then a larger work_mem for this statement.",
    )


def _spilled(plan: Plan) -> Node | None:
    return next(
        (node for node, actual in ran(plan.root) if actual.batches > 1 or actual.disk_kb > 0),
        None,
    )
