"""What every report shows of a load, taken from a record: computed once, decided nowhere."""

from dataclasses import dataclass

from harness.driver.histogram import Histogram
from harness.driver.result import Phase
from harness.load.answers import errors_of
from harness.load.figures import ALL, RouteFigures, Window, figures_of, steady_of, timing_of
from harness.load.honesty import users_reached
from harness.load.model import LoadMeasurement
from harness.load.statistics import Share, standing
from harness.model.finding import BY_WEIGHT
from harness.model.policy import Policy
from harness.model.record import Record
from harness.model.verdict import JudgedFinding, Verdict
from harness.report.measurements import measurement_of


def sorted_findings(verdict: Verdict) -> list[JudgedFinding]:
    """The findings as a reader wants them: those that decide first, and the gravest of them."""
    return sorted(verdict.findings, key=lambda one: (not one.counts, BY_WEIGHT.index(one.finding.effect)))


def passed(record: Record) -> str:
    """What a green verdict says; without a load nothing was timed, and it says nothing of budgets."""
    if "load" in record.measurements:
        return "Every budget is held with 95 % confidence, by a measurement that can be trusted."
    return f"Nothing that fails was found by {', '.join(record.measurements)}; nothing was timed."


@dataclass(frozen=True, kw_only=True)
class LoadView:
    """A load as reports show it. `margin` is the least share of a budget left, over all p95 budgets.

    `margin` is negative where a budget is broken, None where there is none; `margin_route` has it.
    """

    measurement: LoadMeasurement
    policy: Policy
    steady: Phase
    figures: tuple[RouteFigures, ...]
    users: int
    requests: int
    errors: Share
    canary: Histogram
    send_lag: Histogram
    margin: float | None
    margin_route: str

    @property
    def steady_s(self) -> float:
        """The length of steady, in seconds."""
        return self.steady.end_s - self.steady.start_s

    @property
    def requests_per_s(self) -> float:
        """Requests due in steady, per second."""
        return self.requests / self.steady_s

    @property
    def generator_error_ms(self) -> float:
        """What the canary took above its delay, p95, in milliseconds."""
        return self.canary.quantile_us(0.95) / 1000

    def standing(self, figures: RouteFigures) -> str:
        """Where a route stands to its latency budgets, the worst of them: within, beyond, open, or empty."""
        found = {standing(limit.share, limit.allowed).value for limit in figures.limits}
        return next((one for one in ("beyond", "open", "within") if one in found), "")


def load_of(record: Record) -> LoadView | None:
    """The load of a record; None where it has none, or no steady phase. Raises RecordUnreadable."""
    measurement = measurement_of(record, "load", LoadMeasurement)
    if measurement is None:
        return None
    result = measurement.result
    steady = steady_of(result)
    if steady is None:
        return None
    window = Window(result, steady)
    figures = figures_of(measurement, record.policy)
    margins = [
        (1 - limit.measured_ms / limit.limit_ms, f"{one.route} {limit.name}")
        for one in figures
        for limit in one.limits
        if limit.share.of
    ]
    margin, route = min(margins, default=(None, ""))
    return LoadView(
        measurement=measurement,
        policy=record.policy,
        steady=steady,
        figures=figures,
        users=users_reached(result, steady),
        requests=sum(window.histogram(route, ALL).total for route in window.routes),
        errors=errors_of(window, record.policy, set(window.routes)),
        canary=timing_of(result.canary),
        send_lag=timing_of(result.send_lag),
        margin=margin,
        margin_route=route,
    )
