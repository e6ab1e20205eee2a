"""Routes and their statements as reports show them: counts, costs at scale, and where findings lie."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from harness.model.finding import Severity
from harness.model.record import Record
from harness.model.verdict import JudgedFinding, Verdict
from harness.plans.model import PlansMeasurement, Suggestion
from harness.plans.rules.route import RouteWork
from harness.plans.works import route_works
from harness.report.costs import StatementCost, cost_of
from harness.report.measurements import measurement_of
from harness.statements.cases import Promise, cases_of, promises_of
from harness.statements.model import StatementOfRoute

FAMILIES: Final = ("exercise/", "plans/")
"""Checks whose findings are about what a route does, not how fast it is."""
SHARED: Final = "the same on "
"""How the judge names further routes of one finding, in its evidence."""


@dataclass(frozen=True, kw_only=True)
class StatementView:
    """One statement on behalf of one route. `least` and `most` times in one answered request.

    `most_rows` that one run returned or changed; `after` where it follows the answer or runs unasked; `cost`
    is None where it has no plan, `unplanned` the server's reason.
    """

    statement: StatementOfRoute
    least: int
    most: int
    most_rows: int
    after: bool
    cost: StatementCost | None
    unplanned: str
    suggestions: tuple[Suggestion, ...]


@dataclass(frozen=True, kw_only=True)
class RouteView:
    """One route. `least` and `most` statements of one answered request; `requests` are all that were sent.

    `statements` are the dearest first; `mark` is error, warning or empty: the gravest finding on it.
    """

    route: str
    route_class: str
    requests: int
    answered: int
    least: int
    most: int
    statements: tuple[StatementView, ...]
    mark: str

    @property
    def dearest(self) -> StatementCost | None:
        """The cost of the statement that costs most at the greatest scale, of those that are waited for."""
        costs = [one.cost for one in self.statements if one.cost is not None and not one.after]
        return max(costs, key=lambda cost: cost.greatest, default=None)

    @property
    def growth_bigger(self) -> float | None:
        """The steepest growth of any of its statements with bigger tenants."""
        curves = [one.cost.bigger for one in self.statements if one.cost and not one.after]
        return max((curve.exponent for curve in curves if curve), default=None)

    @property
    def growth_more(self) -> float | None:
        """The steepest growth of any of its statements with more tenants."""
        curves = [one.cost.more for one in self.statements if one.cost and not one.after]
        return max((curve.exponent for curve in curves if curve), default=None)


@dataclass(frozen=True, kw_only=True)
class PlansView:
    """What `plans` measured, by routes in their order; `unasked` are statements of no route at all."""

    measurement: PlansMeasurement
    routes: tuple[RouteView, ...]
    unasked: tuple[StatementView, ...]

    @property
    def scales(self) -> str:
        """`1x, 10x and 100x`."""
        names = [f"{scale}x" for scale in self.measurement.scales]
        return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))

    @property
    def greatest_scale(self) -> int:
        """The greatest multiple of today's rows."""
        return max(self.measurement.scales, default=1)

    @property
    def took_s(self) -> float:
        """All steps together, in seconds."""
        return sum(self.measurement.took_s.values())

    @property
    def tenant(self) -> str:
        """The tenant's column and how it was found, in words."""
        name = self.measurement.tenant.removeprefix("public.")
        if not name:
            return "no column that names tenants"
        how = self.measurement.tenant_from
        return f"tenant {name} (found by {how})" if how else f"tenant {name}"


def plans_of(record: Record, verdict: Verdict) -> PlansView | None:
    """The plans of a record; None where it has none. Raises RecordUnreadable where they are damaged."""
    measurement = measurement_of(record, "plans", PlansMeasurement)
    if measurement is None:
        return None
    promises = promises_of(record.policy, measurement)
    costs: dict[str, StatementCost | None] = {}
    for case, _ in cases_of(measurement, promises):
        if case.fingerprint not in costs:
            costs[case.fingerprint] = cost_of(case)
    suggestions: dict[str, list[Suggestion]] = defaultdict(list)
    for one in measurement.suggestions:
        suggestions[one.fingerprint].append(one)
    known = _Known(
        statements=measurement.statements,
        costs=costs,
        unplanned={one.fingerprint: one.reason for one in measurement.unplanned},
        suggestions=suggestions,
    )
    works = {work.route: work for work in route_works(measurement, promises)}
    order = {operation: number for number, operation in enumerate(record.policy.operations)}
    names = sorted(works, key=lambda name: (order.get(name.partition("?")[0], len(order)), name))
    marks = marks_of(verdict.findings)
    return PlansView(
        measurement=measurement,
        routes=tuple(
            _route(works[name], promises(name), tuple(_statements(works[name], known)), marks.get(name, ""))
            for name in names
        ),
        unasked=tuple(_unasked(known)),
    )


def marks_of(findings: Iterable[JudgedFinding]) -> dict[str, str]:
    """By route: error where a finding on it counts, warning for waived ones and for warnings."""
    marks: dict[str, str] = {}
    for judged in findings:
        finding = judged.finding
        if not finding.rule.startswith(FAMILIES) or finding.severity is Severity.INFO:
            continue
        grave = finding.severity is Severity.ERROR and judged.counts
        for route in subjects_of(judged):
            if grave or route not in marks:
                marks[route] = "error" if grave else "warning"
    return marks


def subjects_of(judged: JudgedFinding) -> tuple[str, ...]:
    """The routes that a finding is about: its subject, and those that its evidence calls the same."""
    others = [
        route
        for line in judged.finding.evidence
        if line.startswith(SHARED)
        for route in line.removeprefix(SHARED).split(", ")
    ]
    return (judged.finding.subject, *others)


@dataclass(frozen=True, kw_only=True)
class _Known:
    """The statements of a measurement, and by fingerprint what is known of each."""

    statements: tuple[StatementOfRoute, ...]
    costs: Mapping[str, StatementCost | None]
    unplanned: Mapping[str, str]
    suggestions: Mapping[str, list[Suggestion]]

    def view(self, statement: StatementOfRoute, *, after: bool) -> StatementView:
        """The statement, before it is known how often it ran."""
        return StatementView(
            statement=statement,
            least=0,
            most=0,
            most_rows=0,
            after=after,
            cost=self.costs.get(statement.fingerprint),
            unplanned=self.unplanned.get(statement.fingerprint, ""),
            suggestions=tuple(self.suggestions.get(statement.fingerprint, ())),
        )


def _route(
    work: RouteWork, promise: Promise | None, statements: tuple[StatementView, ...], mark: str
) -> RouteView:
    answered = tuple(work.answered())
    return RouteView(
        route=work.route,
        route_class=promise.route_class.value if promise else "–",
        requests=sum(one.times for one in work.requests),
        answered=sum(one.times for one in answered),
        least=min((one.statements for one in answered), default=0),
        most=max((one.statements for one in answered), default=0),
        statements=statements,
        mark=mark,
    )


def _statements(work: RouteWork, known: _Known) -> list[StatementView]:
    """The statements of a route and those that it sets off, the dearest at the greatest scale first."""
    runs = work.runs()
    answered = len(tuple(work.answered()))
    views = []
    for statement in known.statements:
        asked = work.route in statement.routes
        if not asked and work.route not in statement.after:
            continue
        view = known.view(statement, after=not asked)
        found = runs.get(statement.fingerprint, [])
        if found:
            counts = [repeat.count for _, repeat in found]
            view = replace(
                view,
                least=min(counts) if len(counts) == answered else 0,
                most=max(counts),
                most_rows=max(repeat.most_rows for _, repeat in found),
            )
        views.append(view)
    return sorted(views, key=_dearness)


def _unasked(known: _Known) -> list[StatementView]:
    """What the target runs of its own accord, and for no route."""
    views = [
        known.view(statement, after=True)
        for statement in known.statements
        if statement.idle and not statement.routes and not statement.after
    ]
    return sorted(views, key=_dearness)


def _dearness(view: StatementView) -> float:
    return -view.cost.greatest if view.cost else 1.0
