"""Statements with their values written into the text, as the same ones with `$n` and the values bound.

A literal that may as well be a part of the statement (a path into JSON, a unit, an ordinal, a page's bounds)
stays written: it is only taken out where it is all that a column is compared with, set to, or inserted as.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from harness.wires.model import Parameter
from harness.wires.statements import Query
from harness.wires.tokens import Kind, Token, tokens

INT4: Final = 23
INT8: Final = 20
NUMERIC: Final = 1700

_COMPARING: Final = frozenset(
    {"=", "<>", "!=", "<", ">", "<=", ">=", "~", "~*", "!~", "!~*", "~~", "~~*", "@>", "<@", "&&", "@@"}
)
_COMPARING_WORDS: Final = frozenset({"like", "ilike", "between"})
_BEGINNING: Final = frozenset({"where", "and", "or", "not", "on", "having", "when"})
_TAKING: Final = frozenset({"any", "some", "all", "cast", "lower", "upper"})
"""What may stand between a comparison and its value; in any other call a value may say what is to be done."""

_ENDING: Final = frozenset({
    "", ")", ",", ";", "::", "and", "or", "then", "group", "order", "limit", "offset", "fetch", "for",
    "from", "having", "where", "when", "window", "returning", "union", "intersect", "except", "on",
    "join", "left", "right", "full", "inner", "cross",
})  # fmt: skip
_CONDITIONS: Final = frozenset({"where", "on", "having", "set"})
_ELSEWHERE: Final = frozenset({
    "select", "from", "join", "using", "group", "order", "limit", "offset", "fetch", "window", "for",
    "returning", "union", "intersect", "except", "filter", "conflict",
})  # fmt: skip

_WHOLE: Final = re.compile(r"\d+")
_NUMBER: Final = re.compile(r"(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")
_ESCAPED: Final = re.compile(r"\\(.)|''", re.DOTALL)
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "\\": "\\", "'": "'"}
_IDENTITY: Final = re.compile(r"-?[\d.]+|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}", re.IGNORECASE)


class Literal(Struct, frozen=True):
    """A value that is written into a text: from character `start` to before `end`, as it would be bound.

    A string's type is left to the server, as that of a literal is; a number has the one that it is read as.
    """

    start: int
    end: int
    parameter: Parameter


def bound(query: Query) -> Query:
    """The query with `$n` for the values that are written into it, and one real binding: its first text's.

    Values are those that differ between its texts, numbers and UUIDs. A word that never differs may be a
    constant of the statement (`state = 'open'`), which a partial index can be for. The query itself where it
    has bound parameters already, or nothing that could be taken out. Whether the server can tell the types
    of all `$n` is not known here.
    """
    if query.bindings[0].parameters:
        return query
    found = literals(query.sql)
    others = [other for text in query.literal_texts if len(other := literals(text)) == len(found)]
    values = [
        literal
        for place, literal in enumerate(found)
        if any(other[place].parameter.value != literal.parameter.value for other in others)
        or _IDENTITY.fullmatch((literal.parameter.value or b"").decode(errors="replace"))
    ]
    if not values:
        return query
    return replace(
        query,
        sql=numbered(query.sql, values),
        bindings=(replace(query.bindings[0], parameters=tuple(value.parameter for value in values)),),
        literal_texts=(),
    )


def numbered(sql: str, values: Sequence[Literal]) -> str:
    """The text with `$1`, `$2`, … for these values of it, which are in their order."""
    parts: list[str] = []
    position = 0
    for number, value in enumerate(values, start=1):
        parts += sql[position : value.start], f"${number}"
        position = value.end
    return "".join((*parts, sql[position:]))


def literals(sql: str) -> tuple[Literal, ...]:
    """The values of a text in their order; none where it has parameters, for their numbers are taken."""
    listed = [token for token in tokens(sql) if token.kind != Kind.COMMENT]
    if any(token.kind == Kind.PARAMETER for token in listed):
        return ()
    text = _Text(listed)
    return tuple(text.literals())


class _Text:
    """The tokens of a text, and what stands around each."""

    def __init__(self, listed: Sequence[Token]) -> None:
        self._tokens = listed
        self._words = [token.text.lower() if token.kind != Kind.STRING else "'" for token in listed]
        self._rows: set[int] = set()

    def literals(self) -> Iterator[Literal]:
        clauses = [""]
        for place, (token, word) in enumerate(zip(self._tokens, self._words, strict=True)):
            if word == "(":
                clauses.append(clauses[-1])
                self._enter(place, clauses[-1])
            elif word == ")":
                if len(clauses) > 1:
                    clauses.pop()
            elif token.kind == Kind.WORD:
                clauses[-1] = self._clause(place, clauses[-1])
            elif token.kind in {Kind.STRING, Kind.NUMBER}:
                first = self._first(place)
                stands = place in self._rows or (
                    clauses[-1] in _CONDITIONS and (self._is_compared(first, place) or self._compares(place))
                )
                parameter = _parameter(token, signed=first < place)
                if stands and parameter is not None:
                    yield Literal(self._tokens[first].start, token.start + len(token.text), parameter)

    def _word(self, place: int) -> str:
        return self._words[place] if 0 <= place < len(self._words) else ""

    def _clause(self, place: int, before: str) -> str:
        """The clause that goes on after a word."""
        word, previous = self._words[place], self._word(place - 1)
        if previous in {".", "as"} or (word == "from" and previous == "distinct"):
            return before
        if before == "filter" and word in _CONDITIONS:
            return before  # What an aggregate counts is a part of what is asked for.
        return word if word in _CONDITIONS or word in _ELSEWHERE else before

    def _first(self, place: int) -> int:
        """Where a number begins: at its sign, where that is none between two operands."""
        signed = self._tokens[place].kind == Kind.NUMBER and self._word(place - 1) == "-"
        alone = place in self._rows or self._word(place - 2) in _COMPARING | _COMPARING_WORDS | {"and"}
        return place - 1 if signed and alone else place

    def _is_compared(self, first: int, place: int) -> bool:
        """Whether all of a comparison's right side is this literal, or the upper bound of a BETWEEN is."""
        before, after = self._word(first - 1), self._word(place + 1)
        if before == "(" and self._word(first - 2) in _TAKING:
            return self._word(first - 3) in _COMPARING and after in {")", "::", "as"}
        compared = before in _COMPARING or before in _COMPARING_WORDS
        constant = self._is_literal(first - 2) and self._word(first - 3) in {"(", *_BEGINNING}  # 1 = 1
        return (compared or before == "and") and after in _ENDING and not constant

    def _compares(self, place: int) -> bool:
        """Whether all of a comparison's left side is this literal."""
        return (
            self._word(place - 1) in _BEGINNING
            and self._word(place + 1) in _COMPARING
            and not self._is_literal(place + 2)
        )

    def _is_literal(self, place: int) -> bool:
        return 0 <= place < len(self._tokens) and self._tokens[place].kind in {Kind.STRING, Kind.NUMBER}

    def _enter(self, opened: int, clause: str) -> None:
        """Note the values of a row that is compared with another, or that is all that is inserted."""
        before = self._word(opened - 1)
        inserted = before == "values" and self._word(0) == "insert" and clause in {"", "values"}
        compared = before in _COMPARING and clause in _CONDITIONS
        if not (inserted or compared) or self._word(opened + 1) in {"select", "with", "values", "table"}:
            return
        found: set[int] = set()
        depth, place = 1, opened + 1
        while depth and place < len(self._words):
            word = self._words[place]
            depth += (word in {"(", "["}) - (word in {")", "]"})
            if depth == 1 and self._is_literal(place) and self._word(place + 1) in {",", ")", "::"}:
                signed = self._word(place - 1) == "-"
                if self._word(place - 1 - signed) in {"(", ","}:
                    found.add(place)
            place += 1
        if self._word(place) != ",":  # Rows beside it would have to be of its types.
            self._rows |= found


def _parameter(token: Token, *, signed: bool) -> Parameter | None:
    """The literal as it would be bound in text format; None where it is in a form that is rare."""
    if token.kind == Kind.NUMBER:
        if not _NUMBER.fullmatch(token.text):
            return None
        text = f"-{token.text}" if signed else token.text
        return Parameter(text.encode(), oid=type_of_number(text))
    text = token.text
    if text[:2] in {"E'", "e'"} and len(text) > len("E'") and text.endswith("'"):
        inner = text[2:-1]
        if any(escape[1] and escape[1] not in _ESCAPES for escape in _ESCAPED.finditer(inner)):
            return None
        value = _ESCAPED.sub(lambda match: _ESCAPES[match[1] or "'"], inner)
    elif len(text) > 1 and text[0] == text[-1] == "'":
        value = text[1:-1].replace("''", "'")
    else:
        return None
    return Parameter(value.encode(errors="surrogateescape"))


def type_of_number(text: str) -> int:
    """The type that Postgres reads a number as: the smallest of int4, int8 and numeric that holds it."""
    if not _WHOLE.fullmatch(text.removeprefix("-")):
        return NUMERIC
    value = abs(int(text))
    return INT4 if value < 2**31 else INT8 if value < 2**63 else NUMERIC
