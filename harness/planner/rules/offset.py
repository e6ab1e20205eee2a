"""P13: a page is found by counting all rows before it."""

from collections.abc import Iterator
from typing import Final

from harness.planner.model import Node
from harness.planner.rules.case import Case, Violation
from harness.planner.rules.reading import LARGE_ROWS, largest_rows
from harness.planner.rules.wording import counted_number, size_in_words
from harness.planner.tree import walk

RULE: Final = "plans/offset"
MOST_SKIPPED: Final = 1_000.0
"""Rows skipped from which the plan alone, without the text, tells of an OFFSET."""


def violations(case: Case) -> Iterator[Violation]:
    """OFFSET in the text or in a plan: an error where page numbers have no maximum, else a warning."""
    if largest_rows(case) < LARGE_ROWS:
        return
    deepest = max(
        (
            (skipped_rows(node), plan)
            for plan in case.plans
            for node in walk(plan.root)
            if node.kind == "Limit"
        ),
        key=lambda pair: pair[0],
        default=None,
    )
    skips = deepest is not None and deepest[0] > MOST_SKIPPED
    written = case.syntax.offset not in {"", "0"}
    if not written and not skips:
        return
    bound = (
        "how deep a page may be is bounded"
        if case.pages_bounded
        else "pages may be as deep as anyone likes: the contract sets no end, and none is refused"
    )
    depth = (
        (f"The deepest page seen skips about {counted_number(deepest[0])} rows {size_in_words(deepest[1])}.",)
        if deepest is not None and skips
        else ()
    )
    yield Violation(
        rule=RULE,
        fingerprint=case.fingerprint,
        error=not case.pages_bounded,
        detail=f"Finds its page by OFFSET, reading and dropping every row before it; {bound}.",
        remedy=(
            "Go on after the last row's key (WHERE (created_at, id) < ($1, $2) ORDER BY … LIMIT n), "
            "or give the page number a maximum in the contract and hold to it."
        ),
        evidence=depth,
    )


def skipped_rows(limit: Node) -> float:
    """About how many rows a Limit node skips, read from where its costs begin within those of its input."""
    if not limit.children:
        return 0.0
    child = limit.children[0]
    span = child.cost - child.startup_cost
    if span <= 0 or limit.startup_cost <= child.startup_cost:
        return 0.0
    return child.rows * min(1.0, (limit.startup_cost - child.startup_cost) / span)
