"""P12: a great many rows are sorted, and no LIMIT would let an index do it."""

from collections.abc import Iterator
from typing import Final

from harness.model.policy import RouteClass
from harness.planner.model import Node, Plan
from harness.planner.rules.case import Case, Violation
from harness.planner.rules.reading import LARGE_ROWS, is_strict, largest_rows, paths, prevailing, searches
from harness.planner.rules.wording import counted_number, size_in_words, within_in_words

RULE: Final = "plans/big-sort"
MOST_SORTED: Final = 10_000.0
"""dryrun's threshold; at a hundred bytes a row a sort of more fills a quarter of the default work_mem."""

GROUPING: Final = frozenset({"Aggregate", "Group"})
"""A report that groups is sorted for it where that is cheaper than hashing: nobody asked for the order."""


def violations(case: Case) -> Iterator[Violation]:
    """Sorts of more than MOST_SORTED rows that no LIMIT cuts; an error where a page or a point does it."""
    if largest_rows(case) < LARGE_ROWS:
        return
    found = prevailing(case, lambda plan: _sort(case, plan))
    if found is None:
        return
    plan, sort = found
    waits = case.route_class in {RouteClass.POINT, RouteClass.PAGE}
    yield Violation(
        rule=RULE,
        fingerprint=case.fingerprint,
        error=is_strict(case) and waits and not searches(case, sort),
        detail=f"Sorts {counted_number(sort.rows)} rows {size_in_words(plan)}{within_in_words(plan)}.",
        remedy="Return less, or aggregate before sorting, or let an index give the order.",
        evidence=(f"order: {', '.join(sort.sort_key)}",),
    )


def _sort(case: Case, plan: Plan) -> Node | None:
    sorts = [
        node
        for node, above in paths(plan.root)
        if node.kind in {"Sort", "Incremental Sort"}
        and node.rows > MOST_SORTED
        and not any(one.kind == "Limit" for one in above)
        and (is_strict(case) or not (above and above[-1].kind in GROUPING))
    ]
    return max(sorts, key=lambda node: node.rows, default=None)
