"""Indexes that might mend a statement, from what it compares and in which order it wants its rows.

Candidates are guesses: whoever reports one has built it and planned the statement with it.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from importlib.resources import files
from typing import Final

from msgspec import Struct
from sqlglot import exp

from harness.planner.parsing import parsed, written
from harness.planner.rules.case import Case, Comparison
from harness.planner.syntax import ordered_columns
from harness.planner.tree import walk

MOST: Final = 4
"""Candidates for one statement; each costs the time to build it once per clone."""
LONGEST_NAME: Final = 63
"""Bytes of a name in Postgres (NAMEDATALEN − 1)."""
RANGES: Final = frozenset({"<", "<=", ">", ">=", "between"})
CONTAINED: Final = frozenset({"@>", "<@", "&&", "?", "?|", "?&"})
FUZZY: Final = frozenset({"ilike", "~", "~*", "%", "similar to"})
_PLAIN: Final = re.compile(r"[a-z_][a-z0-9_]*")
_RESERVED: Final = frozenset(
    files("harness.planner").joinpath("reserved_words.txt").read_text(encoding="ascii").split()
)
"""Key words that Postgres does not take for a name without quotes (its appendix of SQL key words)."""


class Key(Struct, frozen=True, kw_only=True):
    """What an index is on: `columns` as DDL spells them, its method, and the predicate of a partial one."""

    columns: tuple[str, ...]
    method: str = "btree"
    where: str = ""


def candidates(
    case: Case, table: str, *, trigrams: bool = False, taken: Collection[str] = ()
) -> tuple[str, ...]:
    """CREATE INDEX texts for one table of a statement, the likeliest first, at most MOST.

    `trigrams` where pg_trgm is installed in the database: without it nothing helps `LIKE '%x%'`. Names are
    none of `taken`, nor of the case's indexes.
    """
    exists = {(index.table, _plain_columns(index.columns), index.partial) for index in case.indexes}
    names = {index.name for index in case.indexes} | set(taken)
    texts: list[str] = []
    for key in dict.fromkeys(_keys(case, table, trigrams=trigrams)):
        if key.method == "btree" and (table, _plain_columns(key.columns), key.where) in exists:
            continue
        name = _name(table, key, names)
        names.add(name)
        texts.append(_definition(name, _schema(case, table), table, key))
    return tuple(texts[:MOST])


def foreign_key_index(
    table: str, columns: Sequence[str], *, schema: str = "public", taken: Collection[str] = ()
) -> str:
    """The CREATE INDEX of a foreign key's columns, in their order; its name is none of `taken`."""
    key = Key(columns=tuple(quoted(column) for column in columns))
    return _definition(_name(table, key, taken), schema, table, key)


def quoted(name: str) -> str:
    """A name as DDL needs it: with quotes only where it does not go without."""
    if _PLAIN.fullmatch(name) and name not in _RESERVED:
        return name
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def _keys(case: Case, table: str, *, trigrams: bool) -> Iterator[Key]:
    about = [c for c in case.syntax.comparisons if c.relation == table and not c.negated]
    tenant = _tenant(case, table, about)
    scope = (quoted(tenant),) if tenant else ()
    sure = [c for c in about if not c.disjunct]
    yield from _searches(about, scope, trigrams=trigrams)
    for branch in about:
        if branch.disjunct and branch.operator in {"=", "in"} | RANGES and branch.column != tenant:
            yield Key(columns=_together(scope, _spelled([branch])))
    known = [c for c in sure if c.operator == "=" and c.column != tenant and (c.parameter or c.literal)]
    joined = [c for c in sure if c.operator == "=" and c.column != tenant and not (c.parameter or c.literal)]
    several = [c for c in sure if c.operator == "in" and c.column != tenant]
    equal = _together(scope, _spelled(known))
    ordered = _order(case, table)
    ranged = _spelled([c for c in sure if c.operator in RANGES])[:1]
    # Where no value is bound, every value is written into the text: none is a constant.
    bound = any(c.parameter for c in case.syntax.comparisons)
    constant = [c for c in known if bound and c.literal and not c.expression]
    if ordered and len(constant) < len(known) + len(scope):
        yield Key(columns=_together(equal, ordered))
    if ranged and ranged[0] not in equal:
        yield Key(columns=_together(equal, _spelled(several), ranged))
    if constant:
        rest = _together(scope, _spelled([c for c in known if c not in constant]))
        columns = _together(rest, ordered or ranged) or _together(equal)
        yield Key(columns=columns, where=" AND ".join(_constant(c) for c in constant))
    if joined:
        yield Key(columns=_together(equal, _spelled(joined)))
        yield Key(columns=_together(_spelled(joined)))
    if several or (known and not ranged):
        yield Key(columns=_together(equal, _spelled(several)))
    if known and scope:
        yield Key(columns=_together(_spelled(known)))


def _searches(about: Sequence[Comparison], scope: tuple[str, ...], *, trigrams: bool) -> Iterator[Key]:
    """Indexes for what a plain B-tree does not find."""
    for c in about:
        for subject in _spelled([c]):
            if c.operator == "@@" or (c.operator in CONTAINED and not c.expression):
                yield Key(columns=(subject,), method="gin")
            elif c.operator == "like" and _begins_known(c):
                yield Key(columns=(*scope, f"{subject} text_pattern_ops"))
            elif trigrams and (c.operator in FUZZY or c.operator == "like"):
                yield Key(columns=(f"{subject} gin_trgm_ops",), method="gin")


def _begins_known(comparison: Comparison) -> bool:
    """Whether a LIKE's pattern begins with text; one that is a parameter alone often does."""
    if not comparison.literal:
        return comparison.parameter > 0
    return not comparison.literal.startswith(("%", "_"))


def _tenant(case: Case, table: str, about: Sequence[Comparison]) -> str:
    """The tenant's column where the statement, or row security for it, asks for one tenant's rows."""
    facts = case.tables.get(table)
    column = facts.tenant_column if facts else ""
    if not column:
        return ""
    if any(c.column == column and c.operator in {"=", "in"} and not c.disjunct for c in about):
        return column
    for plan in case.plans:
        for node in walk(plan.root):
            if node.relation == table and column in f"{node.filter} {node.index_cond} {node.recheck_cond}":
                return column
    return ""


def _order(case: Case, table: str) -> tuple[str, ...]:
    """The columns of ORDER BY, where they can be this table's; directions only where they differ."""
    items = ordered_columns(case.sql)
    alone = case.syntax.tables == (table,)
    if any(relation != table and not (alone and not relation) for relation, _, _ in items):
        return ()
    mixed = len({descending for _, _, descending in items}) > 1
    return tuple(quoted(name) + (" DESC" if mixed and descending else "") for _, name, descending in items)


def _spelled(compared: Iterable[Comparison]) -> tuple[str, ...]:
    """Columns and expressions as DDL has them; an expression over parameters or other tables is none."""
    texts = []
    for comparison in compared:
        if not comparison.expression:
            texts.append(quoted(comparison.column))
        elif (expression := _own_expression(comparison)) is not None:
            texts.append(expression)
    return tuple(dict.fromkeys(texts))


def _own_expression(comparison: Comparison) -> str | None:
    tree = parsed(f"SELECT {comparison.expression}")
    if not isinstance(tree, exp.Select) or "$" in comparison.expression:
        return None
    owners = {column.table for column in tree.find_all(exp.Column)}
    if len(owners) > 1 or tree.find(exp.Subquery) is not None:
        return None
    copy = tree.copy()
    for column in copy.find_all(exp.Column):
        column.set("table", None)
    return f"({written(copy.expressions[0])})"


def _together(*parts: Iterable[str]) -> tuple[str, ...]:
    """Columns in their order, each once; one that comes again with a direction is there already."""
    columns: dict[str, str] = {}
    for part in parts:
        for text in part:
            columns.setdefault(text.removesuffix(" DESC"), text)
    return tuple(columns.values())


def _constant(comparison: Comparison) -> str:
    value = comparison.literal.replace("'", "''")
    return f"{quoted(comparison.column)} = '{value}'"


def _definition(name: str, schema: str, table: str, key: Key) -> str:
    method = "" if key.method == "btree" else f"USING {key.method} "
    where = f" WHERE {key.where}" if key.where else ""
    qualified = quoted(table) if schema in {"", "public"} else f"{quoted(schema)}.{quoted(table)}"
    return f"CREATE INDEX {quoted(name)} ON {qualified} {method}({', '.join(key.columns)}){where}"


def _name(table: str, key: Key, taken: Collection[str]) -> str:
    """`table_columns_idx`, as Postgres names them, cut to its length and unlike those there are."""
    words = [word for column in key.columns for word in _words(column)]
    stem = "_".join((table, *words, *(("partial",) if key.where else ())))
    for number in range(len(taken) + 1):
        ending = f"_idx{number or ''}"
        name = stem[: LONGEST_NAME - len(ending)].rstrip("_") + ending
        if name not in taken:
            return name
    raise AssertionError  # One of len(taken) + 1 different names is not taken.


def _words(column: str) -> list[str]:
    spoken = re.sub(r"\b(?:desc|gin_trgm_ops|text_pattern_ops|cast|as)\b", "", column.lower())
    return re.findall(r"[a-z0-9_]+", spoken)


def _plain_columns(columns: Iterable[str]) -> tuple[str, ...]:
    return tuple(column.replace('"', "").replace("(", "").replace(")", "").lower() for column in columns)


def _schema(case: Case, table: str) -> str:
    facts = case.tables.get(table)
    return facts.schema if facts else ""
