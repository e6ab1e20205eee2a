"""P03: a large table is read in full again for every row of another."""

from collections.abc import Iterator
from typing import Final

from harness.planner.model import Node, Plan
from harness.planner.rules.case import Case, Violation
from harness.planner.rules.reading import (
    FLOOR_COST,
    LARGE_ROWS,
    is_strict,
    paid,
    paths,
    prevailing,
    rows_read,
)
from harness.planner.rules.wording import counted_number, size_in_words, within_in_words

RULE: Final = "plans/nested-seq-scan"
LEAST_OUTER_ROWS: Final = 2.0
"""With one outer row the scan runs once, and is plans/seq-scan's."""
THROUGH: Final = frozenset({"Materialize", "Memoize"})


def violations(case: Case) -> Iterator[Violation]:
    """Nested loops with a sequential scan of at least LARGE_ROWS rows on their inner side."""
    found = prevailing(case, lambda plan: _loop(case, plan))
    if found is None:
        return
    plan, (loop, scan) = found
    yield Violation(
        rule=RULE,
        fingerprint=case.fingerprint,
        error=is_strict(case),
        detail=(
            f"Goes through all {counted_number(rows_read(case, scan, plan))} rows of {scan.relation} again "
            f"for each of {counted_number(loop.children[0].rows)} rows "
            f"{size_in_words(plan)}{within_in_words(plan)}."
        ),
        remedy=f"An index of {scan.relation} on the columns of the join.",
        evidence=(f"join: {loop.join_cond or scan.filter or 'without a condition'}",),
        relation=scan.relation,
        wants_index=bool(loop.join_cond or scan.filter),
    )


def _loop(case: Case, plan: Plan) -> tuple[Node, Node] | None:
    for node, above in paths(plan.root):
        if node.kind != "Nested Loop" or len(node.children) != 2:  # noqa: PLR2004 - outer and inner
            continue
        outer, inner = node.children[:2]
        while inner.kind in THROUGH and inner.children:
            inner = inner.children[0]
        if (
            inner.kind == "Seq Scan"
            and outer.rows >= LEAST_OUTER_ROWS
            and rows_read(case, inner, plan) >= LARGE_ROWS
            and paid(node, above) >= max(FLOOR_COST, inner.cost)
        ):
            return node, inner
    return None
