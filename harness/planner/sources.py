"""Whose a column is: aliases, subqueries and common table expressions followed to their tables."""

from collections.abc import Iterator, Mapping

from sqlglot import exp

QUERIES = (exp.Select, exp.SetOperation, exp.Update, exp.Delete, exp.Insert, exp.Merge)
_DEEPEST = 12
"""Subqueries in subqueries that are followed; deeper ones name no table."""


class Sources:
    """The tables of one statement; `columns` by table name serve to tell whose a bare column is."""

    def __init__(self, tree: exp.Expr, columns: Mapping[str, tuple[str, ...]]) -> None:
        self._columns = columns
        self._ctes = {cte.alias: cte for cte in tree.find_all(exp.CTE)}
        self.tables = tuple(
            dict.fromkeys(table.name for table in tree.find_all(exp.Table) if self._is_table(table))
        )

    def owner(self, column: exp.Column) -> tuple[str, str]:
        """Table and column; the table is empty where it cannot be told, or is none (a function's rows)."""
        scope = _scope(column)
        while scope is not None:
            found = self._in_scope(scope, column.table, column.name, _DEEPEST)
            if found is not None:
                return found
            scope = _scope(scope)
        return "", column.name

    def common_table(self, table: exp.Table) -> exp.Expr | None:
        """The query of the common table expression that a name in FROM means; None for a real table."""
        cte = self._ctes.get(table.name)
        if cte is None or table.db:
            return None
        if _within(table, cte) and not _is_recursive(cte):
            return None
        query: exp.Expr = cte.this
        return query

    def _is_table(self, table: exp.Table) -> bool:
        return isinstance(table.this, exp.Identifier) and self.common_table(table) is None

    def _in_scope(self, scope: exp.Expr, alias: str, name: str, depth: int) -> tuple[str, str] | None:
        sources = list(named_sources(scope))
        if alias:
            matching = [source for source in sources if source.alias_or_name == alias]
            return self._column_of(matching[0], name, depth) if matching else None
        owners = [found for source in sources if (found := self._column_of(source, name, depth))[0]]
        sure = [found for found in owners if found[1] in self._columns.get(found[0], ())]
        if sure:
            return sure[0]
        return owners[0] if len(sources) == 1 and owners else None

    def _column_of(self, source: exp.Expr, name: str, depth: int) -> tuple[str, str]:
        """The table's column behind a name that a source of FROM gives."""
        if isinstance(source, exp.Table):
            if not isinstance(source.this, exp.Identifier):
                return "", name
            query = self.common_table(source)
            if query is None:
                return source.name, name
        else:
            query = source.this
        while isinstance(query, exp.SetOperation | exp.Subquery | exp.Paren):
            query = query.this
        if not isinstance(query, exp.Select) or depth == 0:
            return "", name
        for projection in query.expressions:
            if projection.alias_or_name == name:
                inner = projection.unalias()
                if isinstance(inner, exp.Column) and not inner.is_star:
                    return self._in_scope(query, inner.table, inner.name, depth - 1) or ("", name)
                return "", name
        if any(projection.is_star for projection in query.expressions):
            return self._in_scope(query, "", name, depth - 1) or ("", name)
        return "", name


def named_sources(scope: exp.Expr) -> Iterator[exp.Expr]:
    """What a query's FROM, joins, target and USING name, in their order."""
    if isinstance(scope, exp.Update | exp.Delete | exp.Merge | exp.Insert):
        target = scope.this
        yield target.this if isinstance(target, exp.Schema) else target
    for key in ("from_", "from"):
        clause = scope.args.get(key)
        if isinstance(clause, exp.From):
            yield clause.this
            yield from (join.this for join in clause.this.args.get("joins") or ())
    using = scope.args.get("using")
    for source in using if isinstance(using, list) else [using] if using else []:
        yield source
    for source in (scope.args.get("joins") or []) + (scope.args.get("laterals") or []):
        yield source.this if isinstance(source, exp.Join) else source


def _scope(node: exp.Expr) -> exp.Expr | None:
    return node.find_ancestor(*QUERIES)


def _within(node: exp.Expr, outer: exp.Expr) -> bool:
    parent = node.parent
    while parent is not None:
        if parent is outer:
            return True
        parent = parent.parent
    return False


def _is_recursive(cte: exp.CTE) -> bool:
    return isinstance(cte.parent, exp.With) and bool(cte.parent.args.get("recursive"))
