"""Clones of the target's database: one at today's size, others at the size that the data will have."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final
from uuid import uuid4

from harness.config.settings import Settings
from harness.errors import ServiceFailed
from harness.model.progress import Progress
from harness.planner.catalogue import Catalogue, read_catalogue
from harness.planner.copy import ClusterCopy
from harness.planner.databases import Databases, at, build, connect, database_of, vacuum
from harness.planner.dump import copy_database
from harness.planner.growth import Growth
from harness.planner.model import Index, Table, Way
from harness.planner.multiply import MOST_ROWS, multiply
from harness.planner.scaling import scale_statistics
from harness.planner.sparse import extend_files
from harness.planner.tenants import Domains, find_tenant, written_tables
from harness.target.target import Target
from harness.wires.statements import Query

EMBEDDED: Final = "embedded"


class Clones:
    """Databases to plan on; addresses are connection strings of a superuser where the cluster is a copy.

    `scales` are factors over the lifted base, 1 first: with a lift of 20, scale 1 has twenty times
    today's rows. `lift` is 1 where today's data is large enough. `simulated` is False where rows were
    multiplied, `data` then None. Scaled clones must not be executed on, vacuumed or analyzed.
    """

    def __init__(
        self, databases: Databases, base: str, data: Path | None, growth: Growth, server_version: int
    ) -> None:
        self._databases = databases
        self._base = base
        self._data = data
        self._growth = growth
        self._scaled: dict[tuple[Way, int], str] = {}
        self._now = ""
        self._making = asyncio.Lock()
        catalogue = growth.catalogue
        self.server_version = server_version
        self.simulated = data is not None
        self.tenant = growth.tenant.column
        self.tenant_from = growth.tenant.how
        self.indexes = indexes(catalogue)
        self.columns: Mapping[str, tuple[str, ...]] = {
            relation.name: tuple(column.name for column in catalogue.columns_of[relation.oid])
            for relation in catalogue.relations
        }
        self.lift, self.scales = bounds(growth, simulated=self.simulated)
        self.tables = tables(catalogue, growth, self.lift)

    async def open(self) -> None:
        """Make the clone at today's size."""
        self._now = at(self._databases.admin, await self._databases.clone(self._base))

    def now(self) -> str:
        """The address of the clone at today's size, vacuumed and analyzed; statements may run there."""
        return self._now

    async def scaled(self, way: Way, scale: int) -> str:
        """The address of the clone at that size, made at the first call. Nothing may be executed there."""
        if way is Way.NOW:
            return self._now
        async with self._making:
            address = self._scaled.get((way, scale))
            if address is None:
                address = at(self._databases.admin, await self._databases.clone(self._base))
                await self._scale(address, way, scale)
                self._scaled[way, scale] = address
        return address

    @asynccontextmanager
    async def scaled_with(
        self, definitions: Sequence[str], way: Way, scale: int
    ) -> AsyncIterator[tuple[str, Mapping[str, str]]]:
        """A fresh clone with these indexes, at that size; the second value says why any was not built."""
        async with self._making:
            name = await self._databases.clone(self._base)
        address = at(self._databases.admin, name)
        try:
            failed = await build(address, definitions)
            if way is not Way.NOW:
                await self._scale(address, way, scale)
            yield address, failed
        finally:
            await self._databases.drop(name)

    @asynccontextmanager
    async def loaded(self, way: Way, scale: int) -> AsyncIterator[str]:
        """A fresh clone of that size whose rows are really there: what predictions are compared with."""
        async with self._making:
            name = await self._databases.clone(self._base)
        address = at(self._databases.admin, name)
        try:
            async with await connect(address) as connection:
                await multiply(connection, self._growth, way, self.lift * scale)
            yield address
        finally:
            await self._databases.drop(name)

    async def _scale(self, address: str, way: Way, scale: int) -> None:
        factor = self.lift * scale
        async with await connect(address) as connection:
            if self._data is None:
                await multiply(connection, self._growth, way, factor)
                return
            extents = await scale_statistics(connection, self._growth, way, factor)
        await asyncio.to_thread(extend_files, self._data, extents)


def bounds(growth: Growth, *, simulated: bool) -> tuple[int, tuple[int, ...]]:
    """The lift, and the scales that fit: where rows are really multiplied, as many as MOST_ROWS allows."""
    scales = (1, *sorted(set(growth.scales)))
    if simulated:
        return growth.lift, scales
    today = sum(growth.catalogue.by_oid[oid].rows for oid in growth.catalogue.by_oid)

    def rows(factor: int) -> float:
        return max(
            sum(each.rows * growth.sizes(way, factor).rows[each.oid] for each in growth.catalogue.relations)
            for way in (Way.MORE, Way.BIGGER)
        )

    fitting = tuple(scale for scale in scales if scale == 1 or rows(scale) <= max(MOST_ROWS, today))
    lift = growth.lift
    while lift > 1 and rows(lift * fitting[-1]) > MOST_ROWS:
        lift //= 2
    return max(1, lift), fitting


def tables(catalogue: Catalogue, growth: Growth, lift: int) -> tuple[Table, ...]:
    """The tables at today's size, with what a scale of 10 does to each."""
    held = {
        place[0]: catalogue.column[place].name
        for place in sorted(growth.tenant.places)
        if place in catalogue.column
    }
    return tuple(
        Table(
            schema=each.schema,
            name=each.name,
            rows=round(catalogue.tree_rows[each.oid]),
            size_bytes=each.size_bytes,
            tenant_column=held.get(each.oid, ""),
            lift=float(lift),
            growth={
                way: max(1, round(growth.sizes(way, 10).rows[each.oid])) for way in (Way.MORE, Way.BIGGER)
            },
        )
        for each in catalogue.relations
    )


def indexes(catalogue: Catalogue) -> tuple[Index, ...]:
    """The indexes at today's size."""
    return tuple(
        Index(
            schema=each.schema,
            name=each.name,
            table=each.table,
            columns=each.columns,
            included=each.included,
            method=each.method,
            unique=each.unique,
            primary=each.primary,
            constraint=each.constraint,
            partial=each.partial,
            definition=each.definition,
            size_bytes=each.size_bytes,
        )
        for each in catalogue.indexes
    )


@asynccontextmanager
async def open_clones(
    target: Target,
    settings: Settings,
    queries: Sequence[Query],
    progress: Progress,
    *,
    rewritten: bool = False,
) -> AsyncIterator[Clones]:
    """Clones of a running target's database, gone with the context; the target is not disturbed.

    `queries` tell which column names the tenant; `rewritten` has tables and indexes written anew, for
    comparison with loaded ones, which are as dense as new ones are. Raises ServiceFailed where the
    database cannot be copied, ConfigurationError where [growth] names a column that is not there.
    """
    source = target.services.get("postgres")
    if source is None:
        raise ServiceFailed("The target has no Postgres that could be copied; see [services.postgres]")
    async with AsyncExitStack() as stack:
        databases, base, data = await ground(target, source, stack, progress)
        address = at(databases.admin, base)
        progress.stage("planner: vacuuming the copy")
        await vacuum(address, full=rewritten)
        async with await connect(address) as connection:
            catalogue = await read_catalogue(connection)
            version = connection.info.server_version
        domains = Domains(catalogue)
        tenant = find_tenant(catalogue, domains, queries, settings.growth.tenant)
        growth = Growth(catalogue, domains, tenant, written_tables(queries), settings.growth)
        clones = Clones(databases, base, data, growth, version)
        await clones.open()
        yield clones


async def ground(
    target: Target, source: str, stack: AsyncExitStack, progress: Progress
) -> tuple[Databases, str, Path | None]:
    """Where clones are made: the server's databases, the template's name, its data folder if ours."""
    name = database_of(source)
    if target.providers.get("postgres") == EMBEDDED:
        progress.stage("planner: copying the cluster")
        copy = ClusterCopy(target.site, source, target.versions["postgres"])
        stack.push_async_callback(copy.stop)
        address = await copy.start()
        return Databases(at(address, "postgres"), "harness_clone_"), name, copy.data
    progress.stage("planner: copying the database")
    databases = Databases(source, f"harness_{uuid4().hex[:8]}_")
    stack.push_async_callback(databases.drop_all)
    return databases, await copy_database(target.site, databases, source), None
