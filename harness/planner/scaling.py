"""The simulated size: statistics as they would be, and files as long as they would be.

pg_class and pg_statistic are written directly, by a superuser on a clone of ours, the same on every
version: `pg_restore_attribute_stats` (18) can set shares of common values only together with the values.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from psycopg import AsyncConnection

from harness.planner.catalogue import Catalogue, read_catalogue, rows_of, statement
from harness.planner.growth import Growth, Sizes, stored_distinct
from harness.planner.model import Way
from harness.planner.pages import index_pages, table_pages


class Stored(Struct, frozen=True, kw_only=True):
    """A column's row in pg_statistic."""

    relation: int
    number: int
    inherited: bool
    distinct: float
    nulls: float


class Extent(Struct, frozen=True, kw_only=True):
    """A file below the data folder that is to have so many pages."""

    path: str
    pages: int


async def scale_statistics(
    connection: AsyncConnection[Any], growth: Growth, way: Way, factor: int
) -> tuple[Extent, ...]:
    """Write the statistics of the grown data in one transaction; the files that must grow with them."""
    catalogue = await read_catalogue(connection)
    sizes = growth.sizes(way, factor)
    relations, extents = scaled_relations(catalogue, sizes)
    columns = scaled_columns(catalogue, sizes, await rows_of(connection, "statistics", Stored))
    async with connection.transaction():
        await connection.execute(statement("scale_relations"), relations)
        await connection.execute(statement("scale_columns"), columns)
    return extents


def scaled_relations(
    catalogue: Catalogue, sizes: Sizes
) -> tuple[Mapping[str, list[float]], tuple[Extent, ...]]:
    """Parameters of scale_relations.sql, and the files."""
    oids: list[float] = []
    rows: list[float] = []
    pages: list[float] = []
    visible: list[float] = []
    extents: list[Extent] = []
    for table in catalogue.relations:
        grown = sizes.rows.get(table.oid, 1.0)
        if grown <= 1 or table.kind == "p":
            continue
        after = table_pages(catalogue, table, table.rows * grown)
        oids.append(table.oid)
        rows.append(table.rows * grown)
        pages.append(after)
        visible.append(min(after, round(table.visible / table.pages * after)) if table.pages else 0)
        extents.append(Extent(path=table.path, pages=after))
    for index in catalogue.indexes:
        grown = sizes.rows.get(index.relation, 1.0)
        if grown <= 1 or not index.path:
            continue
        after = index_pages(catalogue, index, grown)
        oids.append(index.oid)
        rows.append(index.rows * grown)
        pages.append(after)
        visible.append(0)
        extents.append(Extent(path=index.path, pages=after))
    return {"oids": oids, "rows": rows, "pages": pages, "visible": visible}, tuple(extents)


def scaled_columns(
    catalogue: Catalogue, sizes: Sizes, stored: tuple[Stored, ...]
) -> Mapping[str, list[float]]:
    """Parameters of scale_columns.sql: only what changes."""
    over = {index.oid: index.relation for index in catalogue.indexes}
    columns: dict[str, list[float]] = {
        name: [] for name in ("relations", "numbers", "inherited", "distinct", "growth", "element_growth")
    }
    for each in stored:
        table = over.get(each.relation, each.relation)
        if table not in catalogue.by_oid:
            continue
        grown = sizes.rows.get(table, 1.0)
        before = catalogue.tree_rows[table] if each.inherited else catalogue.by_oid[table].rows
        place = (each.relation, each.number)
        if each.relation in over:
            values, elements = (grown if each.distinct < 0 else 1.0), 1.0
        else:
            values, elements = sizes.values.get(place, 1.0), sizes.elements.get(place, 1.0)
        if grown <= 1 and values <= 1 and elements <= 1:
            continue
        columns["relations"].append(each.relation)
        columns["numbers"].append(each.number)
        columns["inherited"].append(each.inherited)
        columns["distinct"].append(stored_distinct(each.distinct, values, before, before * grown))
        columns["growth"].append(max(values, 1.0))
        columns["element_growth"].append(max(elements, 1.0))
    return columns
