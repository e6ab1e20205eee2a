"""P01: a large table is read in full to find a few of its rows."""

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

RULE: Final = "plans/seq-scan"
SELECTIVE_SHARE: Final = 0.05
"""Above this share of the rows, a sequential scan is often the best there is: random pages cost four
times sequential ones by default (random_page_cost), and a page holds dozens of rows."""


def violations(case: Case) -> Iterator[Violation]:
    """Sequential scans of at least LARGE_ROWS rows that keep at most SELECTIVE_SHARE of them."""
    if not is_strict(case):
        return
    found = prevailing(case, lambda plan: _selective_scan(case, plan))
    if found is None:
        return
    plan, node = found
    rows = rows_read(case, node, plan)
    yield Violation(
        rule=RULE,
        fingerprint=case.fingerprint,
        error=True,
        detail=(
            f"Reads all {counted_number(rows)} rows of {node.relation} {size_in_words(plan)} "
            f"to keep {counted_number(max(node.rows, 1))}{within_in_words(plan)}."
        ),
        remedy=f"An index of {node.relation} that begins with the columns of the filter, the tenant's first.",
        evidence=(f"filter: {node.filter}",),
        relation=node.relation,
        wants_index=True,
    )


def _selective_scan(case: Case, plan: Plan) -> Node | None:
    for node, above in paths(plan.root):
        if node.kind != "Seq Scan" or not node.filter:
            continue
        rows = rows_read(case, node, plan)
        if rows >= LARGE_ROWS and node.rows <= SELECTIVE_SHARE * rows and paid(node, above) >= FLOOR_COST:
            return node
    return None
