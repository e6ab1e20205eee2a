"""SQL text as tokens, by Postgres's own lexical rules. It never fails: what is not closed ends with the text.

https://www.postgresql.org/docs/current/sql-syntax-lexical.html
"""

import re
from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple


class Kind(IntEnum):
    """What a token is; blanks are none."""

    WORD = 0
    QUOTED = 1
    NUMBER = 2
    STRING = 3
    PARAMETER = 4
    OPERATOR = 5
    MARK = 6
    COMMENT = 7


class Token(NamedTuple):
    """A token as it stands in the text, from `start` on."""

    kind: Kind
    text: str
    start: int


_PATTERN = re.compile(
    r"""
    (?P<blank>\s+)
  | (?P<line>--[^\n]*)
  | (?P<block>/\*)
  | (?P<escape>[eE]'(?:[^'\\]+|\\.|'')*+(?:'|\\?\Z))
  | (?P<string>(?:[bBxXnN]|[uU]&)?'(?:[^']+|'')*+(?:'|\Z))
  | (?P<quoted>(?:[uU]&)?"(?:[^"]+|"")*+(?:"|\Z))
  | (?P<number>0[xX][0-9a-fA-F_]+|(?:\d[\d_]*(?:\.(?!\.)[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?)
  | (?P<parameter>\$\d+)
  | (?P<dollar>\$(?:[^\W\d]\w*)?\$)
  | (?P<word>[^\W\d][\w$]*)
  | (?P<mark>::|:=|[()\[\],;.:{}])
  | (?P<operator>[-+*/<>=~!@\#%^&|`?]+)
  | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)

_KINDS = {
    "line": Kind.COMMENT,
    "escape": Kind.STRING,
    "string": Kind.STRING,
    "quoted": Kind.QUOTED,
    "number": Kind.NUMBER,
    "parameter": Kind.PARAMETER,
    "word": Kind.WORD,
    "mark": Kind.MARK,
    "other": Kind.MARK,
}


def tokens(sql: str) -> Iterator[Token]:
    """Tokens of the text in order, comments among them."""
    position = 0
    while match := _PATTERN.match(sql, position):
        group = match.lastgroup or ""
        start, position = match.span()
        if group == "blank":
            continue
        kind = _KINDS.get(group)
        if kind is None:
            if group == "block":
                kind, position = Kind.COMMENT, _end_of_comment(sql, position)
            elif group == "dollar":
                close = sql.find(match.group(), position)
                kind, position = Kind.STRING, len(sql) if close < 0 else close + len(match.group())
            else:
                kind, position = Kind.OPERATOR, start + _operator_length(match.group())
        yield Token(kind, sql[start:position], start)


_COMMENT_MARK = re.compile(r"/\*|\*/")


def _end_of_comment(sql: str, position: int) -> int:
    """Where a comment ends whose opening mark ends at `position`: comments nest."""
    depth = 1
    while depth and (mark := _COMMENT_MARK.search(sql, position)):
        depth += 1 if mark.group() == "/*" else -1
        position = mark.end()
    return len(sql) if depth else position


def _operator_length(operator: str) -> int:
    """How much of a run of operator characters is one operator.

    A comment ends it; and it ends in + or - only if it has a character that no standard operator has,
    so that `a=-1` compares with minus one.
    """
    for mark in ("--", "/*"):
        found = operator.find(mark)
        if found > 0:
            operator = operator[:found]
    if not set(operator) & set("~!@#%^&|`?"):
        while len(operator) > 1 and operator[-1] in "+-":
            operator = operator[:-1]
    return len(operator)


def split(sql: str) -> list[str]:
    """The statements of a text that holds several, without the semicolons between them.

    Empty ones, and those that are only a comment, are left out as the server leaves them out.
    Semicolons in parentheses (rules) and in `BEGIN ATOMIC … END` belong to their statement.
    """
    if ";" not in sql:
        return [sql.strip()] if any(token.kind != Kind.COMMENT for token in tokens(sql)) else []
    found: list[str] = []
    start, depth, filled = 0, 0, False
    previous = ""
    for token in tokens(sql):
        if token.kind == Kind.COMMENT:
            continue
        word = token.text.lower()
        if word == ";" and depth == 0:
            if filled:
                found.append(sql[start : token.start].strip())
            start, filled = token.start + 1, False
        else:
            filled = True
            if word in {"(", "case"} or (word == "atomic" and previous == "begin"):
                depth += 1
            elif word in {")", "end"} and depth:
                depth -= 1
        previous = word
    if filled:
        found.append(sql[start:].strip())
    return found
