"""What is to be explained: one text with one set of parameters, in one session's terms."""

import re
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from harness.planner.literals import bound
from harness.wires.model import BINARY, Parameter
from harness.wires.statements import Binding, Query, Setting

GENERIC: Final = "generic"
PLANNABLE: Final = frozenset({"select", "insert", "update", "delete", "merge", "values", "with", "table"})
"""What EXPLAIN takes, less what is a statement of its own inside (EXECUTE, CREATE TABLE AS, DECLARE)."""

_LEADING: Final = re.compile(r"(?:\s+|--[^\n]*(?:\n|$)|/\*.*?\*/|\()*([a-zA-Z]+)", re.DOTALL)
_BOUND: Final = re.compile(r"(\b(?:limit|offset|fetch\s+first|fetch\s+next)[\s(]+)\$(\d+)", re.IGNORECASE)
_INT8: Final = 20


class Question(Struct, frozen=True, kw_only=True):
    """One thing to explain. `label` and `number` as in Plan's `binding` and `number`.

    `real` where the target itself sent these values; a question without is dropped where it fails.
    """

    fingerprint: str
    sql: str
    label: str
    number: int = 0
    within: str = ""
    user: str = ""
    options: dict[str, str] = {}
    settings: tuple[Setting, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    real: bool = False


def is_plannable(sql: str) -> bool:
    """Whether the statement is one of those that have a plan."""
    first = _LEADING.match(sql)
    return first is not None and first[1].lower() in PLANNABLE


def questions(query: Query, further: tuple[Binding, ...] = ()) -> Iterator[Question]:
    """Everything to ask about one statement: real bindings, further ones, and its generic plan.

    Texts with literals instead of parameters are real bindings of their own; further ones and the generic
    plan are those of the text that `bound` makes of them. What the server refuses of these is no loss.
    """
    if not is_plannable(query.sql):
        return
    texts = tuple(dict.fromkeys((query.sql, *query.literal_texts)))
    if query.bindings[0].parameters or len(texts) == 1:
        real = [(query.sql, binding) for binding in query.bindings]
    else:
        real = [(text, query.bindings[min(i, len(query.bindings) - 1)]) for i, text in enumerate(texts)]
    for number, (sql, binding) in enumerate(real):
        yield _question(query, sql, binding, number, real=True)
    subject = bound(query)
    for binding in further:
        yield _question(subject, subject.sql, binding, 0, real=False)
    if subject.bindings[0].parameters:
        yield _generic(subject)


def _question(query: Query, sql: str, binding: Binding, number: int, *, real: bool) -> Question:
    return Question(
        fingerprint=query.fingerprint,
        sql=sql,
        label=binding.label,
        number=number,
        user=query.user,
        options=query.options,
        settings=binding.settings,
        parameters=binding.parameters,
        real=real,
    )


def _generic(query: Query) -> Question:
    """The generic plan's question, with the limit that was sent put into the text.

    For a limit it does not know Postgres reckons with a tenth of all rows, so that the cost of every
    page would grow with the table; a cached plan stops after the rows that were asked for.
    """
    binding = query.bindings[0]
    parameters = list(binding.parameters)

    def written(match: re.Match[str]) -> str:
        place = int(match[2]) - 1
        value = whole_number(parameters[place]) if place < len(parameters) else None
        if value is None:
            return match[0]
        parameters[place] = Parameter(None, oid=parameters[place].oid or _INT8)
        return f"{match[1]}{value}"

    return Question(
        fingerprint=query.fingerprint,
        sql=_BOUND.sub(written, query.sql),
        label=GENERIC,
        user=query.user,
        options=query.options,
        settings=binding.settings,
        parameters=tuple(parameters),
    )


def whole_number(parameter: Parameter) -> int | None:
    """The value of a parameter that is a whole number of at least 0; None for any other."""
    if parameter.value is None:
        return None
    if parameter.format == BINARY:
        number = int.from_bytes(parameter.value, signed=True) if len(parameter.value) in {2, 4, 8} else -1
        return number if number >= 0 else None
    return int(parameter.value) if parameter.value.isdigit() else None
