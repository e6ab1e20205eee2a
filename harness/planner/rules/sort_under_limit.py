"""A whole tenant is sorted to return one page of it."""

import re
from collections.abc import Iterator
from typing import Final

from harness.planner.model import Node, Plan
from harness.planner.rules.case import Case, Violation
from harness.planner.rules.reading import (
    LARGE_ROWS,
    is_strict,
    largest_rows,
    paths,
    prevailing,
    searches,
    smallest_plans,
)
from harness.planner.rules.wording import counted_number, size_in_words, within_in_words
from harness.planner.tree import walk

RULE: Final = "plans/sort-under-limit"
LEAST_SORTED: Final = 1_000.0
"""Rows below which sorting them costs less than a page's round trip: 1,000 comparisons are microseconds."""
LEAST_RATIO: Final = 5.0
"""Input rows per returned row from which an index in that order would save most of the work."""
LEAST_RISE: Final = 2.0
"""A sort whose input does not even double over all scales (a parent's children) is bounded by itself."""
FIGURE: Final = re.compile(r"\b(?:count|sum|avg|min|max)\(")
BETWEEN: Final = frozenset(
    {"Subquery Scan", "Result", "ProjectSet", "LockRows", "Gather Merge", "Gather", "Unique"}
)
"""What may stand between a LIMIT and the sort that it cuts."""


def violations(case: Case) -> Iterator[Violation]:
    """Sorts of at least LEAST_SORTED rows right under a LIMIT that returns far fewer, where they grow.

    Searches are left to their growth: what matches has to be found before it can be put in order.
    """
    if largest_rows(case) < LARGE_ROWS:
        return
    found = prevailing(case, lambda plan: _sort(case, plan))
    if found is None:
        return
    plan, (limit, sort) = found
    relation = next((node.relation for node in walk(sort) if node.relation), "")
    aggregated = any(node.kind.endswith("Aggregate") for node in walk(sort))
    yield Violation(
        rule=RULE,
        fingerprint=case.fingerprint,
        error=is_strict(case),
        detail=(
            f"Sorts {counted_number(sort.rows)} rows {size_in_words(plan)} to return "
            f"{counted_number(limit.rows)} of them{within_in_words(plan)}."
        ),
        remedy=f"An index of {relation or 'the table'} on what is compared for equality, then on the order.",
        evidence=(f"order: {', '.join(sort.sort_key)}",),
        relation=relation,
        wants_index=bool(relation) and not aggregated,
    )


def _sort(case: Case, plan: Plan) -> tuple[Node, Node] | None:
    pair = _sort_under_limit(plan.root)
    if pair is None:
        return None
    limit, sort = pair
    if searches(case, sort):
        return None
    if sort.rows < LEAST_SORTED or sort.rows < LEAST_RATIO * max(limit.rows, 1.0):
        return None
    if not is_strict(case) and _by_figures(sort):
        return None
    return pair if sort.rows >= LEAST_RISE * _rows_at_first(case, plan, sort) else None


def _by_figures(sort: Node) -> bool:
    """Whether groups are put in the order of what was added up: no index has that, and a report may do so."""
    aggregated = any(node.kind.endswith("Aggregate") for node in sort.children)
    return aggregated and any(FIGURE.search(key) for key in sort.sort_key)


def _sort_under_limit(root: Node) -> tuple[Node, Node] | None:
    largest: tuple[Node, Node] | None = None
    for node, above in paths(root):
        if node.kind != "Sort":
            continue
        outer = next((one for one in reversed(above) if one.kind not in BETWEEN), None)
        if outer is not None and outer.kind == "Limit" and (largest is None or node.rows > largest[1].rows):
            largest = outer, node
    return largest


def _rows_at_first(case: Case, plan: Plan, sort: Node) -> float:
    """The input of the same sort at the smallest size; 0.0 where there was none."""
    start = smallest_plans(case, plan.way)
    rows = [
        node.rows
        for other in case.plans
        if (other.way, other.scale) == start
        and (other.binding, other.number, other.within) == (plan.binding, plan.number, plan.within)
        and other.root.actual is None
        for node in walk(other.root)
        if node.kind == "Sort" and node.sort_key == sort.sort_key
    ]
    return min(rows, default=0.0)
