"""A run without a load that never was: an exercise, its plans and indexes, for tests of reports."""

import msgspec

from harness.exercise.measurement import Asked, ExerciseMeasurement, RouteWork, Sent
from harness.exercise.model import Reached, Warmth
from harness.indexes.model import IndexesMeasurement, IndexWorth, Loss
from harness.model.policy import RouteClass, RoutePolicy
from harness.model.record import Record
from harness.plans.model import PlansMeasurement, RouteFacts, Suggestion
from tests.fakes import load_run
from tests.fakes.plans import (
    SCALES,
    SQL,
    STATEMENT,
    TABLES,
    index_scan,
    measurement,
    node,
    plans,
    policy,
    repeat,
    request,
    seq_scan,
    statement,
)

LOOKUP = "10c0ffee0002"
LOOKUP_SQL = "SELECT id FROM lines WHERE token = 'very-secret' AND id < 41 AND note <> '<b>bold</b>'"
OPERATIONS = ("GET /orders", "GET /orders/{order_id}", "DELETE /orders/{order_id}")


def grown(scale: int):
    """Reads the whole table: the fault."""
    return node("Limit", seq_scan(cost=5_000.0 * scale, rows=10.0 * scale, filter="(code = 'x'::text)"),
                cost=5_000.0 * scale, rows=10.0)  # fmt: skip


def found(_: int):
    """Finds it by an index: the repair."""
    return index_scan(cost=8.4, index_cond="(code = 'x'::text)")


def lookup(_: int):
    """What every route does first."""
    return index_scan("lines", index="lines_pkey", cost=2.5, index_cond="(token = 'very-secret'::text)")


def planned(tree=found, **changes) -> PlansMeasurement:
    """Two routes and one statement that both run; the third route was never answered."""
    values = {
        "tenant": "public.shops.shop_id",
        "tenant_from": "foreign keys",
        "routes": tuple(
            RouteFacts(route=name, looks_like=looks, pages_bounded=True, requests=3)
            for name, looks in zip(OPERATIONS, ("page", "point", "write"), strict=True)
        ),
        "statements": (
            statement(routes=OPERATIONS[:1]),
            statement(fingerprint=LOOKUP, sql=LOOKUP_SQL, routes=OPERATIONS[:2]),
        ),
        "requests": (
            request(repeat(), repeat_of(LOOKUP), times=4),
            request(repeat_of(LOOKUP), route=OPERATIONS[1], times=2),
            request(route=OPERATIONS[2], status=404),
        ),
        "plans": (*plans(tree), *plans(lookup, fingerprint=LOOKUP)),
        "took_s": {"read": 0.5, "plan": 6.0},
    } | changes
    return measurement(**values)


def repeat_of(fingerprint: str, count: int = 1):
    """Runs of another statement than the usual one."""
    return msgspec.structs.replace(repeat(count), fingerprint=fingerprint)


def exercised(**changes) -> ExerciseMeasurement:
    """Two of three operations were reached."""
    sent = Sent(fingerprint=STATEMENT, sql=SQL, least=1, most=1, requests=4)
    values = {
        "operations": (
            Reached(operation=OPERATIONS[0], reached=True, statuses={"200": 4}, looks_like="page"),
            Reached(operation=OPERATIONS[1], reached=True, statuses={"200": 2}, looks_like="point"),
            Reached(
                operation=OPERATIONS[2],
                reached=False,
                statuses={"404": 1},
                reason="no answer gave an order_id",
                looks_like="write",
            ),
        ),
        "routes": (
            RouteWork(operation=OPERATIONS[0], warmth=Warmth.COLD, requests=2, statements=(sent,)),
            RouteWork(
                operation=OPERATIONS[0],
                warmth=Warmth.WARM,
                requests=2,
                statements=(sent, msgspec.structs.replace(sent, fingerprint=LOOKUP)),
                commands=(Asked(name="GET", count=4, hits=3, misses=1),),
            ),
        ),
        "idle": (),
        "disagreements": (),
        "failures": (),
        "cut": (),
        "statements": 4213,
        "undecodable": {},
        "unwired": {},
        "wired": ("postgres",),
        "addressed": ("postgres",),
        "requests": 7,
        "answered": 6,
        "took_s": 3.2,
    } | changes
    return ExerciseMeasurement(**values)


def indexed(**changes) -> IndexesMeasurement:
    """One index that is missed, one that enforces, one that is dead weight."""
    loss = Loss(
        fingerprint=STATEMENT,
        sql=SQL,
        routes=OPERATIONS[:1],
        way="bigger",
        cost_before=8.4,
        cost_after=90_000.0,
        noticed=("plans/growth",),
    )
    worth = {"definition": "CREATE INDEX …", "size_bytes": 1_500_000, "tried": 2}
    values = {
        "server": "18",
        "simulated": True,
        "scales": SCALES,
        "tenant": "public.shops.shop_id",
        "tables": tuple(TABLES.values()),
        "rows": (),
        "worth": (
            IndexWorth(name="orders_idle_idx", table="orders", enforces=False, **worth),
            IndexWorth(name="orders_number_key", table="orders", enforces=True, **worth),
            IndexWorth(name="orders_code_idx", table="orders", enforces=False, losses=(loss,), **worth),
        ),
        "foreign_keys": (),
        "deleted": (),
        "written": (),
        "reached": 2,
        "operations": 3,
    } | changes
    return IndexesMeasurement(**values)


def suggestion(definition: str = "CREATE INDEX orders_code_idx ON orders (shop_id, code)") -> Suggestion:
    """What would mend the fault."""
    return Suggestion(
        fingerprint=STATEMENT,
        definition=definition,
        size_bytes=4_000_000,
        cost_before=500_000.0,
        cost_after=8.4,
        exponent_after=0.0,
        gains=(LOOKUP,),
    )


def record(**measurements) -> Record:
    """A record of these measurements by their checks' names; of all three without any."""
    measured = measurements or {"exercise": exercised(), "plans": planned(), "indexes": indexed()}
    rules = msgspec.structs.replace(
        policy(
            RoutePolicy(route=OPERATIONS[0], route_class=RouteClass.PAGE, p95_ms=100.0, class_declared=True)
        ),
        operations=OPERATIONS,
    )
    return load_run.record(
        rules=rules,
        load=None,
        profile="change",
        measurements={name: msgspec.Raw(msgspec.json.encode(one)) for name, one in measured.items()},
    )
