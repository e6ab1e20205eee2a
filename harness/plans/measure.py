"""Plan what the exercise saw, now and at scale, and try what would mend it; judges nothing."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from harness.config.settings import Settings
from harness.exercise.model import Exercise
from harness.model.progress import Progress
from harness.planner.laboratory import Laboratory
from harness.planner.model import Plan, Unplanned
from harness.planner.tree import shape
from harness.plans.model import PlansMeasurement
from harness.plans.requests import work_of
from harness.plans.suggestions import suggestions_for
from harness.statements.cases import settings_promises
from harness.statements.reading import read
from harness.statements.steps import timed

SAME_COST: Final = 0.01
"""Plans of guessed values that have a real one's shape and, to a hundredth, its cost say nothing."""


async def measure(
    settings: Settings, exercise: Exercise, planner: Laboratory, progress: Progress
) -> PlansMeasurement:
    """Plan every statement of the exercise on clones, and build the indexes that would mend what breaks.

    The target is not touched: everything runs in the laboratory. What a driver asks of the catalogue is no
    statement of the target's and left out.
    """
    took_s: dict[str, float] = {}
    with timed(took_s, "read"):
        reading = read(exercise, planner, settings)
        queries = reading.queries
        requests = work_of(exercise.windows, reading.syntaxes, settings.routes)
    progress.stage(f"plan {len(queries)} statements at {', '.join(f'{scale}x' for scale in planner.scales)}")
    with timed(took_s, "plan"):
        planned = await planner.plan(queries)
    progress.stage(f"run {len(queries)} statements on a copy of today's data")
    with timed(took_s, "execute"):
        executed = await planner.execute(queries)
    measurement = PlansMeasurement(
        server=planner.server,
        simulated=planner.simulated,
        scales=planner.scales,
        tenant=planner.tenant,
        tenant_from=planner.tenant_from,
        tables=planner.tables,
        indexes=planner.indexes,
        routes=reading.routes,
        statements=reading.statements,
        requests=requests,
        plans=(*telling(planned.plans), *executed.plans),
        unplanned=_distinct((*planned.unplanned, *executed.unplanned)),
        wire_silent=not exercise.statements and any(window.call.status for window in exercise.windows),
    )
    with timed(took_s, "suggest"):
        suggestions = await suggestions_for(
            measurement, settings_promises(settings, measurement), queries, planner, progress
        )
    return msgspec.structs.replace(measurement, suggestions=suggestions, took_s=took_s)


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
