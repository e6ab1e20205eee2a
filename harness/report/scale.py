"""The exercise, plans and indexes at a terminal: a table of routes, and a line for each check."""

from typing import Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.model.record import Record
from harness.model.verdict import Verdict
from harness.report.costs import cost_in_words, growth_in_words
from harness.report.reached import ExerciseView, exercise_of
from harness.report.routes import PlansView, RouteView, plans_of
from harness.report.worth import IndexesView, indexes_of

WIDE: Final = 110
"""Columns from which on a terminal has room for every figure beside a route of usual length."""
MARKS: Final = {"error": ("✗", "red"), "warning": ("!", "yellow"), "": ("✓", "green")}


def print_scale(record: Record, verdict: Verdict, console: Console) -> None:
    """Print what the functional checks of a record did; nothing where it has none of them.

    Raises RecordUnreadable where a measurement is damaged.
    """
    plans, exercise, indexes = plans_of(record, verdict), exercise_of(record), indexes_of(record)
    if plans is not None and plans.routes:
        console.print()
        console.print(table_of(plans, console.width))
    elif exercise is not None or plans is not None or indexes is not None:
        console.print()
    if exercise is not None:
        console.print(Text(exercise_in_a_line(exercise)), soft_wrap=True)
        for one in exercise.unreached:
            reason = f": {one.reason}" if one.reason else ""
            console.print(Text(f"  not reached: {one.operation}{reason}", style="yellow"), soft_wrap=True)
    if plans is not None:
        console.print(Text(plans_in_a_line(plans)), soft_wrap=True)
    if indexes is not None:
        console.print(Text(indexes_in_a_line(indexes)), soft_wrap=True)


def table_of(view: PlansView, width: int) -> Table:
    """A row per route: what one request sends, and what its dearest statement costs now and at scale.

    Below WIDE columns only what decides is shown, so that the route can be read.
    """
    wide = width >= WIDE
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("route", overflow="fold")
    for name in ("class", "requests") if wide else ():
        table.add_column(name, justify="left" if name == "class" else "right", no_wrap=True)
    growths = ("growth\nbigger tenants", "growth\nmore tenants") if wide else ("growth",)
    for name in ("statements\nper request", "cost\ntoday", f"cost\nat {view.greatest_scale}x", *growths):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True, min_width=1)
    for one in view.routes:
        mark, colour = mark_of(one)
        cost = one.dearest
        growth = (one.growth_bigger, one.growth_more)
        known = [each for each in growth if each is not None]
        shown = growth if wide else (max(known, default=None),)
        table.add_row(
            one.route,
            *((one.route_class, f"{one.requests:,}") if wide else ()),
            statements_in_words(one),
            cost_in_words(cost.today if cost else None),
            cost_in_words(cost.greatest if cost and cost.dearer else None),
            *map(growth_in_words, shown),
            Text(mark, style=colour),
        )
    return table


def mark_of(route: RouteView) -> tuple[str, str]:
    """The sign of a route and its colour; a question mark where nothing was answered and nothing is known."""
    if not route.mark and not route.answered:
        return "?", "yellow"
    return MARKS[route.mark]


def statements_in_words(route: RouteView) -> str:
    """`3`, `2–5`; a dash where no request was answered."""
    if not route.answered:
        return "–"
    return f"{route.least}" if route.least == route.most else f"{route.least}–{route.most}"


def route_in_a_line(route: RouteView, view: PlansView) -> str:
    """What one request of a route sends, what it costs now and at the greatest scale, and how it grows."""
    cost = route.dearest
    sent = f"{route.route_class} route, {statements_in_words(route)} statements per request"
    if cost is None:
        return f"{sent}; nothing to plan"
    grown = f", {cost_in_words(cost.greatest)} at {view.greatest_scale}x" if cost.dearer else ""
    return (
        f"{sent}; dearest plan costs {cost_in_words(cost.today)} today{grown}; growth with bigger tenants "
        f"{growth_in_words(route.growth_bigger)}, with more tenants {growth_in_words(route.growth_more)}"
    )


def exercise_in_a_line(view: ExerciseView) -> str:
    """How much of the contract was reached, and what crossed the wires."""
    measured = view.measurement
    return (
        f"exercise: {view.reached} of {len(measured.operations)} operations reached, "
        f"{measured.requests:,} requests, {measured.statements:,} statements, {view.distinct} distinct, "
        f"in {measured.took_s:.0f} s"
    )


def plans_in_a_line(view: PlansView) -> str:
    """What was planned, at which sizes, on which server."""
    measured = view.measurement
    unplanned = f", {len(measured.unplanned)} could not be planned" if measured.unplanned else ""
    tried = f"; {len(measured.suggestions)} indexes would mend a plan" if measured.suggestions else ""
    return (
        f"plans: {len(measured.statements)} statements in {len(measured.plans):,} plans at {view.scales} "
        f"in {view.took_s:.0f} s on Postgres {measured.server}{unplanned}; {view.tenant}{tried}"
    )


def indexes_in_a_line(view: IndexesView) -> str:
    """How many indexes are worth something."""
    idle = f", {len(view.idle)} of use to nothing seen" if view.idle else ""
    return (
        f"indexes: {view.missed} of {len(view.worth)} missed by some plan, "
        f"{view.enforcing} enforce a constraint{idle}"
    )
