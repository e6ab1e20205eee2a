"""The place where statements are planned: a copy of the target's cluster, and clones of its database.

Nothing here touches the target: the copy is taken once, over the replication protocol.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from msgspec import Struct

from harness.config.settings import Settings
from harness.model.progress import Progress
from harness.planner.model import Index, Plan, Table, Unplanned
from harness.target.target import Target
from harness.wires.statements import Query


class Planned(Struct, frozen=True, kw_only=True):
    """Plans of many statements, and those that could not be explained."""

    plans: tuple[Plan, ...]
    unplanned: tuple[Unplanned, ...] = ()


class Trial(Struct, frozen=True, kw_only=True):
    """What plans become with other indexes: `sizes_bytes` of the new ones at the greatest scale."""

    plans: tuple[Plan, ...]
    sizes_bytes: Mapping[str, int] = {}
    failed: Mapping[str, str] = {}


class Laboratory:
    """Clones of the target's database, at 1x and scaled. `simulated` is False where rows were multiplied."""

    tables: tuple[Table, ...]
    indexes: tuple[Index, ...]
    scales: tuple[int, ...]
    tenant: str
    """`schema.table.column` of the tenants' key, or the bare column's name; empty where none was found."""
    tenant_from: str
    """How it was found: configuration, statements, foreign keys, or nothing."""
    simulated: bool
    server: str

    async def plan(self, queries: Sequence[Query]) -> Planned:
        """Plan every statement now and, in both ways, at every scale: real, common, rare, absent, generic."""
        raise NotImplementedError

    async def execute(self, queries: Sequence[Query]) -> Planned:
        """EXPLAIN ANALYZE without timing, with buffers, at 1x on real rows, rolled back; real bindings."""
        raise NotImplementedError

    async def with_indexes(self, definitions: Sequence[str], queries: Sequence[Query]) -> Trial:
        """Plan at the greatest scale in both ways, with these indexes built before scaling."""
        raise NotImplementedError

    async def without_index(self, index: Index, queries: Sequence[Query]) -> Trial:
        """Plan at the greatest scale in both ways, with the index dropped; rolled back."""
        raise NotImplementedError

    async def rows(self, sql: bytes) -> list[dict[str, Any]]:
        """What a read-only statement gives on the clone at 1x; usage counters are the live server's alone."""
        raise NotImplementedError


@asynccontextmanager
async def laboratory(
    target: Target, settings: Settings, queries: Sequence[Query], progress: Progress
) -> AsyncIterator[Laboratory]:
    """The laboratory of a running target; its clusters and files are gone afterwards.

    `queries` tell which column names the tenant. Raises ServiceFailed where the database cannot be copied.
    """
    raise NotImplementedError
    yield
