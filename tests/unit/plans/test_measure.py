"""What is measured: statements with their routes, without the drivers' own, and telling plans."""

from harness.config.settings import Settings
from harness.exercise.model import Exercise, Idle, Reached
from harness.model.progress import Silent
from harness.planner.laboratory import Planned
from harness.planner.rules.case import Syntax
from harness.plans.measure import measure, telling
from harness.statements.reading import asks_catalogue
from harness.wires.statements import Binding, Query
from tests.fakes.plans import SCALES, TABLES, index_scan, plans, seq_scan

ORDERS = Query(fingerprint="a", sql="SELECT id FROM orders", user="", bindings=(Binding("real", ()),))
TYPES = Query(fingerprint="b", sql="SELECT oid FROM pg_type", user="", bindings=(Binding("real", ()),))


class NoServer:
    """A laboratory whose every plan is an index scan."""

    tables = tuple(TABLES.values())
    indexes = ()
    scales = SCALES
    tenant, tenant_from, simulated, server = "shop_id", "statements", True, "18"

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.columns: dict[str, tuple[str, ...]] = {}

    async def plan(self, queries):
        self.asked = [query.fingerprint for query in queries]
        return Planned(plans=plans(lambda _: index_scan(), fingerprint="a"))

    async def execute(self, queries):
        return Planned(plans=())


async def test_a_drivers_look_into_the_catalogue_is_not_planned() -> None:
    laboratory = NoServer()
    exercise = Exercise(
        operations=(Reached(operation="GET /orders", reached=True, looks_like="page"),),
        windows=(),
        queries=(ORDERS, TYPES),
        idle=(Idle(fingerprint="a", sql=ORDERS.sql, count=3, watched_s=3.0),),
        statements=5,
    )
    settings = Settings.model_validate(
        {"target": {"name": "t", "openapi": "x", "base_url": "http://localhost"}}
    )
    measured = await measure(settings, exercise, laboratory, Silent())
    assert laboratory.asked == ["a"]
    assert [(one.fingerprint, one.idle) for one in measured.statements] == [("a", True)]
    assert (measured.wire_silent, measured.suggestions) == (False, ())
    assert set(measured.took_s) == {"read", "plan", "execute", "suggest"}


def test_catalogue_statements_are_known_by_their_tables() -> None:
    assert asks_catalogue("", Syntax(kind="select", tables=("pg_class", "pg_type")))
    assert asks_catalogue(
        "SELECT 1 FROM information_schema.tables", Syntax(kind="select", tables=("tables",))
    )
    assert not asks_catalogue("", Syntax(kind="select", tables=("pg_type", "orders")))
    assert not asks_catalogue("SELECT 1", Syntax(kind="select"))


def test_what_a_driver_asks_in_words_that_no_parser_reads_is_none_of_the_targets() -> None:
    asked = "WITH RECURSIVE tree AS (SELECT t.oid FROM pg_catalog.pg_type AS t) SELECT tree[1] FROM tree"
    assert asks_catalogue(asked, Syntax(kind="select", parsed=False))
    assert not asks_catalogue(asked, Syntax(kind="select", tables=("orders",), parsed=False))
    assert not asks_catalogue("SELECT odd FROM orders", Syntax(kind="select", parsed=False))
    assert asks_catalogue("SELECT pg_advisory_unlock_all()", Syntax(kind="select"))


def test_guessed_values_are_kept_where_their_plans_differ() -> None:
    real = plans(lambda _: index_scan())
    same = plans(lambda _: index_scan(cost=8.01), binding="common")
    other = plans(lambda _: seq_scan(), binding="rare")
    assert {plan.binding for plan in telling((*real, *same, *other))} == {"real", "rare"}
