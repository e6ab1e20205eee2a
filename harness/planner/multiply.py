"""Rows of a clone really multiplied, their keys consistent: where files are out of reach, and as proof.

Copy k of a row has every growing key replaced by its k-th namesake, the same in every table: so the
k-th copy of an invoice has the k-th copies of its lines. The first copy is the row itself, so that real
parameters find what they found. Copies lie beside their original, or, where a sequence gives the
keys, behind all originals, so that the order on disk is what it would be.
"""

from collections.abc import Mapping
from typing import Any, Final

import psycopg
from psycopg import AsyncConnection, sql

from harness.errors import ServiceFailed
from harness.planner.catalogue import Column, Relation, statement
from harness.planner.databases import refresh
from harness.planner.growth import UNIQUE_SHARE, Growth, Sizes
from harness.planner.model import Way
from harness.planner.tenants import Place

MOST_ROWS: Final = 2_000_000
"""About a minute on one core, indexes included."""
WHOLE: Final = frozenset({"smallint", "integer", "bigint"})
TIMES: Final = frozenset({"timestamp without time zone", "timestamp with time zone"})
UUID_COPY: Final = (
    "CASE {k} WHEN 0 THEN {v} ELSE (left({v}::text, 15) || substr(md5({v}::text || {k}), 1, 3) "
    "|| '-' || substr({v}::text, 20, 1) || substr(md5({v}::text || {k}), 4, 3) "
    "|| '-' || substr(md5({v}::text || {k}), 7, 12))::uuid END"
)
"""Its time and version stay, so that copies of version 7 sort beside their original."""
SOURCE: Final = sql.Identifier("harness_rows")
VARCHAR_HEADER: Final = 4
"""atttypmod of varchar(n) is n + 4."""

Spans = Mapping[Place, int]
"""How far apart the copies of a whole number lie, by the column that owns the key."""


async def multiply(connection: AsyncConnection[Any], growth: Growth, way: Way, factor: int) -> None:
    """Multiply the rows of every growing table, rebuild indexes, and analyze.

    CHECK constraints of the clone are dropped: a copied key may break them, and no plan needs them.
    Raises ServiceFailed with the server's reason and the table.
    """
    catalogue, sizes = growth.catalogue, growth.sizes(way, factor)
    inside = {each.relation for each in catalogue.partitions}
    growing = [
        table
        for table in catalogue.relations
        if table.kind in "rp" and table.oid not in inside and round(sizes.rows[table.oid]) > 1
    ]
    where = "its constraints"
    try:
        kept = await (await connection.execute(statement("constraints"))).fetchall()
        for schema, table, name, _kind, _definition in kept:
            await run(connection, "ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}", (schema, table), (name,))
        spans = await read_spans(connection, growth, sizes)
        for each in growing:
            where = f"{each.schema}.{each.name}"
            await multiply_table(connection, growth, sizes, each, spans)
        for schema, table, name, kind, definition in kept:
            if kind == "f":
                where = f"the foreign key {name}"
                text = (
                    f"ALTER TABLE {{}} ADD CONSTRAINT {{}} {definition.replace('{', '{{').replace('}', '}}')}"
                )
                await run(connection, text, (schema, table), (name,))
        where = "its statistics"
        await refresh(connection)
    except psycopg.Error as error:
        reason = " ".join(str(error).split())
        raise ServiceFailed(f"Rows could not be multiplied ({where}): {reason}") from error


async def run(connection: AsyncConnection[Any], text: str, *names: tuple[str, ...]) -> None:
    """Run a command with identifiers in the place of its braces."""
    command = sql.SQL(text).format(*(sql.Identifier(*name) for name in names))
    await connection.execute(command)


async def multiply_table(
    connection: AsyncConnection[Any], growth: Growth, sizes: Sizes, table: Relation, spans: Spans
) -> None:
    """Multiply one table's rows; indexes that back no constraint are dropped meanwhile."""
    catalogue = growth.catalogue
    columns = [column for column in catalogue.columns_of[table.oid] if not column.generated]
    copies = round(sizes.rows[table.oid])
    expressions = [expression(growth, sizes, column, copies, spans) for column in columns]
    ends = any(c.counted and sizes.values[c.relation, c.number] > 1 for c in columns)
    target = sql.Identifier(table.schema, table.name)
    plain = [
        index
        for index in catalogue.indexes
        if index.relation == table.oid and not index.constraint and table.kind == "r"
    ]
    async with connection.transaction():
        await connection.execute("SET LOCAL synchronize_seqscans = off")
        await connection.execute("SET LOCAL client_min_messages = error")
        await connection.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(target))
        for index in plain:
            await run(connection, "DROP INDEX {}", (index.schema, index.name))
        await connection.execute(
            sql.SQL("CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT * FROM {}").format(SOURCE, target)
        )
        await connection.execute(sql.SQL("TRUNCATE {}").format(target))
        await connection.execute(
            sql.SQL(statement("multiply_rows").decode()).format(
                target=target,
                columns=sql.SQL(", ").join(sql.Identifier(column.name) for column in columns),
                expressions=sql.SQL(", ").join(expressions),
                source=SOURCE,
                last=sql.Literal(copies - 1),
                order=sql.SQL("k, s.ctid" if ends else "s.ctid, k"),
            )
        )
        if table.kind == "r":
            await connection.execute(sql.SQL("REINDEX TABLE {}").format(target))
        for index in plain:
            await connection.execute(index.definition.encode())


def expression(growth: Growth, sizes: Sizes, column: Column, copies: int, spans: Spans) -> sql.Composable:
    """A column's value in copy k."""
    place = (column.relation, column.number)
    value = sql.SQL("s.{}").format(sql.Identifier(column.name))
    grown = round(sizes.values[place])
    if grown <= 1 or not remapped(growth, column):
        return value
    k = sql.SQL("k") if grown >= copies else sql.SQL("(k % {})").format(sql.Literal(grown))
    kind = sql.SQL(column.type)
    if column.type in WHOLE:
        text = "({v} + {k} * {span})::{kind}"
    elif column.type == "uuid":
        text = UUID_COPY
    elif column.type == "bytea":
        text = "CASE {k} WHEN 0 THEN {v} ELSE {v} || int4send({k}) END"
    elif column.type in TIMES:
        text = "{v} + {k} * interval '1 microsecond'"
    elif column.category == "S":
        text = "(CASE WHEN {k} = 0 THEN {v}::text ELSE {v}::text || '-' || {k} END)::{kind}"
        if column.modifier > VARCHAR_HEADER:
            text = (
                "(CASE WHEN {k} = 0 THEN {v}::text WHEN length({v}::text || '-' || {k}) <= {most} "
                "THEN {v}::text || '-' || {k} "
                "ELSE right(md5({v}::text || {k}) || left({v}::text, greatest(0, {most} - 32)), {most}) "
                "END)::{kind}"
            )
    elif column.category == "N":
        text = "({v} + {k} * {span})::{kind}"
    else:
        return value
    return sql.SQL(text).format(
        v=value,
        k=k,
        kind=kind,
        span=sql.Literal(spans.get(growth.owner(place), 1)),
        most=sql.Literal(max(1, column.modifier - VARCHAR_HEADER)),
    )


def remapped(growth: Growth, column: Column) -> bool:
    """Whether copies have values of their own: keys, and what is unique without being a number."""
    if growth.is_key(column):
        return True
    catalogue = growth.catalogue
    filled = catalogue.tree_rows[column.relation] * (1 - column.nulls)
    return column.category != "N" and catalogue.distinct(column) >= UNIQUE_SHARE * filled


async def read_spans(connection: AsyncConnection[Any], growth: Growth, sizes: Sizes) -> Spans:
    """For every key of whole numbers that grows, the range of its owner's values, as long as they are few."""
    spans: dict[Place, int] = {}
    for column in growth.catalogue.columns:
        place = growth.owner((column.relation, column.number))
        if column.type not in WHOLE or place in spans or sizes.values[column.relation, column.number] <= 1:
            continue
        owner, table = growth.catalogue.column[place], growth.catalogue.by_oid[place[0]]
        query = sql.SQL("SELECT coalesce(max({c})::numeric - min({c}) + 1, 1)::bigint FROM {t}").format(
            c=sql.Identifier(owner.name), t=sql.Identifier(table.schema, table.name)
        )
        row = await (await connection.execute(query)).fetchone()
        spans[place] = int(row[0]) if row else 1
    return spans
