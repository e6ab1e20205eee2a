"""What a statement's text says: tables, comparisons, order, limits. By sqlglot; nothing is executed."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from sqlglot import exp

from harness.planner.comparisons import comparisons
from harness.planner.parsing import bare, columns_in, parameters_in, parsed, readable, written
from harness.planner.rules.case import Comparison, Syntax
from harness.planner.sources import Sources, named_sources

KINDS: Final[dict[type[exp.Expr], str]] = {
    exp.Insert: "insert",
    exp.Update: "update",
    exp.Delete: "delete",
    exp.Merge: "update",
}
READS: Final = (exp.Select, exp.SetOperation, exp.Values, exp.Subquery, exp.Table)
LISTS: Final = (exp.ArrayAgg, exp.GroupConcat, exp.JSONArrayAgg, exp.JSONObjectAgg, exp.JSONBObjectAgg)
"""Aggregates that hold every row: as long as the rows are many, so is what they give."""

SEARCHES: Final = frozenset({"@@", "ilike", "~", "~*", "similar to", "%"})
SEARCH_FUNCTIONS: Final = frozenset(
    {
        "to_tsquery",
        "plainto_tsquery",
        "phraseto_tsquery",
        "websearch_to_tsquery",
        "similarity",
        "word_similarity",
    }
)
_AGGREGATING: Final = re.compile(r"(?:json|jsonb)_(?:object_)?agg(?:_strict)?|array_agg|string_agg|xmlagg")
_FIRST_WORD: Final = re.compile(r"[a-z]+")
_COMMENT: Final = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_NAMED: Final = re.compile(r"\b(?:from|join|into|update)\s+(?:only\s+)?(?:\w+\.)?\"?(\w+)", re.IGNORECASE)
_LIMIT: Final = re.compile(r"\b(limit|offset)\s+\(?(\$?\d+)", re.IGNORECASE)


def read_syntax(sql: str, columns: Mapping[str, tuple[str, ...]]) -> Syntax:
    """The syntax of a statement; `columns` by table name serve to tell whose a bare column is.

    A text that cannot be parsed gives a Syntax with `parsed` False and what could be told without.
    """
    tree = parsed(sql)
    if tree is None:
        return _guessed(sql, columns)
    sources = Sources(tree, columns)
    compared = tuple(dict.fromkeys(comparisons(tree, sources)))
    page = _page(tree, sources)
    outermost = _outermost(tree)
    return Syntax(
        kind=_kind(tree),
        tables=sources.tables,
        comparisons=compared,
        order=tuple(_order(page if page is not None and page.args.get("order") else outermost)),
        limit=_bound(page, "limit"),
        offset=_bound(page, "offset"),
        aggregates=_is_one_aggregate(outermost),
        counts=any(True for projection in _projections(outermost) for _ in projection.find_all(exp.Count)),
        distinct=bool(outermost is not None and outermost.args.get("distinct")),
        search=_searches(tree, compared),
    )


def ordered_columns(sql: str) -> tuple[tuple[str, str, bool], ...]:
    """Table, column and whether descending, for each item of the page's ORDER BY, or of the outermost.

    Empty where an item is no column; a table is empty where the text alone does not tell it.
    """
    tree = parsed(sql)
    if tree is None:
        return ()
    sources = Sources(tree, {})
    page = _page(tree, sources)
    order = (page if page is not None and page.args.get("order") else _outermost(tree) or tree).args.get(
        "order"
    )
    items = []
    for ordered in order.expressions if order is not None else ():
        subject = ordered.this if isinstance(ordered, exp.Ordered) else ordered
        if not isinstance(subject, exp.Column):
            return ()
        items.append((*sources.owner(subject), bool(ordered.args.get("desc"))))
    return tuple(items)


def _kind(tree: exp.Expr) -> str:
    """What the statement does to rows; one that writes in a WITH is a write."""
    for kind, name in KINDS.items():
        if isinstance(tree, kind):
            return name
    for kind, name in KINDS.items():
        if tree.find(kind) is not None:
            return name
    return "select" if isinstance(tree, READS) else "other"


def _outermost(tree: exp.Expr) -> exp.Expr | None:
    """The query whose rows the statement gives; None for a write without one."""
    query: exp.Expr = tree
    while isinstance(query, exp.Subquery | exp.Paren) and not (
        query.args.get("limit") or query.args.get("order")
    ):
        query = query.this
    if isinstance(query, exp.Insert) and isinstance(query.expression, exp.Select | exp.SetOperation):
        return query.expression
    return query if isinstance(query, exp.Select | exp.SetOperation | exp.Subquery) else None


def _page(tree: exp.Expr, sources: Sources) -> exp.Expr | None:
    """The outermost query that has a LIMIT or OFFSET, of those whose rows the answer is made of.

    Other subqueries of conditions, and laterals, have limits of their own, which bound no answer.
    """
    waiting = [_outermost(tree)]
    seen: set[int] = set()
    while waiting:
        query = waiting.pop(0)
        if query is None or id(query) in seen:
            continue
        seen.add(id(query))
        if query.args.get("limit") or query.args.get("offset"):
            return query
        waiting.extend(_feeding(query, sources))
    return None


def _feeding(query: exp.Expr, sources: Sources) -> Iterator[exp.Expr]:
    if isinstance(query, exp.Subquery | exp.Paren):
        yield query.this
        return
    for source in named_sources(query):
        if isinstance(source, exp.Subquery):
            yield source.this
        elif isinstance(source, exp.Table) and (common := sources.common_table(source)) is not None:
            yield common
    for projection in _projections(query):
        for subquery in projection.find_all(exp.Subquery):
            if not any(True for column in columns_in(subquery) if _is_correlated(column, query)):
                yield subquery.this
    where = query.args.get("where")
    for member in where.find_all(exp.In) if where is not None else ():
        chosen = member.args.get("query")
        # `id IN (SELECT id …)`: rows are those that the subquery chose, one for each.
        if chosen is not None and isinstance(member.parent, exp.And | exp.Where):
            rows = bare(chosen.this)
            if [projection.alias_or_name for projection in _projections(rows)] == [member.this.name]:
                yield rows


def _is_correlated(column: exp.Column, outer: exp.Expr) -> bool:
    names = {source.alias_or_name for source in named_sources(outer)}
    return bool(column.table) and column.table in names


def _projections(query: exp.Expr | None) -> list[exp.Expr]:
    return list(query.expressions) if isinstance(query, exp.Select) else []


def _order(query: exp.Expr | None) -> Iterator[str]:
    order = query.args.get("order") if query is not None else None
    for ordered in order.expressions if order is not None else ():
        subject = ordered.this if isinstance(ordered, exp.Ordered) else ordered
        text = subject.name if isinstance(subject, exp.Column) else written(subject)
        yield f"{text} desc" if ordered.args.get("desc") else text


def _bound(query: exp.Expr | None, which: str) -> str:
    """A limit or offset as a number or `$n`; empty where there is none, or ALL."""
    clause = query.args.get(which) if query is not None else None
    if clause is None:
        return ""
    value = clause.args.get("count") if isinstance(clause, exp.Fetch) else clause.expression
    if value is None:
        return "1" if isinstance(clause, exp.Fetch) else ""
    numbers = parameters_in(value)
    if numbers:
        return f"${numbers[0]}"
    literal = bare(value).find(exp.Literal)
    return str(literal.this) if literal is not None else ""


def _is_one_aggregate(query: exp.Expr | None) -> bool:
    """One row whatever the data, and no list in it."""
    if not isinstance(query, exp.Select) or query.args.get("group") or query.args.get("having"):
        return False
    projections = query.expressions
    return bool(projections) and all(_aggregates(projection) for projection in projections)


def _aggregates(projection: exp.Expr) -> bool:
    if any(True for _ in projection.find_all(exp.Window, *LISTS)):
        return False
    if any(_AGGREGATING.fullmatch(call.name.lower()) for call in projection.find_all(exp.Anonymous)):
        return False
    return any(True for _ in projection.find_all(exp.AggFunc))


def _searches(tree: exp.Expr, compared: tuple[Comparison, ...]) -> bool:
    for comparison in compared:
        if comparison.operator in SEARCHES:
            return True
        if comparison.operator == "like" and comparison.literal.startswith(("%", "_")):
            return True
    return any(call.name.lower() in SEARCH_FUNCTIONS for call in tree.find_all(exp.Anonymous))


def _guessed(sql: str, columns: Mapping[str, tuple[str, ...]]) -> Syntax:
    text = _COMMENT.sub(" ", sql)
    first = _FIRST_WORD.search(text.lower())
    kind = first[0] if first else ""
    bounds = {match[1].lower(): match[2] for match in _LIMIT.finditer(readable(text).replace('"', ""))}
    known = [name for name in _NAMED.findall(text) if not columns or name in columns]
    return Syntax(
        kind={"with": "select", "merge": "update"}.get(kind, kind)
        if kind in {"select", "insert", "update", "delete", "with", "merge"}
        else "other",
        tables=tuple(dict.fromkeys(known)),
        limit=bounds.get("limit", ""),
        offset=bounds.get("offset", ""),
        parsed=False,
    )
