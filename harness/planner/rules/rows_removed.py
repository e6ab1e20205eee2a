"""P04: most of the rows that were read were thrown away."""

from collections.abc import Iterator
from typing import Final

from harness.planner.model import Node, Plan
from harness.planner.rules.case import Case, Violation
from harness.planner.rules.reading import (
    LARGE_ROWS,
    SCANS,
    is_read_in_full,
    is_strict,
    largest_rows,
    prevailing_run,
    ran,
    searches,
)
from harness.planner.rules.wording import counted_number, node_in_words

RULE: Final = "plans/rows-removed"
REMOVED_SHARE: Final = 0.9
"""dalibo's pev2 and dryrun."""
LEAST_REMOVED: Final = 1_000.0
"""Fewer are read in a millisecond."""
ERROR_REMOVED: Final = 10_000.0
"""From here on an index scan's filter is a fault too; below, a rare status in an ordered page is a trade."""


def violations(case: Case) -> Iterator[Violation]:
    """Scans that removed over 90 % of at least LEAST_REMOVED rows, run on the real data."""
    if largest_rows(case) < LARGE_ROWS:
        return
    found = prevailing_run(case, lambda plan: _wasteful(case, plan))
    if found is None:
        return
    _, (node, removed, kept) = found
    fault = node.kind == "Seq Scan" or removed >= ERROR_REMOVED
    yield Violation(
        rule=RULE,
        fingerprint=case.fingerprint,
        error=fault and is_strict(case) and not searches(case, node),
        detail=(
            f"Today already {node_in_words(node)} read {counted_number(removed + kept)} rows "
            f"and kept {counted_number(kept)}."
        ),
        remedy=f"An index of {node.relation} that has the columns of the filter too.",
        evidence=(f"filter: {node.filter or node.recheck_cond}",),
        relation=node.relation,
        wants_index=True,
    )


def _wasteful(case: Case, plan: Plan) -> tuple[Node, float, float] | None:
    worst: tuple[Node, float, float] | None = None
    for node, actual in ran(plan.root):
        removed = actual.removed * actual.loops
        kept = actual.rows * actual.loops
        if node.kind not in SCANS or removed < LEAST_REMOVED or removed <= REMOVED_SHARE * (removed + kept):
            continue
        if node.kind == "Seq Scan" and not is_read_in_full(case, node.relation):
            continue
        if worst is None or removed > worst[1]:
            worst = node, removed, kept
    return worst
