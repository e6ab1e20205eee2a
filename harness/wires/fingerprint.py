"""One name for all forms of one statement: literals, lists and comments taken out.

By Postgres's lexical rules and no grammar: a text that no parser would take has a name too.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from hashlib import blake2s
from typing import Final
from urllib.parse import unquote

from harness.wires.tokens import Kind, Token, tokens

PLACE: Final = "?"
"""What stands for a literal, a parameter, or a list of them."""

KEPT_TEXTS: Final = 8192

_LITERALS: Final = frozenset({"null", "true", "false"})
_OPENING: Final = {")": "(", "]": "["}
_TIGHT_BEFORE: Final = frozenset({",", ")", "]", "[", ".", "::", ";", ":"})
_TIGHT_AFTER: Final = frozenset({"(", "[", ".", "::", ":"})
_OPERATORS: Final = frozenset("+-*/<>=~!@#%^&|`?")
_PLAIN_NAME: Final = re.compile(r'"[a-z_][a-z0-9_$]*"')

_SPACED: Final = frozenset({
    "all", "and", "any", "array", "as", "between", "by", "case", "conflict", "cross", "distinct",
    "else", "end", "except", "exists", "filter", "for", "from", "full", "group", "having", "ilike",
    "in", "inner", "intersect", "into", "is", "join", "lateral", "left", "like", "limit", "not",
    "offset", "on", "only", "or", "order", "outer", "over", "partition", "recursive", "returning",
    "right", "select", "set", "similar", "some", "then", "union", "update", "using", "values", "when",
    "where", "with", "within",
})  # fmt: skip
"""Words before which nothing can be an operand, and after which a parenthesis is no call."""

_NAMED: Final = frozenset({"savepoint", "release", "rollback", "close", "deallocate", "fetch", "move"})
"""Statements that end with the name of a savepoint, a cursor or a prepared statement: drivers make it up."""

_BEFORE: Final = r"(?:\s|/\*.*?\*/|--[^\n]*\n)*"
_CURSOR: Final = re.compile(_BEFORE + r"declare\s.*?\bcursor\b.*?\bfor\s", re.IGNORECASE | re.DOTALL)
_COPY: Final = re.compile(_BEFORE + r"copy\s*\(", re.IGNORECASE | re.DOTALL)
_ROUTE: Final = re.compile(r"\broute\s*=\s*'((?:[^'\\]|\\.)*)'|\broute\s*[:=]\s*([^'\",*\n]+)", re.IGNORECASE)


def query_text(sql: str) -> str:
    """The query of a `DECLARE … CURSOR FOR query` or a `COPY (query) TO …`; any other text as it is."""
    if declared := _CURSOR.match(sql):
        return sql[declared.end() :]
    if copied := _COPY.match(sql):
        depth = 0
        for token in tokens(sql[copied.end() :]):
            depth += (token.text == "(") - (token.text == ")")
            if depth < 0:
                return sql[copied.end() : copied.end() + token.start].strip()
    return sql


@lru_cache(maxsize=KEPT_TEXTS)
def normalized(sql: str) -> str:
    """The statement without comments, literals as `?`, lists of them collapsed, blanks as one.

    Words are in lower case, as the server reads them. A cursor and a COPY have the text of their query, and
    the names of savepoints, cursors and prepared statements are left out. It never raises.
    """
    words: list[str] = []
    starts: list[int] = []
    for token in tokens(query_text(sql)):
        word = _word(token, words[-1] if words else "")
        if not word:
            continue
        if word == PLACE and words and words[-1] in {"+", "-"} and not _is_operand(words[-2:-1]):
            words.pop()
        words.append(word)
        if word in {"(", "["}:
            starts.append(len(words))
        elif word in _OPENING and starts:
            _collapse(words, starts.pop())
    while words and words[-1] == ";":
        words.pop()
    if len(words) > 1 and words[0] in _NAMED:
        words[-1] = PLACE
    return "".join(_spaced(words))


@lru_cache(maxsize=KEPT_TEXTS)
def fingerprint(sql: str) -> str:
    """12 hex digits of the normalized text."""
    return blake2s(normalized(sql).encode(errors="replace"), digest_size=6).hexdigest()


def route_comment(sql: str) -> str:
    """The route that a comment of the statement names, as sqlcommenter writes it or as `route: …`; or "".

    https://google.github.io/sqlcommenter/spec/: values are URL-encoded, then quoted.
    """
    if "route" not in sql.lower():
        return ""
    for token in tokens(sql):
        if token.kind == Kind.COMMENT and (named := _ROUTE.search(token.text)):
            return unquote((named[1] or named[2] or "").replace("\\'", "'")).strip()
    return ""


def _word(token: Token, before: str) -> str:
    """What a token becomes; nothing for a comment."""
    kind, text = token.kind, token.text
    if kind == Kind.COMMENT:
        return ""
    if kind in {Kind.NUMBER, Kind.STRING, Kind.PARAMETER}:
        return PLACE
    if kind == Kind.QUOTED:
        return text[1:-1] if _PLAIN_NAME.fullmatch(text) else text
    if kind == Kind.WORD:
        word = text.lower()
        return PLACE if word in _LITERALS and before not in {"is", "not", "default", "set", "nulls"} else word
    return text


def _is_operand(before: list[str]) -> bool:
    """Whether a sign after this is between two operands, and not that of a number."""
    if not before:
        return False
    word = before[0]
    return word in {PLACE, ")", "]"} or ((word[0].isalnum() or word[0] in '_"') and word not in _SPACED)


def _collapse(words: list[str], start: int) -> None:
    """Make one of a list that has just been closed: of its literals, and of rows that are alike."""
    items = words[start:-1]
    if PLACE in items and _are_literals(items):
        words[start:-1] = items[: items.index(",")] if "," in items else items
    row = words[start - 1 :]
    before = start - 2
    if before >= len(row) and words[before] == "," and words[before - len(row) : before] == row:
        del words[before:]


def _are_literals(items: list[str]) -> bool:
    """Whether items are literals, cast or not, with commas between them."""
    depth, first = 0, True
    for index, word in enumerate(items):
        if first and not (word == PLACE and items[index + 1 : index + 2] in ([], [","], ["::"])):
            return False
        depth += (word in {"(", "["}) - (word in {")", "]"})
        first = word == "," and depth == 0
        if word[0] in _OPERATORS and word != PLACE:
            return False
    return not first


def _spaced(words: list[str]) -> Iterator[str]:
    """The words with one blank between them, or none where people write none."""
    before = ""
    for word in words:
        called = (
            word == "(" and before not in _SPACED and (before[-1:].isalnum() or before[-1:] in {'"', "_"})
        )
        if before and not called and word not in _TIGHT_BEFORE and before not in _TIGHT_AFTER:
            yield " "
        yield word
        before = word
