"""Plan what the exercise saw, now and at scale, and try what would mend it; judges nothing."""

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

import msgspec

from harness.config.settings import Settings
from harness.exercise.model import Exercise
from harness.model.policy import RouteClass
from harness.model.progress import Progress
from harness.planner.laboratory import Laboratory
from harness.planner.model import Plan, Unplanned
from harness.planner.rules.case import Syntax
from harness.planner.syntax import read_syntax
from harness.planner.tree import shape
from harness.plans.cases import Promise, Promises
from harness.plans.model import PlansMeasurement, RouteFacts, StatementOfRoute
from harness.plans.requests import route_of, work_of
from harness.plans.suggestions import suggestions_for
from harness.wires.statements import Query

SQL_LENGTH: Final = 4_000
SAME_COST: Final = 0.01
"""Plans of guessed values that have a real one's shape and, to a hundredth, its cost say nothing."""
CATALOGUES: Final = ("pg_", "information_schema")


async def measure(
    settings: Settings, exercise: Exercise, planner: Laboratory, progress: Progress
) -> PlansMeasurement:
    """Plan every statement of the exercise on clones, and build the indexes that would mend what breaks.

    The target is not touched: everything runs in the laboratory. What a driver asks of the catalogue is no
    statement of the target's and left out.
    """
    took_s: dict[str, float] = {}
    with _timed(took_s, "read"):
        syntaxes = {query.fingerprint: read_syntax(query.sql, planner.columns) for query in exercise.queries}
        queries = [one for one in exercise.queries if not asks_catalogue(one.sql, syntaxes[one.fingerprint])]
        syntaxes = {query.fingerprint: syntaxes[query.fingerprint] for query in queries}
        statements = statements_of(exercise, queries, syntaxes, settings)
        requests = work_of(exercise.windows, syntaxes, settings.routes)
    progress.stage(f"plan {len(queries)} statements at {', '.join(f'{scale}x' for scale in planner.scales)}")
    with _timed(took_s, "plan"):
        planned = await planner.plan(queries)
    progress.stage(f"run {len(queries)} statements on a copy of today's data")
    with _timed(took_s, "execute"):
        executed = await planner.execute(queries)
    measurement = PlansMeasurement(
        server=planner.server,
        simulated=planner.simulated,
        scales=planner.scales,
        tenant=planner.tenant,
        tenant_from=planner.tenant_from,
        tables=planner.tables,
        indexes=planner.indexes,
        routes=facts_of(exercise),
        statements=statements,
        requests=requests,
        plans=(*telling(planned.plans), *executed.plans),
        unplanned=_distinct((*planned.unplanned, *executed.unplanned)),
        wire_silent=not exercise.statements and any(window.call.status for window in exercise.windows),
    )
    with _timed(took_s, "suggest"):
        suggestions = await suggestions_for(
            measurement, settings_promises(settings, measurement), queries, planner, progress
        )
    return msgspec.structs.replace(measurement, suggestions=suggestions, took_s=took_s)


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


def settings_promises(settings: Settings, measurement: PlansMeasurement) -> Promises:
    """Classes as harness.toml declares or the contract suggests them: which statements are worth a trial."""
    looks = {facts.route: facts.looks_like for facts in measurement.routes}

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


def asks_catalogue(sql: str, syntax: Syntax) -> bool:
    """Whether a statement reads Postgres's own tables and no other: drivers do, to learn types."""
    if "information_schema." in sql.lower():
        return True
    return bool(syntax.tables) and all(table.lower().startswith(CATALOGUES) for table in syntax.tables)


def telling(plans: Sequence[Plan]) -> tuple[Plan, ...]:
    """All real and generic plans, and of the guessed values' those that differ from every real one."""
    real: dict[tuple[object, ...], list[Plan]] = defaultdict(list)
    for plan in plans:
        if plan.binding == "real":
            real[_size(plan)].append(plan)
    return tuple(
        plan
        for plan in plans
        if plan.binding in {"real", "generic"} or not any(_same(plan, other) for other in real[_size(plan)])
    )


def _size(plan: Plan) -> tuple[object, ...]:
    return plan.fingerprint, plan.within, plan.way, plan.scale


def _same(plan: Plan, other: Plan) -> bool:
    near = abs(plan.root.cost - other.root.cost) <= SAME_COST * other.root.cost
    return near and shape(plan.root) == shape(other.root)


def _distinct(missing: Iterable[Unplanned]) -> tuple[Unplanned, ...]:
    """Once for each statement: the first reason."""
    first: dict[str, Unplanned] = {}
    for one in missing:
        first.setdefault(one.fingerprint, one)
    return tuple(first.values())


@contextmanager
def _timed(took_s: dict[str, float], step: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    took_s[step] = round(time.monotonic() - began, 3)
