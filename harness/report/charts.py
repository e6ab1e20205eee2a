"""The pictures of a load: what was asked over time, latency against budgets, percentile curves, CPU."""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Final

import altair as alt

from harness.driver.histogram import Histogram, merged
from harness.driver.result import LoadResult, Outcome
from harness.load.figures import TIMED, RouteFigures
from harness.load.model import LoadMeasurement
from harness.report.svg import BUDGET, INK, MUTED, SERIES, SHADE, SOFT, STRONG, WARN, draw
from harness.report.view import LoadView

WIDTH: Final = 400
HEIGHT: Final = 150
LEAST_SAMPLES: Final = 5
"""A block with fewer samples has no percentile worth a point."""
MILLISECONDS_AXIS: Final = (
    "datum.value >= 1000 ? format(datum.value / 1000, '~g') + ' s' : format(datum.value, '~g') + ' ms'"
)
Row = dict[str, Any]


def chart_of(rows: list[Row]) -> alt.Chart:
    """A chart of these rows, which it carries with it."""
    return alt.Chart(alt.Data(values=rows))  # type: ignore[no-untyped-call]


def time_axis(result: LoadResult) -> alt.X:
    """Seconds since the origin, over all phases."""
    end_s = max(phase.end_s for phase in result.phases)
    return alt.X(
        "at:Q",
        scale=alt.Scale(domain=[0, end_s], nice=False),
        axis=alt.Axis(title=None, labelExpr="datum.value + ' s'", tickCount=6),
    )


def phases(result: LoadResult, *, named: bool = False) -> list[alt.Chart]:
    """Everything but steady in shade, with names where there is room for them."""
    rows: list[Row] = [
        {"from": phase.start_s, "to": phase.end_s, "name": phase.name.replace("_", "-")}
        for phase in result.phases
        if phase.end_s > phase.start_s
    ]
    outside = [row for row in rows if row["name"] != "steady"]
    layers: list[alt.Chart] = []
    if outside:
        layers.append(chart_of(outside).mark_rect(color=SHADE).encode(x=alt.X("from:Q"), x2=alt.X2("to:Q")))
    if named:
        layers.append(
            alt.Chart(
                alt.Data(values=[row for row in rows if row["to"] - row["from"] >= rows[-1]["to"] / 10])
            )
            .mark_text(align="left", baseline="top", dx=4, dy=3, color=MUTED, fontSize=11)
            .encode(x=alt.X("from:Q"), y=alt.value(0), text="name:N")
        )
    return layers


def requests_over_time(view: LoadView) -> str:
    """Requests a second by outcome, per block."""
    result = view.measurement.result
    outcomes: dict[Outcome, str] = {
        "ok": "answered",
        "refused": "refused",
        "failed": "failed",
        "censored": "timed out",
    }
    counts: dict[tuple[int, str], int] = defaultdict(int)
    for series in result.series:
        for block in series.blocks:
            counts[block.block, outcomes[series.outcome]] += sum(count for _, count in block.buckets)
    rows: list[Row] = [
        {
            "at": block * result.block_s,
            "end": (block + 1) * result.block_s,
            "outcome": outcome,
            "rate": count / result.block_s,
        }
        for (block, outcome), count in sorted(counts.items())
    ]
    seen = [name for name in outcomes.values() if any(row["outcome"] == name for row in rows)]
    colours = {"answered": SOFT, "refused": WARN, "failed": BUDGET, "timed out": STRONG}
    bars = (
        chart_of(rows)
        .mark_bar(binSpacing=0)
        .encode(
            x=time_axis(result),
            x2="end:Q",
            y=alt.Y("rate:Q", stack="zero", axis=alt.Axis(title=None, tickCount=4)),
            color=alt.Color(
                "outcome:N",
                scale=alt.Scale(domain=seen, range=[colours[name] for name in seen]),
                legend=alt.Legend(orient="bottom", symbolType="square") if len(seen) > 1 else None,
            ),
        )
    )
    return _drawn(
        [*phases(result, named=True), bars], "requests", "Requests per second over time, by outcome"
    )


def users_over_time(view: LoadView) -> str:
    """Users running, over time, and how many were planned."""
    result = view.measurement.result
    rows = [{"at": one.at_s, "users": one.users} for one in result.users]
    line = (
        chart_of(rows)
        .mark_line(color=STRONG, strokeWidth=2)
        .encode(x=time_axis(result), y=alt.Y("users:Q", axis=alt.Axis(title=None, tickCount=4, format=",")))
    )
    planned = _level(view.policy.load.users if view.policy.load else result.users_planned, INK)
    return _drawn([*phases(result, named=True), planned, line], "users", "Users running over time")


def cpu_over_time(view: LoadView) -> str:
    """CPU share of each process in steady; 1 is a whole core."""
    measurement = view.measurement
    busiest = sorted(measurement.processes, key=lambda one: -one.cpu_share)[:6]
    names = [one.name for one in busiest]
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
                axis=alt.Axis(title=None, labelExpr="datum.value + ' s'", tickCount=6),
            ),
            y=alt.Y("share:Q", axis=alt.Axis(title=None, format="%", tickCount=4)),
            color=alt.Color(
                "process:N",
                scale=alt.Scale(domain=names, range=list(SERIES[: len(names)])),
                legend=alt.Legend(orient="bottom", columns=3),
            ),
        )
    )
    return _drawn([lines, *_checkpoint(measurement)], "cpu", "CPU share of each process in steady")


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
    domain = [_below(min(values, default=1.0)), _above(max(values, default=10.0))]
    lines = (
        chart_of(rows)
        .mark_line(clip=True)
        .encode(
            x=time_axis(result),
            y=_milliseconds(domain),
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
    layers: list[alt.Chart] = [*phases(result), lines, *_checkpoint(view.measurement)]
    if budget_ms:
        layers += [_level(budget_ms, BUDGET), _level_name(budget_ms)]
    label = f"Latency of {figures.route} over time: p50, p95 and p99 per block, and its budget"
    return _drawn(layers, f"latency-{number}", label)


def percentile_curves(view: LoadView) -> str:
    """Latency at each percentile of steady, both scales logarithmic; a diamond is a p95 budget."""
    shown = sorted(view.figures, key=lambda one: -one.samples)[: len(SERIES)]
    names = [one.route for one in shown]
    rows = [row for one in shown for row in _curve(view, one.route)]
    marks: list[Row] = [
        {"tail": 20.0, "ms": one.limits[0].limit_ms, "route": one.route} for one in shown if one.limits
    ]
    values = [row["ms"] for row in (*rows, *marks)]
    domain = [_below(min(values, default=1.0)), _above(max(values, default=10.0))]
    colour = alt.Color(
        "route:N",
        scale=alt.Scale(domain=names, range=list(SERIES[: len(names)])),
        legend=alt.Legend(orient="right"),
    )
    tail = alt.X(
        "tail:Q",
        scale=alt.Scale(type="log", nice=False),
        axis=alt.Axis(
            title=None,
            values=[1, 2, 10, 20, 100, 1000, 10000],
            grid=True,
            labelExpr="{'1': 'min', '2': 'p50', '10': 'p90', '20': 'p95', '100': 'p99', '1000': 'p99.9', "
            "'10000': 'p99.99'}[datum.value]",
        ),
    )
    lines = (
        chart_of(rows)
        .mark_line(strokeWidth=1.75, interpolate="monotone")
        .encode(x=tail, y=_milliseconds(domain), color=colour)
    )
    budgets = (
        chart_of(marks)
        .mark_point(shape="diamond", size=55, filled=True)
        .encode(x=tail, y=_milliseconds(domain), color=colour)
    )
    chart = alt.layer(lines, budgets).properties(width=660, height=300)
    return draw(
        chart, "percentiles", "Latency at each percentile, one curve per route; diamonds are p95 budgets"
    )


def _curve(view: LoadView, route: str) -> Iterator[Row]:
    """Forty points of the tail, up to the last percentile that these samples have."""
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
    end = math.log10(max(whole.total, 2))
    for step in range(41):
        tail = 10 ** (end * step / 40)
        yield {"tail": tail, "ms": max(0.05, whole.quantile_us(1 - 1 / tail) / 1000), "route": route}


def _milliseconds(domain: Sequence[float]) -> alt.Y:
    return alt.Y(
        "ms:Q",
        scale=alt.Scale(type="log", domain=list(domain), nice=False),
        axis=alt.Axis(title=None, labelExpr=MILLISECONDS_AXIS, values=_decades(domain)),
    )


def _decades(domain: Sequence[float]) -> list[float]:
    """1, 10, 100, … within the domain; with halves where there are few."""
    low, high = math.floor(math.log10(domain[0])), math.ceil(math.log10(domain[1]))
    few = high - low <= 2  # noqa: PLR2004 - two decades have three lines only
    return [
        step * 10.0**power
        for power in range(low, high + 1)
        for step in ((1, 3) if few else (1,))
        if domain[0] <= step * 10.0**power <= domain[1]
    ]


def _below(value: float) -> float:
    return max(0.05, value / 1.5)


def _above(value: float) -> float:
    return value * 1.8


def _level(value: float, colour: str) -> alt.Chart:
    """A horizontal line."""
    return (
        chart_of([{"level": value}])
        .mark_rule(color=colour, strokeDash=[5, 3], strokeWidth=1.25)
        .encode(y=alt.Y("level:Q"))
    )


def _level_name(budget_ms: float) -> alt.Chart:
    text = f"p95 budget {budget_ms / 1000:g} s" if budget_ms >= 1000 else f"p95 budget {budget_ms:g} ms"  # noqa: PLR2004 - a second
    return (
        chart_of([{"level": budget_ms, "text": text}])
        .mark_text(align="left", baseline="bottom", dx=4, dy=-2, color=BUDGET, fontSize=11)
        .encode(x=alt.value(0), y=alt.Y("level:Q"), text="text:N")
    )


def _checkpoint(measurement: LoadMeasurement) -> list[alt.Chart]:
    if measurement.checkpoint_s is None:
        return []
    return [
        chart_of([{"at": measurement.checkpoint_s}])
        .mark_rule(color=MUTED, strokeDash=[1, 3], strokeWidth=1.25)
        .encode(x=alt.X("at:Q"))
    ]


def _drawn(layers: list[alt.Chart], name: str, label: str) -> str:
    return draw(alt.layer(*layers).properties(width=WIDTH, height=HEIGHT), name, label)
