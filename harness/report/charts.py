"""The pictures of a load: what was asked over time, latency against budgets, percentile curves, CPU."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

import altair as alt

from harness.driver.histogram import Histogram, merged
from harness.driver.result import Outcome
from harness.load.figures import TIMED, RouteFigures
from harness.load.model import LoadMeasurement
from harness.report.layers import (
    COUNT_AXIS,
    Row,
    above,
    below,
    chart_of,
    checkpoint,
    latency_axis,
    level,
    level_name,
    phase_names,
    phases,
    time_axis,
)
from harness.report.svg import BUDGET, INK, SERIES, SOFT, STRONG, WARN, draw
from harness.report.view import LoadView

WIDTH: Final = 330
HEIGHT: Final = 150
LEAST_SAMPLES: Final = 5
"""A block with fewer samples has no percentile worth a point."""
NAMES: Final[dict[Outcome, str]] = {
    "ok": "answered",
    "refused": "refused",
    "failed": "failed",
    "censored": "timed out",
}
OUTCOMES: Final = {"answered": SOFT, "refused": WARN, "failed": BUDGET, "timed out": STRONG}


def requests_over_time(view: LoadView) -> str:
    """Requests a second by outcome, per block."""
    result = view.measurement.result
    counts: dict[tuple[int, str], int] = defaultdict(int)
    for series in result.series:
        for block in series.blocks:
            counts[block.block, NAMES[series.outcome]] += sum(count for _, count in block.buckets)
    seen = [name for name in OUTCOMES if any(outcome == name for _, outcome in counts)]
    rows: list[Row] = [
        {"at": block * result.block_s, "outcome": name, "rate": counts.get((block, name), 0) / result.block_s}
        for block in range(max((block for block, _ in counts), default=0) + 1)
        for name in seen
    ]
    areas = (
        chart_of(rows)
        .mark_area(interpolate="step-after")
        .encode(
            x=time_axis(result),
            y=alt.Y("rate:Q", stack="zero", axis=alt.Axis(title=None, tickCount=4)),
            color=alt.Color(
                "outcome:N",
                scale=alt.Scale(domain=seen, range=[OUTCOMES[name] for name in seen]),
                legend=None,
            ),
        )
    )
    layers = [*phases(result), areas, *phase_names(result)]
    return _drawn(layers, "requests", "Requests per second over time, by outcome")


def users_over_time(view: LoadView) -> str:
    """Users running, over time, and how many were planned."""
    result = view.measurement.result
    rows = [{"at": one.at_s, "users": one.users} for one in result.users]
    line = (
        chart_of(rows)
        .mark_line(color=STRONG, strokeWidth=2)
        .encode(x=time_axis(result), y=alt.Y("users:Q", axis=COUNT_AXIS))
    )
    planned = level(view.policy.load.users if view.policy.load else result.users_planned, INK, COUNT_AXIS)
    return _drawn([*phases(result), line, planned], "users", "Users running over time")


def busiest_processes(measurement: LoadMeasurement) -> list[str]:
    """The processes with a curve, in the order of their colours."""
    return [one.name for one in sorted(measurement.processes, key=lambda one: -one.cpu_share)[:6]]


def busiest_routes(view: LoadView) -> list[RouteFigures]:
    """The routes with a curve, in the order of their colours."""
    return sorted(view.figures, key=lambda one: -one.samples)[: len(SERIES)]


def cpu_over_time(view: LoadView) -> str:
    """CPU share of each process in steady; 1 is a whole core."""
    measurement = view.measurement
    names = busiest_processes(measurement)
    rows: list[Row] = [
        {"at": point.at_s, "process": name, "share": point.cpu_share.get(name, 0.0)}
        for point in measurement.usage
        for name in names
    ]
    start_s, end_s = view.steady.start_s, view.steady.end_s
    lines = (
        chart_of(rows)
        .mark_line(strokeWidth=1.75)
        .encode(
            x=alt.X(
                "at:Q",
                scale=alt.Scale(domain=[start_s, end_s], nice=False),
                axis=alt.Axis(title=None, labelExpr="datum.value + ' s'", tickCount=5),
            ),
            y=alt.Y("share:Q", axis=alt.Axis(title=None, format="%", tickCount=4)),
            color=alt.Color(
                "process:N",
                scale=alt.Scale(domain=names, range=list(SERIES[: len(names)])),
                legend=None,
            ),
        )
    )
    return _drawn([lines, *checkpoint(measurement)], "cpu", "CPU share of each process in steady")


def latency_over_time(view: LoadView, figures: RouteFigures, number: int) -> str:
    """p50, p95 and p99 of one route per block, with its budget; milliseconds on a logarithmic scale."""
    result = view.measurement.result
    blocks: dict[int, Histogram] = defaultdict(Histogram)
    for series in result.series:
        if series.route == figures.route and series.outcome in TIMED:
            for block in series.blocks:
                blocks[block.block].add(block.buckets)
    rows: list[Row] = [
        {"at": (block + 0.5) * result.block_s, "of": name, "ms": histogram.quantile_us(share) / 1000}
        for block, histogram in sorted(blocks.items())
        if histogram.total >= LEAST_SAMPLES
        for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))
    ]
    budget_ms = figures.limits[0].limit_ms if figures.limits else None
    values = [row["ms"] for row in rows] + ([budget_ms] if budget_ms else [])
    domain = [below(min(values, default=1.0)), above(max(values, default=10.0))]
    lines = (
        chart_of(rows)
        .mark_line(clip=True)
        .encode(
            x=time_axis(result),
            y=latency_axis(domain),
            color=alt.Color(
                "of:N",
                scale=alt.Scale(domain=["p50", "p95", "p99"], range=[SOFT, STRONG, SOFT]),
                legend=None,
            ),
            strokeWidth=alt.StrokeWidth(
                "of:N", scale=alt.Scale(domain=["p50", "p95", "p99"], range=[1.5, 2.25, 1.25]), legend=None
            ),
            strokeDash=alt.StrokeDash(
                "of:N",
                scale=alt.Scale(domain=["p50", "p95", "p99"], range=[[1, 0], [1, 0], [3, 2]]),
                legend=None,
            ),
        )
    )
    layers: list[alt.Chart] = [*phases(result), lines, *checkpoint(view.measurement)]
    if budget_ms:
        layers += [level(budget_ms, BUDGET), level_name(budget_ms)]
    label = f"Latency of {figures.route} over time: p50, p95 and p99 per block, and its budget"
    return _drawn(layers, f"latency-{number}", label)


def percentile_curves(view: LoadView) -> str:
    """Latency at each percentile of steady, both scales logarithmic; a diamond is a p95 budget."""
    shown = busiest_routes(view)
    names = [one.route for one in shown]
    rows = [row for one in shown for row in _curve(view, one.route)]
    marks: list[Row] = [
        {"tail": 20.0, "ms": one.limits[0].limit_ms, "route": one.route} for one in shown if one.limits
    ]
    values = [row["ms"] for row in (*rows, *marks)]
    domain = [below(min(values, default=1.0)), above(max(values, default=10.0))]
    colour = alt.Color(
        "route:N",
        scale=alt.Scale(domain=names, range=list(SERIES[: len(names)])),
        legend=None,
    )
    tail = alt.X(
        "tail:Q",
        scale=alt.Scale(type="log", nice=False),
        axis=alt.Axis(
            title=None,
            values=[2, 10, 20, 100, 1000, 10000],
            grid=True,
            labelExpr="{'2': 'p50', '10': 'p90', '20': 'p95', '100': 'p99', '1000': 'p99.9', "
            "'10000': 'p99.99'}[datum.value]",
        ),
    )
    lines = (
        chart_of(rows)
        .mark_line(strokeWidth=1.75, interpolate="monotone")
        .encode(x=tail, y=latency_axis(domain), color=colour)
    )
    budgets = (
        chart_of(marks)
        .mark_point(shape="diamond", size=55, filled=True)
        .encode(x=tail, y=latency_axis(domain), color=colour)
    )
    chart = alt.layer(lines, budgets).properties(width=780, height=330)
    return draw(
        chart, "percentiles", "Latency at each percentile, one curve per route; diamonds are p95 budgets"
    )


def _curve(view: LoadView, route: str) -> Iterator[Row]:
    """Forty points from the median on, up to the last percentile that these samples have."""
    steady = view.steady
    result = view.measurement.result
    whole = merged(
        block.buckets
        for series in result.series
        if series.route == route and series.outcome in TIMED
        for block in series.blocks
        if steady.start_s <= (block.block + 0.5) * result.block_s < steady.end_s
    )
    if not whole.total:
        return
    for step in range(41):
        tail = 2 * (max(whole.total, 2) / 2) ** (step / 40)
        yield {"tail": tail, "ms": max(0.05, whole.quantile_us(1 - 1 / tail) / 1000), "route": route}


def _drawn(layers: list[alt.Chart], name: str, label: str) -> str:
    return draw(alt.layer(*layers).properties(width=WIDTH, height=HEIGHT), name, label)
