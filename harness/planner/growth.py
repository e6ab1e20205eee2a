"""How a database grows: which tables, by how much, and how many values each column then has.

Two ways: MORE tenants of today's size, and BIGGER tenants in today's number. What belongs to tenants
grows with them in the first; in the second everything but the tenants themselves grows, unless a key
forbids it: one row per tenant stays one row per tenant.
"""

from collections.abc import Mapping
from functools import cached_property
from math import ceil
from typing import Final

from msgspec import Struct

from harness.config.settings import GrowthSettings
from harness.planner.catalogue import UNSCALED_SHARE, Catalogue, Column, Key
from harness.planner.model import Way
from harness.planner.tenants import Domains, Place, Tenant

UNIQUE_SHARE: Final = 0.9
"""A column with so many distinct values per row counts as unique: some repeat by chance."""
FEW: Final = 10
"""Fewer distinct numbers than this are levels or counts, not keys."""
MANY: Final = 50
"""ANALYZE takes even four values in twenty rows to grow with them; fewer than this are kinds of things."""
LEVELS: Final = 20
"""A key's column with no more values than this, all present in each tenant, is a fixed list of settings."""
LARGE_ROWS: Final = 5_000
"""A table without tie to tenants, that nobody writes, is one of countries or plans up to this size."""
ROUNDS: Final = 16
CHAIN: Final = 5
"""Growth reaches a column over so many foreign keys before keys are found too narrow."""
ALMOST: Final = 0.999


class Sizes(Struct, frozen=True, kw_only=True):
    """By what each table's rows, each column's values and its elements multiply."""

    rows: Mapping[int, float]
    values: Mapping[Place, float]
    elements: Mapping[Place, float]


class Growth:
    """The growth of one database. `written` are names of tables that statements write."""

    def __init__(
        self,
        catalogue: Catalogue,
        domains: Domains,
        tenant: Tenant,
        written: frozenset[str],
        settings: GrowthSettings,
    ) -> None:
        self.catalogue = catalogue
        self.tenant = tenant
        self.scales = settings.scales
        self._domains = domains
        self._written = written
        self._settings = settings
        self._sizes: dict[tuple[Way, int], Sizes] = {}

    @cached_property
    def belonging(self) -> frozenset[int]:
        """Tables that hold the tenant's key, or hang from one that does."""
        reached = {place[0] for place in self.tenant.places}
        while more := {
            child
            for child, above in self._domains.parents.items()
            if above & reached and child not in reached
        }:
            reached |= more
        parents = {each.relation: each.parent for each in self.catalogue.partitions}
        return frozenset(reached | {child for child, parent in parents.items() if parent in reached})

    @cached_property
    def fixed(self) -> frozenset[int]:
        """Tables that stay as they are, in both ways."""
        named = {name.lower() for name in self._settings.fixed}
        found = set()
        for each in self.catalogue.relations:
            if {each.name.lower(), f"{each.schema}.{each.name}".lower()} & named:
                found.add(each.oid)
            elif each.oid not in self.belonging:
                rows = self.catalogue.tree_rows[each.oid]
                if each.name.lower() not in self._written and rows <= LARGE_ROWS:
                    found.add(each.oid)
        return frozenset(found)

    def sizes(self, way: Way, factor: int) -> Sizes:
        """What multiplies by how much when the data grows `factor` times in this way."""
        known = self._sizes.get((way, factor))
        if known is None:
            known = self._sizes[way, factor] = self._settle(way, float(factor))
        return known

    @cached_property
    def lift(self) -> int:
        """What today's rows are multiplied by before they grow: small tables say nothing of large ones."""
        greatest = max(
            (
                rows
                for way in (Way.MORE, Way.BIGGER)
                for oid, rows in self.catalogue.tree_rows.items()
                if self.sizes(way, 10).rows[oid] > 1
            ),
            default=0.0,
        )
        if greatest < 1:
            return 1
        return max(1, ceil(self._settings.rows / (greatest * max(self._settings.scales))))

    def owner(self, place: Place) -> Place:
        """The column whose values a key's values are."""
        if place in self.tenant.places:
            return min(self.tenant.places, key=lambda p: (p[0] != self.tenant.root, p))
        return self._domains.find(place)

    def is_key(self, column: Column) -> bool:
        """Whether a column's values point at things, or are pointed at."""
        place = (column.relation, column.number)
        return (
            column.counted
            or place in self._keys
            or place in self.tenant.places
            or self._domains.is_tied(place)
        )

    @cached_property
    def _keys(self) -> frozenset[Place]:
        return frozenset((key.relation, number) for key in self.catalogue.keys for number in key.columns)

    def _settle(self, way: Way, factor: float) -> Sizes:
        """Rows and values depend on each other through keys, so they are worked out until nothing moves."""
        rows = {each.oid: self._free(each.oid, way, factor) for each in self.catalogue.relations}
        values: dict[Place, float] = {}
        for turn in range(ROUNDS):
            before = (dict(rows), dict(values))
            values = {
                (c.relation, c.number): self._values(c, way, factor, rows, values)
                for c in self.catalogue.columns
            }
            for key in self.catalogue.keys:
                self._fit(key, rows, values, shrink=turn >= CHAIN)
            if turn > CHAIN and (rows, values) == before:
                break
        elements = {
            (c.relation, c.number): self._elements(c, values) for c in self.catalogue.columns if c.made_of
        }
        return Sizes(rows=rows, values=values, elements=elements)

    def _free(self, oid: int, way: Way, factor: float) -> float:
        """A table's growth before its keys are looked at."""
        if way is Way.NOW or oid in self.fixed:
            return 1.0
        if way is Way.MORE and not self.tenant.places:
            return 1.0
        if way is Way.BIGGER and oid == self.tenant.root:
            return 1.0
        return factor

    def _values(
        self,
        column: Column,
        way: Way,
        factor: float,
        rows: Mapping[int, float],
        before: Mapping[Place, float],
    ) -> float:
        """The growth of a column's values, before keys are looked at."""
        place = (column.relation, column.number)
        if place in self.tenant.places:
            return factor if way is Way.MORE else 1.0
        owner = self._domains.find(place)
        if owner != place:
            return before.get(owner, 1.0)
        return rows[column.relation] if self._grows(column) else 1.0

    def _grows(self, column: Column) -> bool:
        """Whether a column has new values with new rows."""
        catalogue = self.catalogue
        if column.category in "BE" or column.type == "date":
            return False
        if (
            column.counted
            or Key(relation=column.relation, columns=(column.number,), primary=True) in self._single
        ):
            return True
        filled = catalogue.tree_rows[column.relation] * (1 - column.nulls)
        distinct = catalogue.distinct(column)
        if filled < 2:  # noqa: PLR2004 - one value says nothing of the next
            return False
        if distinct >= UNIQUE_SHARE * filled:
            return distinct >= FEW or column.category != "N"
        if (column.relation, column.number) in self._keys:
            return False  # numbered within something else: only a key too narrow makes it grow
        return column.distinct < 0 and distinct > MANY

    @cached_property
    def _single(self) -> frozenset[Key]:
        return frozenset(
            Key(relation=key.relation, columns=key.columns, primary=True)
            for key in self.catalogue.keys
            if len(key.columns) == 1
        )

    def _fit(self, key: Key, rows: dict[int, float], values: dict[Place, float], *, shrink: bool) -> None:
        """Make room in a key for its table's rows: its own column grows, or else the table does not."""
        grown = rows[key.relation]
        room = 1.0
        for number in key.columns:
            room *= values[key.relation, number]
        if room >= grown * ALMOST:
            return
        own = [
            self.catalogue.column[key.relation, number]
            for number in key.columns
            if (key.relation, number) not in self.tenant.places
            and self._domains.find((key.relation, number)) == (key.relation, number)
        ]
        free = [column for column in own if not self._is_level(column)]
        if not free:
            if shrink:
                rows[key.relation] = room
            return
        widest = max(free, key=self.catalogue.distinct)
        values[key.relation, widest.number] *= grown / room

    def _is_level(self, column: Column) -> bool:
        if column.category in "BE":
            return True
        distinct = self.catalogue.distinct(column)
        rows = self.catalogue.tree_rows[column.relation]
        return column.category == "S" and distinct <= LEVELS and rows >= 2 * distinct

    def _elements(self, column: Column, values: Mapping[Place, float]) -> float:
        """Elements made of a tenant's key (`tenant:word`) become rarer as tenants become more."""
        return max(
            (
                values[column.relation, n]
                for n in column.made_of
                if (column.relation, n) in self.tenant.places
            ),
            default=1.0,
        )


def stored_distinct(stored: float, growth: float, rows_before: float, rows_after: float) -> float:
    """`stadistinct` after growth: the number of values, or minus their share of the rows above 10 %."""
    if stored == 0 or rows_before <= 0 or rows_after <= 0:
        return stored
    number = stored if stored > 0 else -stored * rows_before
    number = max(1.0, min(number * growth, rows_after))
    return -(number / rows_after) if number > UNSCALED_SHARE * rows_after else float(round(number))
