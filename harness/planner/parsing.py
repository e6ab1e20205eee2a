"""A statement's text as sqlglot's tree, with `$n` kept apart from dollar quotes."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Final

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

DIALECT: Final = "postgres"

_QUOTED: Final = (
    r"""[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*\""""
    r"""|\$(?P<tag>[A-Za-z_]\w*|)\$.*?\$(?P=tag)\$|--[^\n]*|/\*.*?\*/"""
)
"""What is text, a name or a comment, and no SQL inside."""

_TOKEN: Final = re.compile(
    rf"{_QUOTED}|(?<![\w$])\$(?P<number>\d+)|(?P<similar><<?<?%>?>?|%>>?>?)", re.DOTALL
)
_ENDS: Final = re.compile(rf"{_QUOTED}|(?P<end>;)", re.DOTALL)
_FETCH: Final = re.compile(r'\bfetch\s+(?:first|next)\s+("\$\d+"\s|\d+\s)?\s*rows?\s+only\b', re.IGNORECASE)
_WRITTEN: Final = re.compile(r'"\$(\d+)"')


def readable(sql: str) -> str:
    """The text for sqlglot: `$1` as the name `"$1"`, since it takes `$1,$` for the start of a dollar quote.

    pg_trgm's word similarity operators, which it does not know, become `%`; FETCH FIRST, of which it takes
    numbers only, becomes LIMIT.
    """

    def replaced(match: re.Match[str]) -> str:
        if match["number"]:
            return f'"${match["number"]}"'
        return "%" if match["similar"] else match[0]

    return _FETCH.sub(lambda match: f"LIMIT {match[1] or 1}", _TOKEN.sub(replaced, sql))


def written(node: exp.Expr) -> str:
    """The node as SQL, with its parameters as `$n` again."""
    return _WRITTEN.sub(r"$\1", node.sql(dialect=DIALECT, comments=False))


def split(sql: str) -> list[str]:
    """The statements of a text, as they are written."""
    ends = [match.start() for match in _ENDS.finditer(sql) if match["end"]]
    parts = (sql[start:end] for start, end in pairwise((0, *ends, len(sql))))
    return [part.lstrip(";").strip() for part in parts if part.strip("; \t\r\n")]


def substituted(sql: str, numbers: Mapping[str, int]) -> str:
    """The text with names replaced by `$n`, where they stand for a value and not within quotes."""
    if not numbers:
        return sql
    names = "|".join(re.escape(name) for name in sorted(numbers, key=len, reverse=True))
    named = re.compile(rf"{_QUOTED}|(?<![\w.$\"])(?P<name>{names})(?![\w.$\"]|\s*\()", re.DOTALL)
    return named.sub(lambda match: f"${numbers[match['name']]}" if match["name"] else match[0], sql)


@lru_cache(maxsize=2048)
def parsed(sql: str) -> exp.Expr | None:
    """The tree of one statement; None where sqlglot cannot read it, or where there are several."""
    try:
        trees = sqlglot.parse(readable(sql), dialect=DIALECT)
    except (SqlglotError, RecursionError):
        return None
    statements = [tree for tree in trees if tree is not None and not isinstance(tree, exp.Semicolon)]
    if len(statements) != 1 or isinstance(statements[0], exp.Command):
        return None
    return statements[0]


def parameter_number(node: exp.Expr) -> int:
    """The n of `$n`; 0 for anything else."""
    if isinstance(node, exp.Column) and not node.table and node.name.startswith("$"):
        digits = node.name[1:]
        return int(digits) if digits.isdigit() else 0
    return 0


def parameters_in(node: exp.Expr) -> list[int]:
    """The numbers of all parameters below the node, each once, in order."""
    return sorted({number for column in node.find_all(exp.Column) if (number := parameter_number(column))})


def columns_in(node: exp.Expr) -> Iterator[exp.Column]:
    """All columns below the node that are no parameters."""
    return (column for column in node.find_all(exp.Column) if not parameter_number(column))


def bare(node: exp.Expr) -> exp.Expr:
    """The node without the parentheses around it."""
    while isinstance(node, exp.Paren):
        node = node.this
    return node
