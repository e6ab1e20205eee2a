"""P02: the cost of a statement grows faster than the class of its route allows."""

from collections.abc import Iterator
from typing import Final

from harness.model.policy import RouteClass
from harness.planner.model import Node, Plan, Way
from harness.planner.rules.case import Case, Violation
from harness.planner.rules.curves import Slope, flip_rows, growth_of, times_today
from harness.planner.rules.reading import (
    LARGE_ROWS,
    WAYS,
    is_strict,
    largest_rows,
    searches,
    searches_by_index,
)
from harness.planner.rules.rows_removed import violations as rows_removed
from harness.planner.rules.wording import WAY_IN_WORDS, counted_number, node_in_words, within_in_words
from harness.planner.tree import walk

RULE: Final = "plans/growth"
BIGGER_LIMITS: Final = {
    RouteClass.POINT: 0.1,
    RouteClass.PAGE: 0.3,
    RouteClass.WRITE: 0.3,
    RouteClass.REPORT: 1.1,
    RouteClass.MODEL: 1.1,
}
"""Measured on 24 statements over 10x and 100x: points and pages 0.01 and less, whole
tenants 0.98 to 1.01, missing indexes 0.85 to 1.13. A write's own change is held to WRITE_BY_KEY."""
WRITE_BY_KEY: Final = 0.1
MORE_LIMIT: Final = 0.3
"""Nothing but a report over all tenants may grow with their number: scoped statements stayed under 0.23."""
SEARCH_LIMITS: Final = {Way.BIGGER: 0.9, Way.MORE: 0.4}
"""An index over words finds more where there is more: 0.26 to 0.87 with bigger tenants, 0.12 to 0.33 with
more of them, by the same measurement. A word that an index looks up may be in as many more rows as there are:
then the work follows the matches, up to a report's limit. What a filter finds follows the tenant."""
WHOLE_SET_EXPONENT: Final = 0.8
"""A change of rows that grow as fast as the tenant changes a set, and is no write by key."""


def violations(case: Case) -> Iterator[Violation]:
    """At most one: of both ways the one that is further over its limit."""
    if largest_rows(case) < LARGE_ROWS:
        return
    over: list[tuple[float, Slope, float]] = []
    for way in WAYS:
        slope = growth_of(case, way)
        if slope is None:
            continue
        limit = limit_of(case, slope)
        if slope.exponent > limit:
            over.append((slope.exponent - limit, slope, limit))
    if not over:
        return
    # Growing with more tenants tells more (the statement is unscoped), but not of a search's few tenths.
    _, slope, limit = max(over, key=lambda one: one[0])
    table = _dearest_scan(slope.after.root)
    yield Violation(
        rule=RULE,
        fingerprint=case.fingerprint,
        error=not _changes_a_set(case, slope),
        detail=_detail(case, slope, limit),
        remedy=_remedy(case, slope, table),
        evidence=_evidence(case, slope),
        relation=table.relation if table else "",
        wants_index=True,
    )


def limit_of(case: Case, slope: Slope) -> float:
    """The greatest exponent that the statement may have in the way of this slope."""
    way = slope.curve.way
    if is_strict(case) and searches(case, slope.after.root):
        if way == Way.BIGGER and searches_by_index(slope.after.root):
            return BIGGER_LIMITS[RouteClass.REPORT]
        return SEARCH_LIMITS[way]
    if way == Way.MORE and not case.whole:
        return MORE_LIMIT
    if way == Way.MORE:
        return BIGGER_LIMITS[RouteClass.REPORT]
    if is_strict(case) and case.syntax.kind in {"insert", "update", "delete"}:
        return WRITE_BY_KEY
    return BIGGER_LIMITS[case.route_class]


def outgrows(case: Case) -> bool:
    """Whether the statement grows faster than it may in any way."""
    return any(
        (slope := growth_of(case, way)) is not None and slope.exponent > limit_of(case, slope) for way in WAYS
    )


def _detail(case: Case, slope: Slope, limit: float) -> str:
    kind = "search" if searches(case, slope.after.root) else f"{case.route_class} route"
    return (
        f"Cost grows with rows^{slope.exponent:.2f} from {slope.before.scale}x to {slope.after.scale}x "
        f"{WAY_IN_WORDS[slope.curve.way]}{within_in_words(slope.after)}; "
        f"a {kind} may grow with rows^{limit:.2f}."
    )


def _evidence(case: Case, slope: Slope) -> tuple[str, ...]:
    costs = ", ".join(f"{plan.scale}x {counted_number(plan.root.cost)}" for plan in slope.curve.plans)
    scan = _dearest_scan(slope.after.root)
    does = node_in_words(scan) if scan else f"a {slope.after.root.kind.lower()}"
    times = f"{counted_number(times_today(case, slope))} times today's cost at {slope.curve.plans[-1].scale}x"
    flip = flip_rows(case, slope)
    hurts = (
        f"From about {counted_number(flip[1])} rows of {flip[0]} on, {does}; {times}."
        if flip
        else f"At every size {does}; {times}."
    )
    return hurts, f"cost in planner units: {costs}"


def _remedy(case: Case, slope: Slope, scan: Node | None) -> str:
    if slope.curve.way == Way.MORE:
        return "Scope the statement to one tenant, with an index that begins with the tenant's column."
    figures = case.syntax.counts or case.syntax.aggregates
    if figures and not slope.after.within and "_agg" not in case.sql.lower():
        return (
            "Leave the figure out, count up to a maximum, or keep it beside the rows and change it with them."
        )
    where = f" of {scan.relation}" if scan else ""
    return (
        f"An index{where} on what the statement compares, then what it orders by; a LIMIT on what it returns."
    )


def _dearest_scan(root: Node) -> Node | None:
    scans = [node for node in walk(root) if node.relation and node.kind != "ModifyTable"]
    return max(scans, key=lambda node: node.cost, default=None)


def _changes_a_set(case: Case, slope: Slope) -> bool:
    """Whether an UPDATE or DELETE changes as many rows more as there are: the whole set is its purpose.

    What it did today contradicts a guess: a condition of which nothing is known is taken to hold for a share.
    """
    if case.syntax.kind not in {"update", "delete"} or any(rows_removed(case)):
        return False

    def changed(plan: Plan) -> float:
        return max((child.rows for child in plan.root.children), default=0.0)

    rise = slope.after.scale / slope.before.scale
    least = changed(slope.before) * float(rise**WHOLE_SET_EXPONENT)
    return changed(slope.after) >= least > 1
