"""What the pictures of a load are put together from: axes, shaded phases, lines of budgets."""

import math
from collections.abc import Sequence
from typing import Any, Final

import altair as alt

from harness.driver.result import LoadResult
from harness.load.model import LoadMeasurement
from harness.report.svg import BUDGET, MUTED, SHADE

Row = dict[str, Any]
MILLISECONDS_AXIS: Final = (
    "datum.value >= 1000 ? format(datum.value / 1000, '~g') + ' s' : format(datum.value, '~g') + ' ms'"
)
COUNT_AXIS: Final = alt.Axis(title=None, tickCount=4, labelExpr="format(datum.value, ',')")


def chart_of(rows: list[Row]) -> alt.Chart:
    """A chart of these rows, which it carries with it."""
    return alt.Chart(alt.Data(values=rows))  # type: ignore[no-untyped-call]


def time_axis(result: LoadResult) -> alt.X:
    """Seconds since the origin, over all phases."""
    end_s = max(phase.end_s for phase in result.phases)
    return alt.X(
        "at:Q",
        scale=alt.Scale(domain=[0, end_s], nice=False),
        axis=alt.Axis(title=None, labelExpr="datum.value + ' s'", tickCount=5),
    )


def phases(result: LoadResult) -> list[alt.Chart]:
    """Everything but steady in shade."""
    outside: list[Row] = [
        {"from": phase.start_s, "to": phase.end_s}
        for phase in result.phases
        if phase.name != "steady" and phase.end_s > phase.start_s
    ]
    if not outside:
        return []
    return [chart_of(outside).mark_rect(color=SHADE).encode(x=alt.X("from:Q"), x2=alt.X2("to:Q"))]


def phase_names(result: LoadResult) -> list[alt.Chart]:
    """The names of the phases that are long enough to hold them."""
    end_s = max(phase.end_s for phase in result.phases)
    rows: list[Row] = [
        {"from": phase.start_s, "name": phase.name.replace("_", "-")}
        for phase in result.phases
        if phase.end_s - phase.start_s >= end_s / 6
    ]
    names = chart_of(rows).mark_text(align="left", baseline="top", dx=4, dy=3, color=MUTED, fontSize=12)
    return [names.encode(x=alt.X("from:Q"), y=alt.value(0), text="name:N")]


def latency_axis(domain: Sequence[float]) -> alt.Y:
    """Milliseconds on a logarithmic scale."""
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


def below(value: float) -> float:
    """Where an axis begins whose least value this is."""
    return max(0.05, value / 1.5)


def above(value: float) -> float:
    """Where an axis ends whose greatest value this is; there is room for a label."""
    return value * 2.2


def level(value: float, colour: str, axis: alt.Axis | None = None) -> alt.Chart:
    """A horizontal line."""
    chart = chart_of([{"level": value}]).mark_rule(color=colour, strokeDash=[5, 3], strokeWidth=1.25)
    line: alt.Chart = chart.encode(y=alt.Y("level:Q", axis=axis) if axis else alt.Y("level:Q"))
    return line


def level_name(budget_ms: float) -> alt.Chart:
    """What a budget's line is, written on it."""
    text = f"p95 budget {budget_ms / 1000:g} s" if budget_ms >= 1000 else f"p95 budget {budget_ms:g} ms"  # noqa: PLR2004 - a second
    name = chart_of([{"level": budget_ms, "text": text}])
    name = name.mark_text(align="left", baseline="bottom", dx=4, dy=-2, color=BUDGET, fontSize=12)
    placed: alt.Chart = name.encode(x=alt.value(0), y=alt.Y("level:Q"), text="text:N")
    return placed


def checkpoint(measurement: LoadMeasurement) -> list[alt.Chart]:
    """A vertical line where Postgres made a checkpoint."""
    if measurement.checkpoint_s is None:
        return []
    return [
        chart_of([{"at": measurement.checkpoint_s}])
        .mark_rule(color=MUTED, strokeDash=[1, 3], strokeWidth=1.25)
        .encode(x=alt.X("at:Q"))
    ]
