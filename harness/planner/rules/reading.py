"""Which plans of a statement count, and what their nodes come to: what every rule about plans asks first."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Final, TypeVar

from harness.model.policy import RouteClass
from harness.planner.model import Actual, Node, Plan, Table, Way
from harness.planner.rules.case import Case
from harness.planner.tree import walk

T = TypeVar("T")

LARGE_ROWS: Final = 10_000
"""Below this, a table at its greatest scale never alarms: PgHero's and dryrun's thresholds for a table
whose sequential scan matters are 10,000 and 5,000 rows."""
FLOOR_COST: Final = 100.0
"""Planner units under which a plan is cheap whatever it does: Dexter's least cost worth an index."""
UNKNOWN_LIMIT: Final = (0.05, 0.15)
"""Around what the planner assumes of `LIMIT $n` in a generic plan: a tenth of the rows (preprocess_limit)."""
LEAST_OFFERED: Final = 10.0
"""Rows under a LIMIT below which its share says nothing."""
SCANS: Final = frozenset({"Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Heap Scan"})
STRICT: Final = frozenset({RouteClass.POINT, RouteClass.PAGE, RouteClass.WRITE})
"""Classes whose work must not depend on how much data there is; reports and model routes may read a lot."""
SEARCHED: Final = re.compile(r" (?:@@|~~\*|%>|<%|~\*?) |~~ '%")
"""Operators of text search, ILIKE, trigrams and patterns, and a LIKE from the middle, in EXPLAIN's words."""
ALIAS: Final = re.compile(r"\b[a-z_]\w*\.(?=[a-z_\"])")
"""A table's name or alias before a column's."""
EITHER: Final = frozenset({"=", "like", "ilike"})
"""What rows are looked up by; a date that is past or NULL is a state, and holds for most rows."""
WRAPPED: Final = re.compile(r"\([^()]*(?:\([^()]*\)[^()]*)*\)")
"""A term within parentheses of its own; EXPLAIN writes them where the catalogue does not."""
WAYS: Final = (Way.BIGGER, Way.MORE)


def is_strict(case: Case) -> bool:
    """Whether somebody waits for a bounded piece of work."""
    return case.route_class in STRICT


def searches(case: Case, root: Node) -> bool:
    """Whether the statement, or the body of a function that it calls, looks for words or parts of them."""
    return case.syntax.search or any(
        SEARCHED.search(f"{node.index_cond} {node.recheck_cond} {node.filter}") for node in walk(root)
    )


def searches_by_index(root: Node) -> bool:
    """Whether an index looks up what is searched, so that the work follows the matches."""
    return any(SEARCHED.search(node.index_cond) for node in walk(root))


def greatest_scale(case: Case, way: Way) -> int:
    """The greatest scale that was planned in this way; 0 where none was."""
    return max((plan.scale for plan in case.plans if plan.way == way and not executed(plan)), default=0)


def smallest_plans(case: Case, way: Way) -> tuple[Way, int]:
    """Where a way begins: its own scale 1 on the lifted data, else the data of now."""
    at_one = any(plan.way == way and plan.scale == 1 for plan in case.plans)
    return (way, 1) if at_one else (Way.NOW, 1)


def executed(plan: Plan) -> bool:
    """Whether the plan was really run."""
    return plan.root.actual is not None


def executed_plans(case: Case) -> tuple[Plan, ...]:
    """The plans that were run on the data of now."""
    return tuple(plan for plan in case.plans if executed(plan))


def counted(case: Case, way: Way, scale: int) -> Iterator[tuple[Plan, ...]]:
    """The plans that decide at one size, per body (the statement itself, or a function that it calls).

    Those with real parameters; the generic one where there are none and it knows its LIMIT. The most common,
    rare and absent values are looked at by the rules that compare bindings, not here: nobody has sent them.
    """
    bodies: dict[str, list[Plan]] = defaultdict(list)
    for plan in case.plans:
        if plan.way == way and plan.scale == scale and not executed(plan):
            bodies[plan.within].append(plan)
    for plans in bodies.values():
        real = tuple(plan for plan in plans if plan.binding == "real")
        generic = tuple(plan for plan in plans if plan.binding == "generic" and knows_its_limit(plan.root))
        if real or generic:
            yield real or generic


def knows_its_limit(root: Node) -> bool:
    """False where a LIMIT was planned as the tenth of its input that the planner assumes of a parameter.

    Such a generic plan reads ten percent of a tenant where the real one reads a page.
    """
    for node in walk(root):
        if node.kind != "Limit" or not node.children:
            continue
        offered = node.children[0].rows
        low, high = UNKNOWN_LIMIT
        if offered >= LEAST_OFFERED and low <= node.rows / offered <= high:
            return False
    return True


def prevailing(case: Case, seen: Callable[[Plan], T | None]) -> tuple[Plan, T] | None:
    """What at least half of the counted plans show at the greatest scale, in either way; the dearest plan."""
    for way in WAYS:
        for plans in counted(case, way, greatest_scale(case, way)):
            hits = [(plan, hit) for plan in plans if (hit := seen(plan)) is not None]
            if hits and 2 * len(hits) >= len(plans):
                return max(hits, key=lambda pair: pair[0].root.cost)
    return None


def paths(root: Node, above: tuple[Node, ...] = ()) -> Iterator[tuple[Node, tuple[Node, ...]]]:
    """Every node with its ancestors, the root first among them."""
    yield root, above
    for child in root.children:
        yield from paths(child, (*above, root))


def paid(node: Node, above: tuple[Node, ...]) -> float:
    """What a node really costs the statement: no more than any of its ancestors, for a LIMIT stops early."""
    return min((node.cost, *(ancestor.cost for ancestor in above)))


def table_of(case: Case, node: Node) -> Table | None:
    """The table that a node reads; None where the laboratory does not know it."""
    return case.tables.get(f"{node.schema}.{node.relation}") or case.tables.get(node.relation)


def rows_at(table: Table, way: Way, scale: int) -> float:
    """How many rows the table has at one size."""
    if way == Way.NOW or table.growth.get(way, 1) <= 1:
        return float(table.rows)
    return table.rows * table.lift * scale


def rows_read(case: Case, node: Node, plan: Plan) -> float:
    """Rows of the table that a node scans, at the plan's size; 0.0 where the table is not known."""
    table = table_of(case, node)
    return rows_at(table, plan.way, plan.scale) if table else 0.0


def largest_rows(case: Case) -> float:
    """Rows of the largest table that the statement touches, at the greatest scale of either way."""
    return max(
        (
            rows_read(case, node, plan)
            for plan in case.plans
            if not executed(plan)
            for node in walk(plan.root)
            if node.relation
        ),
        default=0.0,
    )


def smallest_cost(case: Case, plan: Plan) -> float:
    """What the same body cost with the same binding at its way's smallest size; 0.0 where unknown."""
    way, scale = smallest_plans(case, plan.way)
    return next(
        (
            other.root.cost
            for other in case.plans
            if (other.way, other.scale, other.binding, other.number, other.within)
            == (way, scale, plan.binding, plan.number, plan.within)
            and not executed(other)
        ),
        0.0,
    )


def own_filter(case: Case, node: Node) -> str:
    """What a node filters beyond the predicate of its partial index; `` where that is all.

    Under FOR UPDATE Postgres tests the predicate again for each row, for the row may have changed since.
    """
    partial = next((one.partial for one in case.indexes if one.name == node.index), "")
    if not partial:
        return node.filter
    implied = set(_conjuncts(partial))
    return " AND ".join(each for each in _conjuncts(node.filter) if each not in implied)


def _conjuncts(condition: str) -> list[str]:
    """The terms of a condition in EXPLAIN's words, without the names of tables before those of columns."""
    text = ALIAS.sub("", condition.strip())
    inner = text[1:-1] if text.startswith("((") and text.endswith("))") else text
    parts = [part.strip() for part in inner.split(" AND ")]
    if any(part.count("(") != part.count(")") for part in parts):
        parts = [text]
    return [part[1:-1] if WRAPPED.fullmatch(part) else part for part in parts]


def is_tenants_only(case: Case, node: Node) -> bool:
    """Whether an index scan is bound by nothing but the tenant's column, or by nothing at all."""
    if not node.index_cond:
        return True
    table = table_of(case, node)
    if table is None or not table.tenant_column:
        return False
    index = next((one for one in case.indexes if one.name == node.index), None)
    others = [column for column in (index.columns if index else ()) if column != table.tenant_column]
    return table.tenant_column in node.index_cond and not any(
        f"({column} " in node.index_cond or f"({column})" in node.index_cond for column in others
    )


def is_walked_for_a_match(case: Case, root: Node) -> bool:
    """Whether a LIMIT ends a walk through a tenant once enough was found of what no index can look up.

    That is a search in a filter, or an OR over columns: how soon there are matches decides how much is read.
    """
    return any(
        is_tenants_only(case, node)
        and any(one.kind == "Limit" for one in above)
        and (SEARCHED.search(node.filter) is not None or _is_either(case, node.filter))
        for node, above in paths(root)
        if node.kind in SCANS - {"Seq Scan"} and node.filter
    )


def _is_either(case: Case, condition: str) -> bool:
    """Whether a filter is an OR over two columns, each compared with a value."""
    either = {
        one.column
        for one in case.syntax.comparisons
        if one.disjunct and one.operator in EITHER and (one.parameter or one.literal)
    }
    return " OR " in condition and sum(column in condition for column in either) > 1


def prevailing_run(case: Case, seen: Callable[[Plan], T | None]) -> tuple[Plan, T] | None:
    """What at least half of the executed plans show on the data of now; the dearest of them."""
    plans = executed_plans(case)
    hits = [(plan, hit) for plan in plans if (hit := seen(plan)) is not None]
    if not hits or 2 * len(hits) < len(plans):
        return None
    return max(hits, key=lambda pair: pair[0].root.cost)


def ran(root: Node) -> Iterator[tuple[Node, Actual]]:
    """The nodes of an executed plan that ran at least once, with what they did."""
    for node in walk(root):
        if node.actual is not None and node.actual.loops > 0:
            yield node, node.actual


def is_read_in_full(case: Case, relation: str) -> bool:
    """Whether a large table is still read by a sequential scan at the greatest scale.

    True where nothing was planned at scale. A small table is read in full with good reason, and by its index
    once it is large: what an executed plan did to it today says nothing.
    """
    planned = False
    for way in WAYS:
        for plans in counted(case, way, greatest_scale(case, way)):
            planned = True
            for plan in plans:
                for node in walk(plan.root):
                    if (
                        node.kind == "Seq Scan"
                        and node.relation == relation
                        and rows_read(case, node, plan) >= LARGE_ROWS
                    ):
                        return True
    return not planned
