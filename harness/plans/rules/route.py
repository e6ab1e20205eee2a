"""What a rule about requests sees: one route, what it ran, and what it promised."""

from collections.abc import Iterator, Mapping

from msgspec import Struct

from harness.model.policy import RouteClass
from harness.plans.model import Repeat, RequestWork
from harness.statements.model import StatementOfRoute

ANSWERED = range(200, 400)
"""Statuses of requests that did their work; refused and failed ones do less of it."""


class RouteWork(Struct, frozen=True, kw_only=True):
    """All requests of one route. `most_statements` is what one may send; None where nothing is promised.

    `large` are the tables that hold LARGE_ROWS or more at the greatest scale.
    """

    route: str
    route_class: RouteClass
    most_statements: int | None
    requests: tuple[RequestWork, ...]
    statements: Mapping[str, StatementOfRoute]
    large: frozenset[str] = frozenset()

    def answered(self) -> Iterator[RequestWork]:
        """The requests that did their work."""
        return (request for request in self.requests if request.status in ANSWERED)

    def runs(self) -> dict[str, list[tuple[RequestWork, Repeat]]]:
        """By fingerprint: the answered requests that ran the statement, with how often."""
        found: dict[str, list[tuple[RequestWork, Repeat]]] = {}
        for request in self.answered():
            for repeat in request.repeats:
                found.setdefault(repeat.fingerprint, []).append((request, repeat))
        return found

    def kind(self, fingerprint: str) -> str:
        """The statement's kind: select, insert, …; empty where its text is not known."""
        statement = self.statements.get(fingerprint)
        return statement.syntax.kind if statement else ""
