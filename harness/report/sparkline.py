"""The growth of a cost as a drawing the height of a line of text; inline, in the page's own colours."""

import math
from collections.abc import Sequence
from typing import Final

from harness.report.costs import WORDS, Curve, StatementCost, cost_in_words
from harness.report.svg import escaped

WIDTH: Final = 104
HEIGHT: Final = 28
MARGIN: Final = 4
FLOOR_COST: Final = 1.0
DECADES: Final = 4.0
"""Least height of the drawing, in decades of cost: a cost that doubles must not look like a cliff."""


def spark(cost: StatementCost, ceiling: float) -> str:
    """Both curves on logarithmic scales that all drawings of a page share: from 1 to `ceiling`."""
    curves = [curve for curve in (cost.more, cost.bigger) if curve is not None]
    if not curves:
        return ""
    label = "; ".join(f"{WORDS[curve.way]}: {_told(curve)}" for curve in reversed(curves))
    drawn = "".join(_line(curve, ceiling) for curve in curves)
    return (
        f'<svg class="spark" role="img" aria-label="{escaped(f"Cost with {label}")}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">'
        f'<line class="floor" x1="{MARGIN}" x2="{WIDTH - MARGIN}" y1="{HEIGHT - 1}" y2="{HEIGHT - 1}"/>'
        f"{drawn}</svg>"
    )


def ceiling_of(costs: Sequence[StatementCost]) -> float:
    """The greatest cost to be drawn, at least four decades above the floor."""
    highest = max(
        (max(curve.costs) for cost in costs for curve in (cost.more, cost.bigger) if curve), default=1
    )
    return max(highest, FLOOR_COST * 10**DECADES)


def _line(curve: Curve, ceiling: float) -> str:
    span = math.log10(max(curve.scales) / min(curve.scales)) or 1.0
    points = [
        (
            MARGIN + (WIDTH - 2 * MARGIN) * math.log10(scale / curve.scales[0]) / span,
            HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * _height(cost, ceiling),
        )
        for scale, cost in zip(curve.scales, curve.costs, strict=True)
    ]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    x, y = points[-1]
    return (
        f'<g class="{curve.way.value}"><polyline points="{path}" fill="none"/>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.2"/></g>'
    )


def _height(cost: float, ceiling: float) -> float:
    share = math.log10(max(cost, FLOOR_COST) / FLOOR_COST) / math.log10(ceiling / FLOOR_COST)
    return min(max(share, 0.0), 1.0)


def _told(curve: Curve) -> str:
    return ", ".join(
        f"{cost_in_words(cost)} at {scale}x" for scale, cost in zip(curve.scales, curve.costs, strict=True)
    )
