"""A01: a column is wrapped, cast or searched from its middle, so that its index cannot help."""

import re
from collections.abc import Iterator
from typing import Final

from harness.planner.model import Index, Node, Plan
from harness.planner.rules.case import Case, Comparison, Violation
from harness.planner.rules.growth import outgrows
from harness.planner.rules.reading import (
    FLOOR_COST,
    LARGE_ROWS,
    SCANS,
    is_strict,
    is_tenants_only,
    paid,
    paths,
    prevailing,
    rows_read,
    table_of,
)
from harness.planner.rules.rows_removed import violations as rows_removed
from harness.planner.rules.seq_scan import violations as seq_scans
from harness.planner.rules.wording import counted_number, size_in_words, within_in_words

RULE: Final = "plans/unusable-index"
LIKES: Final = frozenset({"like", "ilike", "~~", "~~*"})
CAST: Final = re.compile(r"\((?:\w+\.)?\"?(\w+)\"?\)::(\w[\w ]*?)(?:\[\])?(?= (?:=|<|>|IN|~)|\))")
"""A column under a cast, in EXPLAIN's words: `((id)::text = 'x'::text)`."""
COLLATED: Final = re.compile(r"\(?\"?(\w+)\"?\)?(?:::\w+)? (?:(?:=|<|>|<=|>=) [^()]* )?COLLATE")
"""A column, or what it is compared with, under another collation."""


def violations(case: Case) -> Iterator[Violation]:
    """Conditions that an index begins with (after the tenant's column) and that are left to a filter.

    Only where it hurts: the statement grows faster than it may, or a large table is read in full, or a LIMIT
    ends the walk through a tenant once enough has an equal value, or most of what a report reads is
    thrown away today. An index on the very expression makes it usable; a search that has one of another kind
    grows within its limits.
    """
    found = prevailing(case, lambda plan: _left_to_filter(case, plan))
    if found is None:
        return
    if not is_strict(case):
        hurts = _is_equality(case, found[1]) and any(rows_removed(case))
    else:
        hurts = outgrows(case) or any(seq_scans(case)) or _is_equality(case, found[1])
    if not hurts:
        return
    plan, (node, index, column, reason) = found
    yield Violation(
        rule=RULE,
        fingerprint=case.fingerprint,
        error=True,
        detail=(
            f"{index.name} of {node.relation} cannot be used: {reason}; "
            f"{counted_number(rows_read(case, node, plan))} rows to go through "
            f"{size_in_words(plan)}{within_in_words(plan)}."
        ),
        remedy=(
            f"Compare the bare column {column} with a value of its own type and collation; "
            "or make an index on the expression as it is written."
        ),
        evidence=(f"filter: {node.filter}",),
        relation=node.relation,
        wants_index=True,
    )


def _is_equality(case: Case, found: tuple[Node, Index, str, str]) -> bool:
    """Whether the hindered column is looked up by one value in a walk through a tenant, not searched."""
    node, _, column, _ = found
    return node.kind != "Seq Scan" and any(
        one.relation == node.relation and one.column == column and one.expression and one.operator == "="
        for one in case.syntax.comparisons
    )


def _left_to_filter(case: Case, plan: Plan) -> tuple[Node, Index, str, str] | None:
    for node, above in paths(plan.root):
        condition = f"{node.filter} {node.recheck_cond if node.kind == 'Seq Scan' else ''}"
        if node.kind not in SCANS or not node.filter or rows_read(case, node, plan) < LARGE_ROWS:
            continue
        if paid(node, above) < FLOOR_COST or not (node.kind == "Seq Scan" or _reads_a_tenant(case, node)):
            continue
        for column, reason in _hindrances(case, node, condition):
            index = _index_on(case, node, column)
            if index is not None:
                return node, index, column, reason
    return None


def _reads_a_tenant(case: Case, node: Node) -> bool:
    if node.kind != "Bitmap Heap Scan":
        return is_tenants_only(case, node)
    table = table_of(case, node)
    return bool(table and table.tenant_column and table.tenant_column in node.recheck_cond)


def _hindrances(case: Case, node: Node, condition: str) -> Iterator[tuple[str, str]]:
    """Columns of the filter that are hindered, with the reason in words."""
    for one in case.syntax.comparisons:
        if one.relation == node.relation and one.column in condition:
            if one.expression and one.expression.strip('"') != one.column:
                yield one.column, f"the statement compares {one.expression}"
            elif _begins_with_wildcard(one, condition):
                yield one.column, f"the pattern on {one.column} begins with a wildcard"
    for match in CAST.finditer(condition):
        yield match[1], f"{match[1]} is cast to {match[2]} before it is compared"
    for match in COLLATED.finditer(condition):
        column = match[1]
        yield column, f"{column} is compared under another collation than the index's"


def _begins_with_wildcard(one: Comparison, condition: str) -> bool:
    if one.operator.lower() not in LIKES:
        return False
    if one.literal:
        return one.literal.strip("'").startswith(("%", "_"))
    return re.search(rf"\b{re.escape(one.column)}\b[^()]*\)?(?:::\w+)? ~~\*? '[%_]", condition) is not None


def _index_on(case: Case, node: Node, column: str) -> Index | None:
    """A B-tree on the bare column, first or right after the tenant's."""
    table = table_of(case, node)
    tenant = table.tenant_column if table else ""
    for index in case.indexes:
        if index.table != node.relation or index.method != "btree":
            continue
        leading = [one.split(" ")[0].strip('"') for one in index.columns]
        if leading[:1] == [column] or (tenant and leading[:2] == [tenant, column]):
            return index
    return None
