"""Parameters that were not sent and might be: the most common value, a rare one, one that is not there."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from msgspec import Struct

from harness.planner.literals import INT4, INT8, NUMERIC, type_of_number
from harness.planner.rules.case import Comparison, Syntax
from harness.wires.model import Parameter
from harness.wires.statements import Binding

COMMON: Final = "common"
RARE: Final = "rare"
ABSENT: Final = "absent"

ABSENT_UUID: Final = "b7f5d0c1-6f0e-4c1d-9a53-0e7c15fb4ae1"
ABSENT_TEXT: Final = "absent-b7f5d0c16f0e4c1d"
ABOVE_ALL: Final = 1_000_000
"""By how much the absent number is above the greatest."""

INT2: Final = 21
_NUMBERS: Final = frozenset({INT2, INT4, INT8, NUMERIC})
_TEXTS: Final = frozenset({25, 1042, 1043})
_UUID: Final = 2950


class Values(Struct, frozen=True, kw_only=True):
    """What ANALYZE knows of one column, in the type's own text form.

    `common` by frequency, most common first; `bounds` of its histogram in their order; `oid` of its type.
    """

    oid: int
    common: tuple[str, ...] = ()
    bounds: tuple[str, ...] = ()


Known = Mapping[tuple[str, str], Values]
"""Values by relation and column."""


def known_values(rows: Iterable[Mapping[str, Any]]) -> Known:
    """The answer of `column_values.sql`; of two tables with one name the greater counts."""
    known: dict[tuple[str, str], Values] = {}
    for row in rows:
        values = Values(
            oid=row["oid"],
            common=tuple(value for value in row["common"] or () if value is not None),
            bounds=tuple(value for value in row["bounds"] or () if value is not None),
        )
        known.setdefault((row["relation"], row["column"]), values)
    return known


def further_bindings(real: Binding, syntax: Syntax, known: Known) -> tuple[Binding, ...]:
    """Bindings that replace what is compared with a column for equality; other parameters stay real.

    Values are text, of the type that the client declared: what it does not take is dropped when it is
    explained. Several columns are replaced together, each by its own statistics: for the planner only.
    """
    return tuple(_bindings(real, syntax, known))


def _bindings(real: Binding, syntax: Syntax, known: Known) -> Iterator[Binding]:
    compared = {
        comparison.parameter: known[comparison.relation, comparison.column]
        for comparison in syntax.comparisons
        if _replaceable(comparison, len(real.parameters))
        and (comparison.relation, comparison.column) in known
    }
    seen = {tuple(parameter.value for parameter in real.parameters)}
    for label, value_of in _PICKS.items():
        if label == COMMON and not any(values.common for values in compared.values()):
            continue  # All values are alike: any of them is as good as the real one.
        parameters = list(real.parameters)
        for number, values in compared.items():
            value = value_of(values)
            if value is not None:
                declared = parameters[number - 1].oid
                parameters[number - 1] = Parameter(value.encode(), oid=_holding(declared, value))
        key = tuple(parameter.value for parameter in parameters)
        if key not in seen:
            seen.add(key)
            yield Binding(label, tuple(parameters), real.settings)


def _replaceable(comparison: Comparison, count: int) -> bool:
    return (
        comparison.operator == "="
        and 0 < comparison.parameter <= count
        and not comparison.negated
        and not comparison.expression
    )


def _holding(declared: int, value: str) -> int:
    """The type that a client declares for a value, if `declared` is that of another: numbers go by size."""
    if declared not in {INT2, INT4}:
        return declared
    needed = type_of_number(value)
    return INT2 if declared == INT2 and needed == INT4 and abs(int(value)) < 2**15 else needed


def _most_common(values: Values) -> str | None:
    if values.common:
        return values.common[0]
    return values.bounds[len(values.bounds) // 2] if values.bounds else None


def _rare(values: Values) -> str | None:
    if values.bounds:
        return values.bounds[len(values.bounds) // 3]
    return values.common[-1] if len(values.common) > 1 else None


def _absent(values: Values) -> str | None:
    if values.oid == _UUID:
        return ABSENT_UUID
    if values.oid in _TEXTS:
        return ABSENT_TEXT
    if values.oid in _NUMBERS:
        numbers = [float(value) for value in values.common + values.bounds]
        return str(int(max(numbers, default=0.0)) + ABOVE_ALL)
    return None


_PICKS: Final[dict[str, Callable[[Values], str | None]]] = {
    COMMON: _most_common,
    RARE: _rare,
    ABSENT: _absent,
}
