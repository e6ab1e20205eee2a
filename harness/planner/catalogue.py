"""The tables of a database as its catalogue and ANALYZE know them: what growth is worked out from."""

from collections.abc import Mapping
from functools import cache, cached_property
from importlib.resources import files
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Struct
from psycopg import AsyncConnection
from psycopg.rows import dict_row

UNSCALED_SHARE: Final = 0.1
"""More distinct values than this share of the rows grow with them, for ANALYZE: it stores them negative."""

S = TypeVar("S", bound=Struct)


class Column(Struct, frozen=True, kw_only=True):
    """A column. `category` is pg_type.typcategory, `E` for enumerations; `distinct` as in pg_stats.

    `counted` where a sequence fills it; `made_of` are the columns that a generated one is made of.
    """

    relation: int
    number: int
    name: str
    type: str
    category: str
    modifier: int = -1
    counted: bool = False
    generated: bool = False
    made_of: tuple[int, ...] = ()
    nulls: float = 0.0
    width_bytes: int = 8
    distinct: float = 0.0


class Relation(Struct, frozen=True, kw_only=True):
    """A table; `kind` r, m or p as in pg_class; `path` below the data folder; `visible` pages all visible."""

    oid: int
    schema: str
    name: str
    kind: str
    rows: float
    pages: int
    visible: int
    path: str = ""
    size_bytes: int = 0
    fillfactor: int = 100


class Reference(Struct, frozen=True, kw_only=True):
    """A foreign key, pairwise by position."""

    relation: int
    columns: tuple[int, ...]
    parent: int
    parent_columns: tuple[int, ...]


class Key(Struct, frozen=True, kw_only=True):
    """What is unique: a set of columns by number."""

    relation: int
    columns: tuple[int, ...]
    primary: bool


class Policy(Struct, frozen=True, kw_only=True):
    """A row security policy's condition."""

    relation: int
    condition: str


class Partition(Struct, frozen=True, kw_only=True):
    """A partition, or a table that inherits."""

    relation: int
    parent: int


class IndexFacts(Struct, frozen=True, kw_only=True):
    """An index; `numbers` are the columns of its key and included ones, 0 for an expression.

    `width_bytes` is that of its expressions, as ANALYZE measured them.
    """

    oid: int
    relation: int
    schema: str
    name: str
    table: str
    columns: tuple[str, ...]
    included: tuple[str, ...]
    numbers: tuple[int, ...]
    method: str
    unique: bool
    primary: bool
    constraint: str
    partial: str
    definition: str
    rows: float
    pages: int
    path: str
    size_bytes: int
    width_bytes: int


class Catalogue(Struct, frozen=True, kw_only=True, dict=True):
    """A database's tables and what ties them together."""

    relations: tuple[Relation, ...]
    columns: tuple[Column, ...]
    references: tuple[Reference, ...] = ()
    keys: tuple[Key, ...] = ()
    policies: tuple[Policy, ...] = ()
    partitions: tuple[Partition, ...] = ()
    indexes: tuple[IndexFacts, ...] = ()

    @cached_property
    def by_oid(self) -> Mapping[int, Relation]:
        """Tables by oid."""
        return {each.oid: each for each in self.relations}

    @cached_property
    def columns_of(self) -> Mapping[int, tuple[Column, ...]]:
        """Columns by table."""
        found: dict[int, list[Column]] = {each.oid: [] for each in self.relations}
        for column in self.columns:
            if column.relation in found:
                found[column.relation].append(column)
        return {oid: tuple(each) for oid, each in found.items()}

    @cached_property
    def column(self) -> Mapping[tuple[int, int], Column]:
        """Columns by table and number."""
        return {(each.relation, each.number): each for each in self.columns}

    @cached_property
    def tree_rows(self) -> Mapping[int, float]:
        """Rows of each table, those of its partitions included."""
        children: dict[int, list[int]] = {}
        for each in self.partitions:
            children.setdefault(each.parent, []).append(each.relation)

        def rows(oid: int) -> float:
            relation = self.by_oid.get(oid)
            own = relation.rows if relation and relation.kind != "p" else 0.0
            return own + sum(rows(child) for child in children.get(oid, ()))

        return {oid: rows(oid) for oid in self.by_oid}

    def distinct(self, column: Column) -> float:
        """The number of distinct values of a column."""
        stored = column.distinct
        return stored if stored >= 0 else -stored * self.tree_rows.get(column.relation, 0.0)


@cache
def statement(name: str) -> bytes:
    """The text of a statement beside this module."""
    return files("harness.planner").joinpath(f"{name}.sql").read_bytes()


async def rows_of(connection: AsyncConnection[Any], name: str, row: type[S]) -> tuple[S, ...]:
    """What a statement beside this module gives, as values."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(statement(name))
        return msgspec.convert(tuple(await cursor.fetchall()), tuple[row, ...])  # type: ignore[valid-type]


async def read_catalogue(connection: AsyncConnection[Any]) -> Catalogue:
    """The catalogue of the database that the connection is to."""
    relations = await rows_of(connection, "relations", Relation)
    known = {each.oid for each in relations}
    indexes = await rows_of(connection, "indexes", IndexFacts)
    return Catalogue(
        relations=relations,
        columns=tuple(c for c in await rows_of(connection, "columns", Column) if c.relation in known),
        references=tuple(
            r
            for r in await rows_of(connection, "references", Reference)
            if r.relation in known and r.parent in known
        ),
        keys=tuple(k for k in await rows_of(connection, "keys", Key) if k.relation in known),
        policies=await rows_of(connection, "policies", Policy),
        partitions=await rows_of(connection, "partitions", Partition),
        indexes=tuple(i for i in indexes if i.relation in known),
    )
