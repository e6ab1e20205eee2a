"""Statements planned at the size that the data will have, with and without indexes, on a real cluster."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar

import psycopg
import pytest
from msgspec import structs

from harness.config.settings import ServiceSettings, Settings, TargetSettings
from harness.model.policy import RouteClass
from harness.model.progress import Silent
from harness.planner.laboratory import Laboratory, laboratory
from harness.planner.model import Plan, Way
from harness.planner.rules.case import Case
from harness.planner.rules.curves import growth_of
from harness.planner.suggest import Want, suggest
from harness.planner.syntax import read_syntax
from harness.planner.tree import indexes, walk
from harness.target.services.postgres import EmbeddedPostgres
from harness.target.target import Target
from harness.wires.model import Parameter
from harness.wires.statements import Binding, Query

T = TypeVar("T")
SCHEMA = (Path(__file__).parent / "shop.sql").read_text()
INT8 = 20
TENANT = Parameter(b"2", oid=INT8)


def query(fingerprint: str, sql: str, *parameters: Parameter) -> Query:
    return Query(fingerprint=fingerprint, sql=sql, user="postgres", bindings=(Binding("real", parameters),))


BY_KEY = query(
    "key", "SELECT total FROM orders WHERE tenant_id = $1 AND id = $2", TENANT, Parameter(b"77", oid=INT8)
)
BY_EMAIL = query("email", "SELECT id FROM orders WHERE email = $1", Parameter(b"user5@example.com"))
BY_STATE = query(
    "state",
    "SELECT id FROM orders WHERE tenant_id = $1 AND total = $2 ORDER BY id LIMIT $3",
    TENANT,
    Parameter(b"13", oid=23),
    Parameter(b"20", oid=INT8),
)
WRITE = query(
    "write", "INSERT INTO tenants VALUES ($1, 'new') ON CONFLICT (id) DO NOTHING", Parameter(b"9", oid=INT8)
)
BY_LOWER = query(
    "lower",
    "SELECT id FROM orders WHERE tenant_id = $1 AND lower(email) = $2",
    TENANT,
    Parameter(b"user4@example.com"),
)
BROKEN = query("broken", "SELECT missing FROM orders")
QUERIES = (BY_KEY, BY_EMAIL, BY_STATE, BY_LOWER, WRITE, BROKEN)


class Bench:
    """A laboratory on a loop of its own, for all tests of this module."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.opened: Future[Laboratory] = Future()
        self.over = asyncio.Event()

    def run(self, work: Callable[[Laboratory], Awaitable[T]]) -> T:
        async def asked() -> T:
            return await work(self.opened.result())

        return asyncio.run_coroutine_threadsafe(asked(), self.loop).result(timeout=120)


@asynccontextmanager
async def a_laboratory(open_site: Callable, logs: Path):
    async with open_site(logs) as place:
        server = EmbeddedPostgres(place, ServiceSettings(version="18"))
        address = await server.start()
        async with await psycopg.AsyncConnection.connect(address, autocommit=True) as connection:
            await connection.execute(SCHEMA)
            await connection.execute("ALTER DATABASE target SET work_mem = '64kB'")
        target = SimpleNamespace(
            services={"postgres": address},
            providers={"postgres": "embedded"},
            versions={"postgres": server.version},
            site=place,
        )
        settings = Settings(target=TargetSettings(name="shop", openapi="-"))
        async with laboratory(as_target(target), settings, QUERIES, Silent()) as opened:
            yield opened


def as_target(stand_in: Any) -> Target:
    """The planner asks a target for its services and its site, and for nothing else."""
    return stand_in


@pytest.fixture(scope="module")
def bench(session_site: Callable, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    made = Bench()
    logs = tmp_path_factory.mktemp("laboratory")

    async def hold() -> None:
        try:
            async with a_laboratory(session_site, logs) as opened:
                made.opened.set_result(opened)
                await made.over.wait()
        except BaseException as error:
            if made.opened.done():
                raise
            made.opened.set_exception(error)
            await made.over.wait()

    thread = threading.Thread(target=made.loop.run_until_complete, args=(hold(),), daemon=True)
    thread.start()
    try:
        made.opened.result(timeout=120)
        yield made
    finally:
        made.loop.call_soon_threadsafe(made.over.set)
        thread.join(timeout=60)
        made.loop.close()


def chosen(plans: tuple[Plan, ...], fingerprint: str, way: Way, scale: int, binding: str = "real") -> Plan:
    return next(
        plan
        for plan in plans
        if (plan.fingerprint, plan.way, plan.scale, plan.binding) == (fingerprint, way, scale, binding)
    )


def test_every_statement_is_planned_now_and_at_every_scale_in_both_ways(bench: Bench) -> None:
    planned = bench.run(lambda opened: opened.plan(QUERIES))
    sizes = {(plan.way, plan.scale) for plan in planned.plans if plan.fingerprint == "key"}
    assert sizes == {(Way.NOW, 1)} | {(way, n) for way in (Way.MORE, Way.BIGGER) for n in (1, 10, 100)}
    bindings = {plan.binding for plan in planned.plans if plan.fingerprint == "key"}
    assert bindings == {"real", "common", "rare", "absent", "generic"}
    assert [(missing.fingerprint, missing.reason) for missing in planned.unplanned] == [
        ("broken", 'column "missing" does not exist')
    ]


def test_a_filter_without_an_index_costs_more_with_bigger_tenants_and_a_key_does_not(bench: Bench) -> None:
    plans = bench.run(lambda opened: opened.plan(QUERIES)).plans
    keyed, filtered = (
        chosen(plans, name, Way.BIGGER, 100).root.cost / chosen(plans, name, Way.BIGGER, 1).root.cost
        for name in ("key", "lower")
    )
    assert keyed < 1.5
    assert filtered > 10


def test_what_is_set_for_the_targets_database_holds_for_its_clones(bench: Bench) -> None:
    sorting = query("sort", "SELECT * FROM orders ORDER BY total, email")
    planned = bench.run(lambda opened: opened.execute((sorting,)))
    assert any(node.actual.sort_disk for node in walk(planned.plans[0].root) if node.actual)


def test_executed_plans_count_what_they_did(bench: Bench) -> None:
    planned = bench.run(lambda opened: opened.execute((BY_STATE, WRITE)))
    ran = next(plan for plan in planned.plans if plan.fingerprint == "state")
    assert ran.root.actual is not None
    assert sum(node.actual.removed for node in walk(ran.root) if node.actual) > 0
    assert planned.unplanned == ()


def test_hiding_an_index_changes_the_plans_that_used_it_and_no_other_and_is_undone(bench: Bench) -> None:
    async def work(opened: Laboratory):
        before = await opened.plan((BY_KEY, BY_EMAIL))
        index = next(index for index in opened.indexes if index.name == "orders_email_idx")
        hidden = await opened.without_index(index, (BY_KEY, BY_EMAIL))
        return before, hidden, await opened.plan((BY_KEY, BY_EMAIL))

    before, hidden, after = bench.run(work)
    assert indexes(chosen(before.plans, "email", Way.MORE, 100).root) == {"orders_email_idx"}
    assert all("orders_email_idx" not in indexes(plan.root) for plan in hidden.plans)
    assert {plan.fingerprint for plan in hidden.plans} == {"key", "email"}
    assert before == after


def test_a_statement_that_cannot_run_without_an_index_is_told(bench: Bench) -> None:
    async def work(opened: Laboratory):
        index = next(index for index in opened.indexes if index.name == "tenants_pkey")
        return await opened.without_index(index, QUERIES)

    trial = bench.run(work)
    assert "ON CONFLICT" in trial.failed["write"]


def test_an_index_is_built_before_scaling_and_one_that_cannot_be_is_told(bench: Bench) -> None:
    good = "CREATE INDEX orders_total_idx ON orders (tenant_id, total)"
    bad = "CREATE INDEX orders_gone_idx ON orders (gone)"
    trial = bench.run(lambda opened: opened.with_indexes((good, bad), (BY_STATE,)))
    assert set(trial.failed) == {bad}
    assert trial.sizes_bytes["orders_total_idx"] > 10_000_000
    assert "orders_total_idx" in indexes(chosen(trial.plans, "state", Way.BIGGER, 100).root)


def test_what_mends_a_statement_is_suggested_with_its_size_and_its_gain(bench: Bench) -> None:
    async def work(opened: Laboratory):
        planned = await opened.plan(QUERIES)
        case = Case(
            route="GET /orders",
            route_class=RouteClass.PAGE,
            declared=True,
            whole=False,
            pages_bounded=True,
            fingerprint="state",
            sql=BY_STATE.sql,
            syntax=read_syntax(BY_STATE.sql, {"orders": ("tenant_id", "id", "total")}),
            plans=tuple(plan for plan in planned.plans if plan.fingerprint == "state"),
            tables={table.name: table for table in opened.tables},
            indexes=opened.indexes,
        )

        def mends(after: Case) -> bool:
            slope = growth_of(after, Way.BIGGER)
            return slope is not None and slope.exponent < 0.3

        want = Want(case=case, tables=("orders",))
        kept = await suggest(opened, (want,), QUERIES, planned.plans, mends)
        return case, kept, await suggest(opened, (want,), QUERIES, planned.plans, lambda after: False)

    case, kept, none = bench.run(work)
    (remedy,) = kept
    assert remedy.definitions == (
        "CREATE INDEX orders_tenant_id_total_id_idx ON orders (tenant_id, total, id)",
    )
    assert remedy.cost_after < remedy.cost_before / 10
    assert remedy.size_bytes > 10_000_000
    assert remedy.loses == ()
    assert structs.asdict(remedy)["fingerprint"] == case.fingerprint
    assert none == ()


def test_rows_are_read_on_todays_data(bench: Bench) -> None:
    rows = bench.run(lambda opened: opened.rows(b"SELECT count(*) AS orders FROM orders"))
    assert rows == [{"orders": 30_000}]
