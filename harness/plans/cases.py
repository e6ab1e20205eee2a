"""The measurement as what rules see: statements on behalf of routes, and routes with their requests."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping

from msgspec import Struct

from harness.model.policy import Policy, RouteClass
from harness.planner.model import Plan, Table
from harness.planner.rules.case import Case
from harness.plans.model import PlansMeasurement, RequestWork, StatementOfRoute
from harness.plans.rules.route import RouteWork

UNASKED = "unasked"
"""The subject of statements that the target runs of its own accord."""


class Promise(Struct, frozen=True, kw_only=True):
    """What a route is held to. `declared` where harness.toml names its class."""

    route_class: RouteClass
    declared: bool = False
    whole: bool = False
    statements: int | None = None


Promises = Callable[[str], Promise | None]
"""What is promised of a route; None where nothing is known of it."""


def promises_of(policy: Policy, measurement: PlansMeasurement) -> Promises:
    """The policy's classes where harness.toml declares them, else what the contract suggests."""
    looks = {facts.route: facts.looks_like for facts in measurement.routes}
    known = {route.route: route for route in policy.routes}

    def promise(route: str) -> Promise | None:
        budget = known.get(route) or known.get(route.partition("?")[0])
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


def cases_of(measurement: PlansMeasurement, promises: Promises) -> Iterator[tuple[Case, bool]]:
    """Every statement for each of its routes, and whether it is judged leniently.

    What follows an answer and what runs unasked is judged as a report over all tenants: nobody waits for it.
    """
    plans: dict[str, list[Plan]] = defaultdict(list)
    for plan in measurement.plans:
        plans[plan.fingerprint].append(plan)
    tables = tables_by_name(measurement.tables)
    bounded = {facts.route: facts.pages_bounded for facts in measurement.routes}

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
            indexes=measurement.indexes,
        )

    for statement in measurement.statements:
        if statement.fingerprint not in plans:
            continue
        for route in statement.routes:
            promise = promises(route) or Promise(route_class=RouteClass.REPORT)
            yield case(statement, route, promise), False
        behind = statement.after or ((UNASKED,) if statement.idle and not statement.routes else ())
        for route in behind:
            if route not in statement.routes:
                promise = Promise(route_class=RouteClass.REPORT, whole=True)
                yield case(statement, route, promise), True


def route_works(measurement: PlansMeasurement, promises: Promises) -> Iterator[RouteWork]:
    """Every route with its requests, in the order in which they were first sent."""
    statements = {statement.fingerprint: statement for statement in measurement.statements}
    requests: dict[str, list[RequestWork]] = defaultdict(list)
    for request in measurement.requests:
        requests[request.route].append(request)
    for route, sent in requests.items():
        promise = promises(route) or Promise(route_class=RouteClass.REPORT)
        yield RouteWork(
            route=route,
            route_class=promise.route_class,
            most_statements=promise.statements,
            requests=tuple(sent),
            statements=statements,
        )


def tables_by_name(tables: tuple[Table, ...]) -> Mapping[str, Table]:
    """Tables by bare and by qualified name; where two schemas have one name, bare means the larger."""
    by_size = sorted(tables, key=lambda table: table.rows)
    bare = {table.name: table for table in by_size}
    return bare | {f"{table.schema}.{table.name}": table for table in tables}
