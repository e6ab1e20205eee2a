"""Numbers that a schema accepts."""

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any


def nearest(schema: Mapping[str, Any], wanted: float, *, whole: bool) -> float:
    """The number nearest to the wanted one that the schema's bounds and `multipleOf` permit."""
    step = Fraction(str(schema.get("multipleOf", 1 if whole else 0)))
    if whole and step.denominator != 1:
        step = Fraction(step.numerator)
    low = edge(schema, "minimum", "exclusiveMinimum", max)
    high = edge(schema, "maximum", "exclusiveMaximum", min)
    value = Fraction(str(wanted))
    gap = step or Fraction(1, 100)
    if low is not None and (value < low or value == excluded(schema, "exclusiveMinimum")):
        value = low + gap if low == excluded(schema, "exclusiveMinimum") else low
    if high is not None and (value > high or value == excluded(schema, "exclusiveMaximum")):
        value = high - gap if high == excluded(schema, "exclusiveMaximum") else high
        if low is not None and value <= low:
            value = (low + high) / 2
    if step:
        value = math.ceil(value / step) * step
        if high is not None and (value > high or value == excluded(schema, "exclusiveMaximum")):
            value -= step
    return int(value) if value.denominator == 1 else float(value)


def edge(
    schema: Mapping[str, Any], closed: str, opened: str, tighter: Callable[[list[Fraction]], Fraction]
) -> Fraction | None:
    """The tighter of a schema's closed and open bound; None where it has neither."""
    found = [Fraction(str(schema[key])) for key in (closed, opened) if key in schema]
    return tighter(found) if found else None


def excluded(schema: Mapping[str, Any], key: str) -> Fraction | None:
    """The bound that itself is not permitted."""
    return Fraction(str(schema[key])) if key in schema else None
