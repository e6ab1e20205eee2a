"""P05: an index is walked for its order alone, and most of what it gives is thrown away."""

from collections.abc import Iterator
from typing import Final

from harness.planner.model import Node, Plan
from harness.planner.rules.case import Case, Violation
from harness.planner.rules.reading import (
    LARGE_ROWS,
    is_strict,
    is_tenants_only,
    own_filter,
    paid,
    paths,
    prevailing,
    rows_read,
)
from harness.planner.rules.wording import counted_number, size_in_words, within_in_words

RULE: Final = "plans/wrong-order-index"
REMOVED_SHARE: Final = 0.9
"""What dalibo's pev2 and dryrun call a filter that removes too much."""
LEAST_READ: Final = 1_000.0
"""Rows read for one page from which it matters: pganalyze's Query Advisor."""
LEAST_COST: Final = 1_000.0
"""Where the index is bound by the tenant, how much it gives is not known: only its cost under the LIMIT."""


def violations(case: Case) -> Iterator[Violation]:
    """A LIMIT over an index scan without condition (or the tenant's only) whose filter removes most."""
    found = prevailing(case, lambda plan: _walk_of_index(case, plan))
    if found is None:
        return
    plan, (node, read) = found
    yield Violation(
        rule=RULE,
        fingerprint=case.fingerprint,
        error=is_strict(case) and not node.index_cond,
        detail=(
            f"Walks {node.index} of {node.relation} for its order and filters what it gives: about "
            f"{counted_number(read)} rows read for a page {size_in_words(plan)}{within_in_words(plan)}."
            if read
            else f"Walks one tenant's part of {node.index} for its order and filters what it gives, "
            f"at a cost of {counted_number(node.cost)} {size_in_words(plan)}{within_in_words(plan)}."
        ),
        remedy=f"An index of {node.relation} on the filtered columns first, then those of the order.",
        evidence=(f"filter: {node.filter}",),
        relation=node.relation,
        wants_index=True,
    )


def _walk_of_index(case: Case, plan: Plan) -> tuple[Node, float] | None:
    for node, above in paths(plan.root):
        if node.kind not in {"Index Scan", "Index Only Scan"} or not own_filter(case, node):
            continue
        limit = next((one for one in reversed(above) if one.kind == "Limit"), None)
        rows = rows_read(case, node, plan)
        if limit is None or rows < LARGE_ROWS or not is_tenants_only(case, node):
            continue
        if node.index_cond:
            if limit.cost >= LEAST_COST and paid(node, above) >= LEAST_COST:
                return node, 0.0
            continue
        read = min(rows, limit.rows * rows / max(node.rows, 1.0))
        if read >= LEAST_READ and node.rows <= (1 - REMOVED_SHARE) * rows:
            return node, read
    return None
