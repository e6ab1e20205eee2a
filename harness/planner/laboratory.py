"""The place where statements are planned: a copy of the target's cluster, and clones of its database.

Nothing here touches the target: the copy is taken once, over the replication protocol.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib.resources import files
from itertools import product
from typing import Any, Final

import psycopg
from msgspec import Struct
from psycopg.rows import dict_row

from harness.config.settings import Settings
from harness.model.progress import Progress
from harness.planner.clones import Clones, open_clones
from harness.planner.explain import Explainer
from harness.planner.functions import bodies
from harness.planner.hiding import NotHiddenError, hidden, sizes
from harness.planner.literals import bound
from harness.planner.model import Index, Plan, Table, Unplanned, Way
from harness.planner.parameters import Known, further_bindings, known_values
from harness.planner.questions import Question, questions
from harness.planner.syntax import read_syntax
from harness.planner.tree import relations
from harness.target.target import Target
from harness.wires.statements import Query

WAYS: Final = (Way.MORE, Way.BIGGER)


class Planned(Struct, frozen=True, kw_only=True):
    """Plans of many statements, and those that could not be explained."""

    plans: tuple[Plan, ...]
    unplanned: tuple[Unplanned, ...] = ()


class Trial(Struct, frozen=True, kw_only=True):
    """What plans become with other indexes: `sizes_bytes` of the new ones at the greatest scale.

    `failed` has reasons: of an index that could not be built by its definition, of a statement that
    cannot run without an index (ON CONFLICT) by its fingerprint, of an index that the server does not let us
    hide by its name. Statements that do not touch the
    table have no plans in a trial that hides an index: theirs stay what they are.
    """

    plans: tuple[Plan, ...]
    sizes_bytes: Mapping[str, int] = {}
    failed: Mapping[str, str] = {}


class Laboratory:
    """Clones of the target's database, at 1x and scaled. `simulated` is False where rows were multiplied."""

    tables: tuple[Table, ...]
    indexes: tuple[Index, ...]
    scales: tuple[int, ...]
    columns: Mapping[str, tuple[str, ...]]
    """Column names by table: what read_syntax asks for."""
    tenant: str
    """`schema.table.column` of the tenants' key, or the bare column's name; empty where none was found."""
    tenant_from: str
    """How it was found: configuration, statements, foreign keys, or nothing."""
    simulated: bool
    server: str

    def __init__(self, clones: Clones) -> None:
        self.tables, self.indexes, self.scales = clones.tables, clones.indexes, clones.scales
        self.tenant, self.tenant_from = clones.tenant, clones.tenant_from
        self.simulated = clones.simulated
        self.server = spelled_version(clones.server_version)
        self.columns = clones.columns
        self._clones = clones
        self._schemas = schemas_known_once(clones.tables)
        self._names = frozenset(name for names in clones.columns.values() for name in names)
        self._questions: dict[str, tuple[Question, ...]] = {}
        self._touched: dict[str, frozenset[str]] = {}
        self._known: Known | None = None
        self._turn = asyncio.Lock()
        self._planned: list[tuple[tuple[Query, ...], Planned]] = []

    async def plan(self, queries: Sequence[Query]) -> Planned:
        """Plan every statement now and, in both ways, at every scale: real, common, rare, absent, generic.

        The clones do not change, so the same statements have the same answer: they are planned once.
        """
        whole = tuple(queries)
        for known, planned in self._planned:
            if known == whole:
                return planned
        planned = await self._plan_all(whole)
        self._planned.append((whole, planned))
        return planned

    async def _plan_all(self, queries: Sequence[Query]) -> Planned:
        asked = await self._asked(queries)
        scenes = [(self._clones.now(), Way.NOW, 1)]
        scenes += [
            (await self._clones.scaled(way, scale), way, scale) for way in WAYS for scale in self.scales
        ]
        async with self._turn:
            answers = await asyncio.gather(
                *(asyncio.to_thread(self._plan, address, asked, way, scale) for address, way, scale in scenes)
            )
        planned = put_together(answers)
        self._note_tables(planned.plans)
        return planned

    async def execute(self, queries: Sequence[Query]) -> Planned:
        """EXPLAIN ANALYZE without timing, with buffers, at 1x on real rows, rolled back; real bindings."""
        asked = [question for question in await self._asked(queries) if question.real]
        async with self._turn:
            return put_together([await asyncio.to_thread(self._execute, self._clones.now(), asked)])

    async def with_indexes(
        self, definitions: Sequence[str], queries: Sequence[Query], scales: Sequence[int] = ()
    ) -> Trial:
        """Plan in both ways at these scales, else the greatest, with these indexes built before scaling."""
        asked = await self._asked(queries)
        plans: list[Plan] = []
        failed: dict[str, str] = {}
        measured: dict[str, int] = {}
        known = {(index.schema, index.name) for index in self.indexes}
        for way, scale in product(WAYS, scales or self.scales[-1:]):
            async with (
                self._turn,
                self._clones.scaled_with(definitions, way, scale) as (address, reasons),
            ):
                answers = await asyncio.to_thread(self._plan, address, asked, way, scale)
                plans += [answer for answer in answers if isinstance(answer, Plan)]
                failed |= reasons
                for name, size_bytes in (await asyncio.to_thread(sizes, address, known)).items():
                    measured[name] = max(size_bytes, measured.get(name, 0))
        return Trial(plans=tuple(plans), sizes_bytes=measured, failed=failed)

    async def without_index(self, index: Index, queries: Sequence[Query]) -> Trial:
        """Plan at every scale in both ways, with the index hidden from the planner for a while."""
        touching = [q for q in queries if index.table in self._touched.get(q.fingerprint, {index.table})]
        asked = await self._asked(touching)
        scenes = [
            (await self._clones.scaled(way, scale), way, scale) for way in WAYS for scale in self.scales
        ]
        async with self._turn:
            try:
                answers = await asyncio.gather(
                    *(asyncio.to_thread(self._hide, scene[0], index, asked, *scene[1:]) for scene in scenes)
                )
            except NotHiddenError as error:
                return Trial(plans=(), failed={index.name: str(error)})
        planned = put_together(answers)
        return Trial(
            plans=planned.plans, failed={missing.fingerprint: missing.reason for missing in planned.unplanned}
        )

    async def rows(self, sql: bytes) -> list[dict[str, Any]]:
        """What a read-only statement gives on the clone at 1x; usage counters are the live server's alone."""
        connection = await psycopg.AsyncConnection.connect(self._clones.now(), row_factory=dict_row)
        async with connection:
            await connection.set_read_only(True)
            return await (await connection.execute(sql)).fetchall()

    async def _asked(self, queries: Sequence[Query]) -> list[Question]:
        """The questions of these statements, and of the functions that they call; made once."""
        new = [query for query in queries if query.fingerprint not in self._questions]
        if new:
            if self._known is None:
                subject = files("harness.planner").joinpath("column_values.sql")
                self._known = known_values(await self.rows(subject.read_bytes()))
            for query in new:
                bindable = bound(query)
                syntax = read_syntax(bindable.sql, self._clones.columns)
                further = further_bindings(bindable.bindings[0], syntax, self._known)
                self._questions[query.fingerprint] = tuple(questions(query, further))
            outer = [question for query in new for question in self._questions[query.fingerprint]]
            async with self._turn:
                inner = await asyncio.to_thread(bodies, self._clones.now(), outer, self._names)
            for question in inner:
                self._questions[question.fingerprint] += (question,)
        return [question for query in queries for question in self._questions[query.fingerprint]]

    def _plan(self, address: str, asked: Sequence[Question], way: Way, scale: int) -> list[Plan | Unplanned]:
        with Explainer(address, self._schemas) as explainer:
            return list(explainer.plan(asked, way, scale))

    def _execute(self, address: str, asked: Sequence[Question]) -> list[Plan | Unplanned]:
        with Explainer(address, self._schemas) as explainer:
            return list(explainer.execute(asked))

    def _hide(
        self, address: str, index: Index, asked: Sequence[Question], way: Way, scale: int
    ) -> list[Plan | Unplanned]:
        with hidden(address, index):
            return self._plan(address, asked, way, scale)

    def _note_tables(self, plans: Iterable[Plan]) -> None:
        for plan in plans:
            before = self._touched.get(plan.fingerprint, frozenset())
            self._touched[plan.fingerprint] = before | relations(plan.root)


def put_together(answers: Iterable[Iterable[Plan | Unplanned]]) -> Planned:
    """Answers of many clones; a statement that has no plan is told once per reason."""
    told = [answer for some in answers for answer in some]
    return Planned(
        plans=tuple(answer for answer in told if isinstance(answer, Plan)),
        unplanned=tuple(dict.fromkeys(answer for answer in told if isinstance(answer, Unplanned))),
    )


def schemas_known_once(tables: Iterable[Table]) -> dict[str, str]:
    """The schema of every table whose name no other schema has."""
    listed = list(tables)
    count = Counter(table.name for table in listed)
    return {table.name: table.schema for table in listed if count[table.name] == 1}


def spelled_version(number: int) -> str:
    """`18.4` of 180004."""
    return f"{number // 10_000}.{number % 10_000}"


@asynccontextmanager
async def laboratory(
    target: Target, settings: Settings, queries: Sequence[Query], progress: Progress
) -> AsyncIterator[Laboratory]:
    """The laboratory of a running target; its clusters and files are gone afterwards.

    `queries` tell which column names the tenant. Raises ServiceFailed where the database cannot be copied.
    """
    async with open_clones(target, settings, queries, progress) as clones:
        yield Laboratory(clones)
