"""P19: an index stands ready for what is compared, and no plan takes it."""

from collections.abc import Iterator
from typing import Final

from harness.planner.model import Index, Plan
from harness.planner.rules.case import Case, Violation
from harness.planner.rules.reading import (
    LARGE_ROWS,
    counted,
    greatest_scale,
    is_strict,
    prevailing,
    rows_read,
)
from harness.planner.rules.wording import size_in_words
from harness.planner.tree import indexes, walk

RULE: Final = "plans/never-index"
EQUALITIES: Final = frozenset({"=", "in"})


def violations(case: Case) -> Iterator[Violation]:
    """Advice: an index whose every column is compared for equality, beside a sequential scan of its table."""
    if not is_strict(case):
        return
    found = prevailing(case, lambda plan: _passed_over(case, plan))
    if found is None:
        return
    plan, index = found
    yield Violation(
        rule=RULE,
        fingerprint=case.fingerprint,
        error=False,
        detail=(
            f"Reads all of {index.table} {size_in_words(plan)}, although {index.name} "
            f"({', '.join(index.columns)}) has all that is compared; no plan at any size takes it."
        ),
        remedy="Compare the bare columns with values of their own types; see whether the index is valid.",
        relation=index.table,
    )


def _passed_over(case: Case, plan: Plan) -> Index | None:
    used = {
        name
        for way in {one.way for one in case.plans}
        for plans in counted(case, way, greatest_scale(case, way))
        for one in plans
        for name in indexes(one.root)
    }
    scanned = {
        node.relation
        for node in walk(plan.root)
        if node.kind == "Seq Scan" and rows_read(case, node, plan) >= LARGE_ROWS
    }
    compared = {
        (one.relation, one.column)
        for one in case.syntax.comparisons
        if one.operator.lower() in EQUALITIES and not one.negated and not one.disjunct
    }
    return next(
        (
            index
            for index in case.indexes
            if index.table in scanned
            and index.name not in used
            and not index.partial
            and all((index.table, column) in compared for column in index.columns)
        ),
        None,
    )
