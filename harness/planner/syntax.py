"""What a statement's text says: tables, comparisons, order, limits. By sqlglot; nothing is executed."""

from collections.abc import Mapping

from harness.planner.rules.case import Syntax


def read_syntax(sql: str, columns: Mapping[str, tuple[str, ...]]) -> Syntax:
    """The syntax of a statement; `columns` by table name serve to tell whose a bare column is.

    A text that cannot be parsed gives a Syntax with `parsed` False and what could be told without.
    """
    raise NotImplementedError
