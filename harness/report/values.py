"""Statements and conditions without the values in them: those are data of somebody, or a credential."""

from typing import Final

from harness.planner.rules.wording import PARAMETER
from harness.wires.tokens import Kind, tokens

PLACE: Final = "?"
VALUES: Final = frozenset({Kind.STRING, Kind.NUMBER})


def without_values(sql: str) -> str:
    """The statement as it was laid out, values that were written into it as `?`.

    A statement with parameters keeps its literals: its author wrote them, not a caller.
    """
    return sql if PARAMETER.search(sql) else condition_without_values(sql)


def condition_without_values(text: str) -> str:
    """Any text of SQL with each string and number as `?`."""
    parts: list[str] = []
    position = 0
    for token in tokens(text):
        parts.append(text[position : token.start])
        parts.append(PLACE if token.kind in VALUES else token.text)
        position = token.start + len(token.text)
    return "".join((*parts, text[position:]))
