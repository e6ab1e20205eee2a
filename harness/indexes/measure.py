"""Run the catalogue's rules on the copy, and plan every statement without each index; judges nothing."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final

import msgspec
from msgspec import Struct

from harness.config.settings import Settings
from harness.exercise.model import Exercise
from harness.indexes.catalogue import catalogue_rows, key_indexes
from harness.indexes.model import CatalogueRow, ForeignKeyCost, IndexesMeasurement, IndexWorth, Loss
from harness.model.progress import Progress
from harness.planner.candidates import foreign_key_index
from harness.planner.laboratory import Laboratory
from harness.planner.model import Index, Plan, Table, Way
from harness.planner.rules import violations
from harness.planner.rules.case import Case
from harness.planner.rules.wording import short_sql
from harness.planner.tree import walk
from harness.statements.cases import cases_of, settings_promises
from harness.statements.model import RouteFacts, StatementOfRoute
from harness.statements.reading import Reading, read
from harness.statements.steps import timed
from harness.target.target import Target
from harness.wires.model import Parameter
from harness.wires.statements import Binding, Query

WORSE: Final = 1.1
"""A rise of cost by less than a tenth is a tie between two indexes."""
MOST_LOSSES: Final = 5
MOST_FOREIGN_KEYS: Final = 20

Cell = tuple[str, Way, int, str, int, str]


class Planned(Struct, frozen=True, kw_only=True):
    """Statements with their routes and plans, with all indexes in place."""

    statements: tuple[StatementOfRoute, ...]
    routes: tuple[RouteFacts, ...]
    tables: tuple[Table, ...]
    indexes: tuple[Index, ...]
    plans: tuple[Plan, ...]


class Ground(Struct, frozen=True):
    """What every index is held against: the statements with their routes, and their plans as they are."""

    reading: Reading
    cases: tuple[Case, ...]
    plans: Mapping[Cell, Plan]


async def measure(
    target: Target, settings: Settings, exercise: Exercise, planner: Laboratory, progress: Progress
) -> IndexesMeasurement:
    """What the catalogue tells of the copy, what the live server counted, what each index is good for.

    The live server is only read; everything else happens in the laboratory.
    """
    took_s: dict[str, float] = {}
    with timed(took_s, "catalogue"):
        rows = await catalogue_rows(planner, target.services["postgres"])
    progress.stage(f"plan without each of {len(planner.indexes)} indexes")
    with timed(took_s, "without"):
        ground = await _ground(settings, exercise, planner)
        serving = await key_indexes(planner)
        worth = tuple([await _worth_of(index, ground, planner, serving) for index in planner.indexes])
    with timed(took_s, "foreign_keys"):
        foreign_keys = await _foreign_keys(rows, planner)
    changes = tuple(_changes(ground.plans.values()))
    return IndexesMeasurement(
        server=planner.server,
        simulated=planner.simulated,
        scales=planner.scales,
        tenant=planner.tenant,
        tables=planner.tables,
        rows=rows,
        worth=worth,
        foreign_keys=foreign_keys,
        deleted=_distinct(table for table, change in changes if change == "Delete"),
        written=_distinct(table for table, change in changes if change in {"Update", "Delete", "Merge"}),
        reached=sum(operation.reached for operation in exercise.operations),
        operations=len(exercise.operations),
        took_s=took_s,
    )


async def _ground(settings: Settings, exercise: Exercise, planner: Laboratory) -> Ground:
    reading = read(exercise, planner, settings)
    planned = await planner.plan(reading.queries)
    known = Planned(
        statements=reading.statements,
        routes=reading.routes,
        tables=planner.tables,
        indexes=planner.indexes,
        plans=planned.plans,
    )
    cases = cases_of(known, settings_promises(settings, known))
    return Ground(
        reading=reading,
        cases=tuple(case for case, lenient in cases if not lenient),
        plans={_cell(plan): plan for plan in planned.plans},
    )


async def _worth_of(
    index: Index, ground: Ground, planner: Laboratory, serving: Collection[tuple[str, str]]
) -> IndexWorth:
    """Plan all statements on the index's table without it, and see whose cost rises."""
    trial = await planner.without_index(index, ground.reading.queries)
    without = {_cell(plan): plan for plan in trial.plans}
    losses: dict[str, Loss] = {}
    for cell, plan in without.items():
        before = ground.plans.get(cell)
        if before is None or plan.root.cost <= WORSE * max(before.root.cost, 1.0):
            continue
        known = losses.get(plan.fingerprint)
        if known is None or plan.root.cost > known.cost_after:
            losses[plan.fingerprint] = _loss(plan, before, ground, known)
    dearest = sorted(losses.values(), key=lambda loss: loss.cost_after - loss.cost_before, reverse=True)
    noticed = [
        msgspec.structs.replace(loss, noticed=_noticed(loss.fingerprint, ground, without))
        for loss in dearest[:MOST_LOSSES]
    ]
    return IndexWorth(
        schema=index.schema,
        name=index.name,
        table=index.table,
        definition=index.definition,
        size_bytes=index.size_bytes,
        enforces=index.unique or index.primary or bool(index.constraint),
        serves_key=(index.schema, index.name) in serving,
        tried=len({plan.fingerprint for plan in trial.plans}),
        losses=tuple(noticed),
        failed="; ".join(dict.fromkeys(trial.failed.values())),
    )


def _loss(plan: Plan, before: Plan, ground: Ground, known: Loss | None) -> Loss:
    if known is not None:
        return msgspec.structs.replace(
            known, way=plan.way.value, cost_before=before.root.cost, cost_after=plan.root.cost
        )
    statement = next(one for one in ground.reading.statements if one.fingerprint == plan.fingerprint)
    return Loss(
        fingerprint=plan.fingerprint,
        sql=short_sql(statement.sql),
        routes=statement.routes or statement.after,
        way=plan.way.value,
        cost_before=before.root.cost,
        cost_after=plan.root.cost,
        noticed=(),
    )


def _noticed(fingerprint: str, ground: Ground, without: Mapping[Cell, Plan]) -> tuple[str, ...]:
    """The rules that fire on the statement without the index, and do not with it."""
    rules: dict[str, None] = {}
    for case in ground.cases:
        if case.fingerprint != fingerprint:
            continue
        worse = tuple(without.get(_cell(plan), plan) for plan in case.plans)
        before = {violation.rule for violation in violations(case) if violation.error}
        after = violations(msgspec.structs.replace(case, plans=worse))
        rules |= dict.fromkeys(one.rule for one in after if one.error and one.rule not in before)
    return tuple(rules)


async def _foreign_keys(rows: Iterable[CatalogueRow], planner: Laboratory) -> tuple[ForeignKeyCost, ...]:
    """What the server's own look-up behind each unindexed key costs, without and with an index."""
    costs = []
    wanted = [row for row in rows if row.rule == "unindexed_foreign_key" and row.columns]
    for row in wanted[:MOST_FOREIGN_KEYS]:
        columns = row.columns or ()
        taken = {index.name for index in planner.indexes}
        definition = foreign_key_index(row.relation, columns, schema=row.schema, taken=taken)
        lookup = _lookup(row, columns)
        before = _generic_cost((await planner.plan([lookup])).plans, planner.scales[-1])
        trial = await planner.with_indexes([definition], [lookup])
        after = _generic_cost(trial.plans, planner.scales[-1])
        if before and after:
            costs.append(
                ForeignKeyCost(
                    constraint=row.object,
                    definition=definition,
                    cost_without=before,
                    cost_with=after,
                    size_bytes=max(trial.sizes_bytes.values(), default=0),
                )
            )
    return tuple(costs)


def _lookup(row: CatalogueRow, columns: Sequence[str]) -> Query:
    """The statement that Postgres runs for each deleted row of the referenced table (ri_triggers.c)."""
    quoted = [column.replace('"', '""') for column in columns]
    table = f'"{row.schema}"."{row.relation}"'
    where = " AND ".join(f'"{column}" = ${number}' for number, column in enumerate(quoted, 1))
    return Query(
        fingerprint=f"foreign-key-{row.object}",
        sql=f"SELECT 1 FROM ONLY {table} AS child WHERE {where} FOR KEY SHARE OF child",  # noqa: S608 - names are quoted
        user="",
        bindings=(Binding(label="real", parameters=tuple(Parameter(value=None) for _ in columns)),),
    )


def _generic_cost(plans: Iterable[Plan], scale: int) -> float:
    """The dearest generic plan at the greatest scale, in planner units; 0 where there is none."""
    costs = (p.root.cost for p in plans if p.binding == "generic" and p.scale == scale)
    return max(costs, default=0.0)


def _changes(plans: Iterable[Plan]) -> Iterator[tuple[str, str]]:
    """(table, Insert, Update, Delete or Merge) of everything that the plans would change."""
    for plan in plans:
        yield from ((n.relation, n.strategy) for n in walk(plan.root) if n.kind == "ModifyTable")


def _cell(plan: Plan) -> Cell:
    return plan.fingerprint, plan.way, plan.scale, plan.binding, plan.number, plan.within


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))
