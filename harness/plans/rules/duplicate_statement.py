"""Q03: a request asks Postgres the same question twice."""

from collections.abc import Iterator
from typing import Final

from harness.model.policy import RouteClass
from harness.planner.rules.case import Violation
from harness.plans.rules.route import RouteWork

RULE: Final = "plans/duplicate-statement"
LEAST_SHARE: Final = 0.5
"""Share of the requests that run the statement; fewer are retries or races."""


def violations(route: RouteWork) -> Iterator[Violation]:
    """SELECTs of a table, with the same parameters and no write between them, in half of the requests."""
    for fingerprint, runs in route.runs().items():
        statement = route.statements.get(fingerprint)
        if statement is None or statement.syntax.kind != "select" or not statement.syntax.tables:
            continue
        doubled = [(request, repeat) for request, repeat in runs if repeat.identical > 1]
        times = sum(request.times for request, _ in doubled)
        if not doubled or times < LEAST_SHARE * sum(request.times for request, _ in runs):
            continue
        most = max(repeat.identical for _, repeat in doubled)
        yield Violation(
            rule=RULE,
            fingerprint=fingerprint,
            error=route.route_class != RouteClass.MODEL,
            detail=(
                f"One request runs this {most} times with the same values, and nothing is written between: "
                f"so did {times} of {sum(request.times for request, _ in runs)} requests."
            ),
            remedy="Ask once and pass the answer on.",
        )
