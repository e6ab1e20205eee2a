"""Exercise, plans and indexes in a few numbers each, for the summary; the record has the whole."""

from msgspec import Struct

from harness.model.record import Record
from harness.model.verdict import Verdict
from harness.report.reached import exercise_of
from harness.report.routes import RouteView, plans_of
from harness.report.worth import indexes_of


class ExerciseSummary(Struct, frozen=True, kw_only=True):
    """`answered` counts answers of 2xx, `statements` all that crossed a wire; `unreached` are operations."""

    operations: int
    reached: int
    unreached: tuple[str, ...]
    requests: int
    answered: int
    statements: int
    distinct: int
    took_s: float


class RouteScale(Struct, frozen=True, kw_only=True):
    """One route at scale. Costs in planner units, of its dearest statement; None where nothing was planned.

    `statements_least` and `statements_most` of one answered request; growth as the exponent of rows of its
    steepest statement; `found` is the gravest severity of its findings, error or warning, or empty.
    """

    route: str
    route_class: str
    requests: int
    statements_least: int
    statements_most: int
    cost_today: float | None
    cost_greatest: float | None
    growth_bigger: float | None
    growth_more: float | None
    found: str


class PlansSummary(Struct, frozen=True, kw_only=True):
    """`scales` are multiples of today's rows; `plans` counts those in the record."""

    server: str
    simulated: bool
    scales: tuple[int, ...]
    tenant: str
    tenant_from: str
    statements: int
    plans: int
    unplanned: int
    suggestions: tuple[str, ...]
    took_s: float
    routes: tuple[RouteScale, ...]


class IndexesSummary(Struct, frozen=True, kw_only=True):
    """`missed` by some plan, `enforcing` a constraint; `idle` names those that do neither."""

    indexes: int
    missed: int
    enforcing: int
    idle: tuple[str, ...]


def summarize_exercise(record: Record) -> ExerciseSummary | None:
    """None where there was no exercise. Raises RecordUnreadable."""
    view = exercise_of(record)
    if view is None:
        return None
    measured = view.measurement
    return ExerciseSummary(
        operations=len(measured.operations),
        reached=view.reached,
        unreached=tuple(one.operation for one in view.unreached),
        requests=measured.requests,
        answered=measured.answered,
        statements=measured.statements,
        distinct=view.distinct,
        took_s=measured.took_s,
    )


def summarize_plans(record: Record, verdict: Verdict) -> PlansSummary | None:
    """None where nothing was planned. Raises RecordUnreadable."""
    view = plans_of(record, verdict)
    if view is None:
        return None
    measured = view.measurement
    return PlansSummary(
        server=measured.server,
        simulated=measured.simulated,
        scales=measured.scales,
        tenant=measured.tenant,
        tenant_from=measured.tenant_from,
        statements=len(measured.statements),
        plans=len(measured.plans),
        unplanned=len(measured.unplanned),
        suggestions=tuple(one.definition for one in measured.suggestions),
        took_s=round(view.took_s, 3),
        routes=tuple(_route(one) for one in view.routes),
    )


def summarize_indexes(record: Record) -> IndexesSummary | None:
    """None where indexes were not looked at. Raises RecordUnreadable."""
    view = indexes_of(record)
    if view is None:
        return None
    return IndexesSummary(
        indexes=len(view.worth),
        missed=view.missed,
        enforcing=view.enforcing,
        idle=tuple(one.name for one in view.idle),
    )


def _route(view: RouteView) -> RouteScale:
    cost = view.dearest
    return RouteScale(
        route=view.route,
        route_class=view.route_class,
        requests=view.requests,
        statements_least=view.least,
        statements_most=view.most,
        cost_today=cost.today if cost else None,
        cost_greatest=cost.greatest if cost and cost.dearer else None,
        growth_bigger=view.growth_bigger,
        growth_more=view.growth_more,
        found=view.mark,
    )
