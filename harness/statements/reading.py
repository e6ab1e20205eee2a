"""The exercise and the laboratory read together: which statements there are, and which routes run them."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from msgspec import Struct

from harness.config.settings import Settings
from harness.exercise.model import Exercise, Window
from harness.planner.laboratory import Laboratory
from harness.planner.rules.case import Syntax
from harness.planner.syntax import read_syntax
from harness.statements.model import RouteFacts, StatementOfRoute
from harness.wires.statements import Query

SQL_LENGTH: Final = 4_000
CATALOGUES: Final = ("pg_", "information_schema")
LEARNS: Final = re.compile(r"\b(?:FROM|JOIN)\s+(?:pg_catalog\.)?pg_\w+", re.IGNORECASE)
RESETS: Final = re.compile(r"\s*SELECT\s+pg_advisory_unlock_all\(\)\s*;?\s*", re.IGNORECASE)


class Reading(Struct, frozen=True, kw_only=True):
    """All that was read: `queries` to be planned, `statements` with their routes, facts of the routes."""

    queries: tuple[Query, ...]
    syntaxes: Mapping[str, Syntax]
    statements: tuple[StatementOfRoute, ...]
    routes: tuple[RouteFacts, ...]


def read(exercise: Exercise, planner: Laboratory, settings: Settings) -> Reading:
    """The statements of the exercise; what a driver asks of the catalogue is none of the target's."""
    syntaxes = {query.fingerprint: read_syntax(query.sql, planner.columns) for query in exercise.queries}
    queries = tuple(q for q in exercise.queries if not asks_catalogue(q.sql, syntaxes[q.fingerprint]))
    syntaxes = {query.fingerprint: syntaxes[query.fingerprint] for query in queries}
    return Reading(
        queries=queries,
        syntaxes=syntaxes,
        statements=statements_of(exercise, queries, syntaxes, settings),
        routes=facts_of(exercise),
    )


def statements_of(
    exercise: Exercise, queries: Iterable[Query], syntaxes: Mapping[str, Syntax], settings: Settings
) -> tuple[StatementOfRoute, ...]:
    """Every statement with the routes that run it, those that set it off, and whether it runs unasked."""
    routes: dict[str, dict[str, None]] = defaultdict(dict)
    after: dict[str, dict[str, None]] = defaultdict(dict)
    for window in exercise.windows:
        route = route_of(window, settings.routes)
        for seen in window.statements:
            routes[seen.fingerprint][route] = None
        for seen in window.after:
            after[seen.fingerprint][route] = None
    idle = {one.fingerprint for one in exercise.idle}
    return tuple(
        StatementOfRoute(
            fingerprint=query.fingerprint,
            sql=query.sql[:SQL_LENGTH],
            syntax=syntaxes[query.fingerprint],
            routes=tuple(routes[query.fingerprint]),
            after=tuple(after[query.fingerprint]),
            idle=query.fingerprint in idle,
        )
        for query in queries
    )


def facts_of(exercise: Exercise) -> tuple[RouteFacts, ...]:
    """What the exercise knows of each operation."""
    requests: dict[str, int] = defaultdict(int)
    for window in exercise.windows:
        requests[window.call.operation] += 1
    return tuple(
        RouteFacts(
            route=reached.operation,
            looks_like=reached.looks_like,
            pages_bounded=reached.pages_bounded,
            requests=requests[reached.operation],
        )
        for reached in exercise.operations
    )


def asks_catalogue(sql: str, syntax: Syntax) -> bool:
    """Whether a statement reads Postgres's own tables and no other: drivers do, to learn types.

    Of a text that no parser reads (asyncpg's), `tables` are those of the target that it names. What a pool
    asks to make a connection as new again is as little of the target's work.
    """
    if "information_schema." in sql.lower() or RESETS.fullmatch(sql):
        return True
    own = [table for table in syntax.tables if not table.lower().startswith(CATALOGUES)]
    learns = bool(syntax.tables) if syntax.parsed else LEARNS.search(sql) is not None
    return learns and not own


def route_of(window: Window, declared: Collection[str]) -> str:
    """The operation, or the declared route of one of its query parameters (`GET /orders?q`)."""
    operation = window.call.operation
    for name, _ in parse_qsl(urlsplit(window.call.target).query, keep_blank_values=True):
        if f"{operation}?{name}" in declared:
            return f"{operation}?{name}"
    return operation
