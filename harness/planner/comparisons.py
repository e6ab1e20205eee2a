"""The conditions of a statement, one Comparison for each column that one of them is about."""

from collections.abc import Iterator
from typing import Final

from sqlglot import exp

from harness.planner.parsing import bare, columns_in, parameter_number, parameters_in, written
from harness.planner.rules.case import Comparison
from harness.planner.sources import Sources

OPERATORS: Final[dict[type[exp.Expr], str]] = {
    exp.EQ: "=",
    exp.NullSafeEQ: "=",
    exp.NEQ: "<>",
    exp.NullSafeNEQ: "<>",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.Like: "like",
    exp.ILike: "ilike",
    exp.SimilarTo: "similar to",
    exp.RegexpLike: "~",
    exp.RegexpILike: "~*",
    exp.ArrayContainsAll: "@>",
    exp.ArrayContainedBy: "<@",
    exp.ArrayOverlaps: "&&",
    exp.JSONBContains: "?",
    exp.JSONBContainsAnyTopKeys: "?|",
    exp.JSONBContainsAllTopKeys: "?&",
    exp.MatchAgainst: "@@",
    exp.Mod: "%",
}
_CONDITIONS: Final = (exp.And, exp.Or, exp.Not, exp.Where, exp.Paren, exp.Join)
_TURNED: Final = {">": "<", ">=": "<=", "<": ">", "<=": ">="}
UNKNOWN: Final = "…"
"""The part of a LIKE's pattern that a parameter brings."""


def comparisons(tree: exp.Expr, sources: Sources) -> Iterator[Comparison]:
    """All of them, of every level: WHERE, JOIN … ON and MERGE … ON; assignments and projections are none."""
    for node in tree.walk(bfs=False):
        if isinstance(node, exp.Expr) and _in_condition(node):
            yield from _of_node(node, sources)


def _of_node(node: exp.Expr, sources: Sources) -> Iterator[Comparison]:
    kind = type(node)
    if kind is exp.Mod and not isinstance(node.parent, _CONDITIONS):
        return
    if isinstance(node, exp.MatchAgainst):
        sides = node.this, *node.expressions
        for side in sides:
            if any(columns_in(side)):
                others = [other for other in sides if other is not side]
                yield from _about(side, "@@", others[0] if others else None, node, sources)
    elif kind in OPERATORS:
        yield from _pairs(node.this, OPERATORS[kind], node.expression, node, sources)
    elif isinstance(node, exp.In):
        yield from _members(node, sources)
    elif isinstance(node, exp.Between):
        yield from _about(node.this, "between", node.args["low"], node, sources)
    elif isinstance(node, exp.Is):
        if isinstance(node.expression, exp.Null):
            yield from _about(node.this, "is null", None, node, sources)
        else:
            yield from _about(node.this, "=", node.expression, node, sources)
    elif isinstance(node, exp.Column) and isinstance(node.parent, _CONDITIONS) and not parameter_number(node):
        yield from _about(node, "=", exp.true(), node, sources)


def _pairs(
    left: exp.Expr, operator: str, right: exp.Expr, node: exp.Expr, sources: Sources
) -> Iterator[Comparison]:
    """A comparison seen from both of its sides; rows are compared column by column."""
    left, right = bare(left), bare(right)
    if isinstance(left, exp.Tuple) and isinstance(right, exp.Tuple):
        for one, other in zip(left.expressions, right.expressions, strict=False):
            yield from _pairs(one, operator, other, node, sources)
        return
    if isinstance(right, exp.Any | exp.All):
        yield from _about(left, "in" if operator == "=" else operator, right.this, node, sources)
        return
    if any(_own_columns(left)):
        yield from _about(left, operator, right, node, sources)
    if any(_own_columns(right)) and operator not in {"like", "ilike", "~", "~*", "similar to"}:
        yield from _about(right, _TURNED.get(operator, operator), left, node, sources)


def _members(node: exp.In, sources: Sources) -> Iterator[Comparison]:
    subject = bare(node.this)
    members = node.expressions
    other = members[0] if len(members) == 1 else None
    for column in subject.expressions if isinstance(subject, exp.Tuple) else [subject]:
        yield from _about(column, "in", other, node, sources)


def _about(
    side: exp.Expr, operator: str, other: exp.Expr | None, node: exp.Expr, sources: Sources
) -> Iterator[Comparison]:
    side = bare(side)
    plain = isinstance(side, exp.Column)
    for column in [side] if isinstance(side, exp.Column) else _first_of_each(side):
        relation, name = sources.owner(column)
        yield Comparison(
            relation=relation,
            column=name,
            operator=operator,
            expression="" if plain else written(side),
            parameter=_parameter(other),
            literal=_pattern(other) if operator in {"like", "ilike"} else _literal(other),
            negated=_under(node, exp.Not) or bool(node.args.get("negate")),
            disjunct=_under(node, exp.Or),
        )


def _first_of_each(side: exp.Expr) -> list[exp.Column]:
    return list({(column.table, column.name): column for column in _own_columns(side)}.values())


def _own_columns(side: exp.Expr) -> Iterator[exp.Column]:
    """Columns of a side itself, not of a subquery in it, which has comparisons of its own."""
    if isinstance(side, exp.Subquery | exp.Select):
        return iter(())
    return (c for c in columns_in(side) if not _between(c, side, exp.Select))


def _parameter(other: exp.Expr | None) -> int:
    if other is None or any(columns_in(other)):
        return 0
    numbers = parameters_in(other)
    return numbers[0] if len(numbers) == 1 else 0


def _literal(other: exp.Expr | None) -> str:
    while isinstance(other, exp.Cast | exp.Paren):
        other = other.this
    if isinstance(other, exp.Literal):
        return str(other.this)
    if isinstance(other, exp.Boolean):
        return "true" if other.this else "false"
    if isinstance(other, exp.Neg) and isinstance(other.this, exp.Literal):
        return f"-{other.this.this}"
    return ""


def _pattern(other: exp.Expr | None) -> str:
    """A LIKE's pattern, `…` for what is only known when it runs; empty where nothing is known."""
    other = bare(other) if other is not None else None
    if not isinstance(other, exp.DPipe | exp.Concat):
        return _literal(other)
    parts = list(other.flatten()) if isinstance(other, exp.DPipe) else other.expressions
    return "".join(_literal(part) or UNKNOWN for part in parts)


def _in_condition(node: exp.Expr) -> bool:
    """Whether the node stands in WHERE or ON of the query that it belongs to."""
    child, parent = node, node.parent
    while parent is not None:
        if isinstance(parent, exp.Where):
            return True
        if isinstance(parent, exp.Join | exp.Merge) and child.arg_key == "on":
            return True
        if isinstance(parent, exp.Select | exp.Update | exp.Insert | exp.Delete | exp.Subquery):
            return False
        child, parent = parent, parent.parent
    return False


def _under(node: exp.Expr, kind: type[exp.Expr]) -> bool:
    parent = node.parent
    while parent is not None and not isinstance(parent, exp.Where | exp.Join | exp.Select):
        if isinstance(parent, kind):
            return True
        parent = parent.parent
    return False


def _between(node: exp.Expr, outer: exp.Expr, kind: type[exp.Expr]) -> bool:
    while node is not outer and node.parent is not None:
        node = node.parent
        if node is not outer and isinstance(node, kind):
            return True
    return False
