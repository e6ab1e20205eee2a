"""Statements on behalf of routes, as rules about plans see them."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Final, Protocol

from msgspec import Struct

from harness.config.settings import Settings
from harness.model.policy import Policy, RouteClass
from harness.planner.model import Index, Plan, Table
from harness.planner.rules.case import Case
from harness.statements.model import RouteFacts, StatementOfRoute

UNASKED: Final = "unasked"
"""The subject of statements that the target runs of its own accord."""


class Known(Protocol):
    """What cases are made of; the known of a check holds it."""

    @property
    def statements(self) -> tuple[StatementOfRoute, ...]:
        """Every statement with its routes."""
        ...

    @property
    def routes(self) -> tuple[RouteFacts, ...]:
        """What is known of each operation."""
        ...

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables at 1x."""
        ...

    @property
    def indexes(self) -> tuple[Index, ...]:
        """The indexes at 1x."""
        ...

    @property
    def plans(self) -> tuple[Plan, ...]:
        """Plans of all statements."""
        ...


class Promise(Struct, frozen=True, kw_only=True):
    """What a route is held to. `declared` where harness.toml names its class."""

    route_class: RouteClass
    declared: bool = False
    whole: bool = False
    statements: int | None = None


Promises = Callable[[str], Promise | None]
"""What is promised of a route; None where nothing is known of it."""


def promises_of(policy: Policy, known: Known) -> Promises:
    """The policy's classes where harness.toml declares them, else what the contract suggests."""
    looks = {facts.route: facts.looks_like for facts in known.routes}
    budgets = {route.route: route for route in policy.routes}

    def promise(route: str) -> Promise | None:
        budget = budgets.get(route) or budgets.get(route.partition("?")[0])
        guess = looks.get(route) or looks.get(route.partition("?")[0]) or ""
        if budget is not None and (budget.class_declared or not guess):
            route_class = budget.route_class
        elif guess:
            route_class = RouteClass(guess)
        else:
            return None
        return Promise(
            route_class=route_class,
            declared=budget is not None and budget.class_declared,
            whole=budget is not None and budget.all_tenants,
            statements=budget.statements if budget is not None else None,
        )

    return promise


def settings_promises(settings: Settings, known: Known) -> Promises:
    """Classes as harness.toml declares or the contract suggests them: which statements are worth a trial."""
    looks = {facts.route: facts.looks_like for facts in known.routes}

    def promise(route: str) -> Promise | None:
        declared = settings.routes.get(route)
        guess = looks.get(route.partition("?")[0], "")
        route_class = declared.route_class if declared and declared.route_class else None
        if route_class is None and not guess:
            return None
        return Promise(
            route_class=route_class or RouteClass(guess),
            declared=route_class is not None,
            whole=bool(declared and declared.all_tenants),
        )

    return promise


def cases_of(known: Known, promises: Promises) -> Iterator[tuple[Case, bool]]:
    """Every statement for each of its routes, and whether it is judged leniently.

    What follows an answer is judged as a report over all tenants; what runs unasked, again and again, as a
    page. Both are judged leniently, for nobody waits for them.
    """
    plans: dict[str, list[Plan]] = defaultdict(list)
    for plan in known.plans:
        plans[plan.fingerprint].append(plan)
    tables = tables_by_name(known.tables)
    bounded = {facts.route: facts.pages_bounded for facts in known.routes}

    def case(statement: StatementOfRoute, route: str, promise: Promise) -> Case:
        return Case(
            route=route,
            route_class=promise.route_class,
            declared=promise.declared,
            whole=promise.whole,
            pages_bounded=bounded.get(route.partition("?")[0], True),
            fingerprint=statement.fingerprint,
            sql=statement.sql,
            syntax=statement.syntax,
            plans=tuple(plans[statement.fingerprint]),
            tables=tables,
            indexes=known.indexes,
        )

    for statement in known.statements:
        if statement.fingerprint not in plans:
            continue
        for route in statement.routes:
            promise = promises(route) or Promise(route_class=RouteClass.REPORT)
            yield case(statement, route, promise), False
        # What is polled for is found by its own clock: after which answer that was is chance.
        unasked = () if statement.routes else (UNASKED,)
        behind = unasked if statement.idle else statement.after
        for route in behind:
            if route not in statement.routes:
                # A report over all tenants may grow; what is asked again every other second may not.
                polled = route == UNASKED
                kind = RouteClass.PAGE if polled else RouteClass.REPORT
                promise = Promise(route_class=kind, whole=not polled)
                yield case(statement, route, promise), True


def tables_by_name(tables: tuple[Table, ...]) -> Mapping[str, Table]:
    """Tables by bare and by qualified name; where two schemas have one name, bare means the larger."""
    by_size = sorted(tables, key=lambda table: table.rows)
    bare = {table.name: table for table in by_size}
    return bare | {f"{table.schema}.{table.name}": table for table in tables}
