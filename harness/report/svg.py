"""Altair charts as inline SVG: no script, no reference to anywhere, colours of the page's own theme."""

import re
from typing import Any, Final

import altair as alt
import vl_convert

PALETTE: Final = 12
"""Colours for series; --series-1 and following in the style sheet."""

# Vega writes colours as it is given them, and knows no CSS variables: each colour of the theme goes through
# it as a hexadecimal number of its own, and leaves it as the variable's name.
INK: Final = "#0a0001"
MUTED: Final = "#0a0002"
GRID: Final = "#0a0003"
STRONG: Final = "#0a0004"
SOFT: Final = "#0a0005"
BUDGET: Final = "#0a0006"
SHADE: Final = "#0a0007"
WARN: Final = "#0a0008"
SERIES: Final = tuple(f"#0b00{number:02x}" for number in range(1, PALETTE + 1))
VARIABLES: Final = {
    INK: "var(--ink)",
    MUTED: "var(--muted)",
    GRID: "var(--grid)",
    STRONG: "var(--strong)",
    SOFT: "var(--soft)",
    BUDGET: "var(--bad)",
    SHADE: "var(--shade)",
    WARN: "var(--open)",
} | {colour: f"var(--series-{number})" for number, colour in enumerate(SERIES, start=1)}
FONT: Final = "system-ui, sans-serif"
VEGA_LITE: Final = ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])
CONFIG: Final[dict[str, Any]] = {
    "font": FONT,
    "background": None,
    "padding": 4,
    "view": {"stroke": None},
    "axis": {
        "domain": False,
        "ticks": False,
        "grid": True,
        "gridColor": GRID,
        "labelColor": MUTED,
        "titleColor": MUTED,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelPadding": 6,
    },
    "axisX": {"grid": False, "ticks": True, "tickColor": GRID, "tickSize": 4},
}


def draw(chart: alt.Chart | alt.LayerChart | alt.FacetChart, name: str, label: str) -> str:
    """The chart as inline <svg>; `name` is unique in the page, `label` says what it shows."""
    spec = chart.to_dict() | {"config": CONFIG}
    svg = vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE)
    for colour, variable in VARIABLES.items():
        svg = svg.replace(colour, variable)
    svg = re.sub(r' xmlns(?::\w+)?="[^"]*"', "", svg)
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', svg)
    svg = re.sub(r"url\(#([^)]+)\)", rf"url(#{name}-\1)", svg)
    # Readers of the screen get one sentence; the numbers are in the tables.
    svg = re.sub(r' (?:aria-[a-z]+|role)="[^"]*"', "", svg)
    return svg.replace("<svg ", f'<svg role="img" aria-label="{escaped(label)}" ', 1)


def escaped(text: str) -> str:
    """Text as an attribute's value."""
    for sign, entity in (("&", "&amp;"), ("<", "&lt;"), ('"', "&quot;")):
        text = text.replace(sign, entity)
    return text
