"""P14: all partitions are read where the statement could have named one."""

from collections.abc import Iterator
from typing import Final

from harness.planner.model import Node, Plan
from harness.planner.rules.case import Case, Violation
from harness.planner.rules.reading import FLOOR_COST, SCANS, is_strict, prevailing
from harness.planner.rules.wording import size_in_words, within_in_words
from harness.planner.tree import walk

RULE: Final = "plans/no-pruning"
LEAST_PARTITIONS: Final = 8
"""Fewer partitions cost little more than one; a year by months has twelve."""


def violations(case: Case) -> Iterator[Violation]:
    """An Append over many partitions of which none was left out, on a route that wants few rows."""
    if not is_strict(case):
        return
    found = prevailing(case, lambda plan: _append(case, plan))
    if found is None:
        return
    plan, node = found
    yield Violation(
        rule=RULE,
        fingerprint=case.fingerprint,
        error=False,
        detail=(
            f"Reads all {len(node.children)} partitions "
            f"{size_in_words(plan)}{within_in_words(plan)}: none could be left out."
        ),
        remedy="Compare the partition key in the statement, with a value of its own type.",
        evidence=(f"first of them: {_scanned(node.children[0])}",),
    )


def _append(case: Case, plan: Plan) -> Node | None:
    for node in walk(plan.root):
        if node.kind not in {"Append", "Merge Append"} or node.subplans_removed:
            continue
        members = {_scanned(child) for child in node.children} - {""}
        if (
            len(members) >= LEAST_PARTITIONS
            and not members & set(case.syntax.tables)
            and plan.root.cost >= FLOOR_COST
        ):
            return node
    return None


def _scanned(child: Node) -> str:
    return next((node.relation for node in walk(child) if node.kind in SCANS), "")
