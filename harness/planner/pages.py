"""How many pages tables and indexes have at another size."""

from math import ceil
from typing import Final

from harness.planner.catalogue import Catalogue, IndexFacts, Relation

PAGE_BYTES: Final = 8192
ROOM_BYTES: Final = PAGE_BYTES - 24
ROW_OVERHEAD_BYTES: Final = 28
"""A row's header, 24 bytes aligned, and its line pointer."""
ENTRY_OVERHEAD_BYTES: Final = 12
"""An index entry's header and line pointer."""
BTREE_FILL: Final = 0.9
TELLING: Final = 10
"""With fewer pages than this, the last half-empty one falsifies rows per page."""
MOST_PAGES: Final = 2**31 - 1
"""relpages is an int4."""


def table_pages(catalogue: Catalogue, table: Relation, rows: float) -> int:
    """Pages of a table's main fork with so many rows: in proportion, or by their width where it is tiny."""
    if table.pages == 0 or table.rows <= 0 or rows <= table.rows:
        return table.pages
    density = table.rows / table.pages
    if table.pages < TELLING:
        width = sum((1 - c.nulls) * c.width_bytes for c in catalogue.columns_of[table.oid])
        by_width = ROOM_BYTES * table.fillfactor / 100 / (aligned(width) + ROW_OVERHEAD_BYTES)
        density = max(density, by_width)
    return min(MOST_PAGES, max(table.pages, ceil(rows / density)))


def index_pages(catalogue: Catalogue, index: IndexFacts, growth: float) -> int:
    """Pages of an index whose entries grow so many times; a B-tree's first page holds no entries."""
    if index.pages == 0 or growth <= 1:
        return index.pages
    if index.method == "brin":
        return index.pages
    if index.method != "btree":
        return min(MOST_PAGES, ceil(index.pages * growth))
    leaves = max(1, index.pages - 1)
    after = leaves * growth
    if leaves < TELLING:
        width = index.width_bytes + sum(
            catalogue.column[index.relation, n].width_bytes for n in index.numbers if n > 0
        )
        density = ROOM_BYTES * BTREE_FILL / (aligned(width) + ENTRY_OVERHEAD_BYTES)
        after = min(after, index.rows * growth / density)
    return min(MOST_PAGES, 1 + max(leaves, ceil(after)))


def aligned(width_bytes: float) -> int:
    """Rows and entries end at multiples of eight bytes."""
    return ceil(width_bytes / 8) * 8
