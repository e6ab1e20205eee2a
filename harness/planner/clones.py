"""Clones of the target's database: one at today's size, others at the size that the data will have."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from harness.config.settings import Settings
from harness.model.progress import Progress
from harness.planner.model import Index, Table, Way
from harness.target.target import Target
from harness.wires.statements import Query


class Clones:
    """Databases to plan on; addresses are connection strings of a superuser where the cluster is a copy.

    `scales` are factors over the lifted base, 1 first; `simulated` is False where rows were multiplied.
    """

    server_version: int
    tables: tuple[Table, ...]
    indexes: tuple[Index, ...]
    columns: Mapping[str, tuple[str, ...]]
    tenant: str
    tenant_from: str
    simulated: bool
    scales: tuple[int, ...]

    def now(self) -> str:
        """The address of the clone at today's size, vacuumed and analyzed; statements may run there."""
        raise NotImplementedError

    async def scaled(self, way: Way, scale: int) -> str:
        """The address of the clone at that size, made at the first call. Nothing may be executed there."""
        raise NotImplementedError

    @asynccontextmanager
    async def scaled_with(
        self, definitions: Sequence[str], way: Way, scale: int
    ) -> AsyncIterator[tuple[str, Mapping[str, str]]]:
        """A fresh clone with these indexes, at that size; the second value says why any was not built."""
        raise NotImplementedError
        yield


@asynccontextmanager
async def open_clones(
    target: Target, settings: Settings, queries: Sequence[Query], progress: Progress
) -> AsyncIterator[Clones]:
    """Clones of a running target's database, gone with the context; the target is not disturbed.

    `queries` tell which column names the tenant. Raises ServiceFailed where the database cannot be copied.
    """
    raise NotImplementedError
    yield
