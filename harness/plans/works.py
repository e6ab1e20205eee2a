"""Routes with their requests, as rules about requests see them."""

from collections import defaultdict
from collections.abc import Iterator

from harness.model.policy import RouteClass
from harness.planner.model import Way
from harness.planner.rules.reading import LARGE_ROWS, rows_at
from harness.plans.model import PlansMeasurement, RequestWork
from harness.plans.rules.route import RouteWork
from harness.statements.cases import Promise, Promises


def route_works(measurement: PlansMeasurement, promises: Promises) -> Iterator[RouteWork]:
    """Every route with its requests, in the order in which they were first sent."""
    statements = {statement.fingerprint: statement for statement in measurement.statements}
    greatest = max(measurement.scales, default=1)
    large = frozenset(
        name
        for table in measurement.tables
        if max(rows_at(table, way, greatest) for way in (Way.MORE, Way.BIGGER)) >= LARGE_ROWS
        for name in (table.name, f"{table.schema}.{table.name}")
    )
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
            large=large,
        )
