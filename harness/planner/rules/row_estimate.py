"""P06: the planner expected another number of rows than came."""

from collections.abc import Iterator
from typing import Final

from harness.planner.model import Node, Plan
from harness.planner.rules.case import Case, Violation
from harness.planner.rules.reading import LARGE_ROWS, is_strict, largest_rows, paths, prevailing_run, searches
from harness.planner.rules.wording import counted_number, node_in_words

RULE: Final = "plans/row-estimate"
WARNING_FACTOR: Final = 100.0
"""dalibo's pev2 marks 10, 100 and 1,000; ten is every second join."""
ERROR_FACTOR: Final = 1_000.0
LEAST_ROWS: Final = 1_000.0
ESTIMATED: Final = frozenset(
    {
        "Seq Scan",
        "Index Scan",
        "Index Only Scan",
        "Bitmap Heap Scan",
        "Hash Join",
        "Merge Join",
        "Nested Loop",
    }
)
"""Nodes whose estimate comes from statistics; functions and CTEs are guessed by constants."""
STOPPERS: Final = frozenset({"Limit", "Nested Loop", "Merge Join"})
"""Under these a node may be stopped early, so that what came is no measure."""


def violations(case: Case) -> Iterator[Violation]:
    """Estimates that were wrong by WARNING_FACTOR; an error only for too few by ERROR_FACTOR.

    Too many is harmless where a value is merely absent; too few makes nested loops of what should be hashed.
    """
    if largest_rows(case) < LARGE_ROWS:
        return
    found = prevailing_run(case, _misjudged)
    if found is None:
        return
    _, (node, rows, factor) = found
    few = rows > node.rows
    yield Violation(
        rule=RULE,
        fingerprint=case.fingerprint,
        error=few and factor >= ERROR_FACTOR and is_strict(case) and not searches(case, node),
        detail=(
            f"The planner expected {counted_number(node.rows)} rows of {node_in_words(node)} "
            f"and got {counted_number(rows)}."
        ),
        remedy=(
            "ANALYZE; where columns depend on each other, CREATE STATISTICS on them; "
            "an expression has statistics once it has an index or CREATE STATISTICS."
        ),
        relation=node.relation,
    )


def _misjudged(plan: Plan) -> tuple[Node, float, float] | None:
    worst: tuple[Node, float, float] | None = None
    for node, above in paths(plan.root):
        actual = node.actual
        if actual is None or actual.loops < 1 or node.kind not in ESTIMATED:
            continue
        if any(one.kind in STOPPERS or one.join in {"Semi", "Anti"} for one in above):
            continue
        low, high = sorted((max(node.rows, 1.0), max(actual.rows, 1.0)))
        factor = high / low
        if high >= LEAST_ROWS and factor >= WARNING_FACTOR and (worst is None or factor > worst[2]):
            worst = node, actual.rows, factor
    return worst
