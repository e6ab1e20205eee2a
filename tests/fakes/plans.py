"""Statements that never were: plans at every size, requests and their work, for tests of rules and judges."""

from collections.abc import Callable

from harness.model.policy import Policy, RouteClass, RoutePolicy
from harness.planner.model import Actual, Index, Node, Plan, Table, Way
from harness.planner.rules import RULES
from harness.planner.rules.case import Case, Syntax, Violation
from harness.plans.model import PlansMeasurement, Repeat, RequestWork
from harness.plans.rules import REQUEST_RULES
from harness.plans.rules.route import RouteWork
from harness.statements.model import RouteFacts, StatementOfRoute

SCALES = (1, 10, 100)
STATEMENT = "5e1ec7ed0001"
SQL = "SELECT id, total FROM orders WHERE shop_id = $1 AND code = $2"
GROWS = {Way.MORE: 10, Way.BIGGER: 10}
TABLES = {
    "orders": Table(
        schema="public", name="orders", rows=50_000, size_bytes=1, tenant_column="shop_id", growth=GROWS
    ),
    "lines": Table(
        schema="public", name="lines", rows=90_000, size_bytes=1, tenant_column="shop_id", growth=GROWS
    ),
    "colours": Table(schema="public", name="colours", rows=20, size_bytes=1),
}
Tree = Callable[[int], Node]


def seq_scan(relation="orders", *, cost=5_000.0, rows=1.0, **more) -> Node:
    return Node(kind="Seq Scan", relation=relation, cost=cost, rows=rows, **more)


def index_scan(relation="orders", *, index="orders_pkey", cost=8.0, rows=1.0, **more) -> Node:
    return Node(kind="Index Scan", relation=relation, index=index, cost=cost, rows=rows, **more)


def node(kind, *children, **more) -> Node:
    return Node(kind=kind, children=children, **more)


def plans(tree: Tree, *, way=None, binding="real", number=0, fingerprint=STATEMENT) -> tuple[Plan, ...]:
    """One plan per scale in each way; with more tenants nothing grows, unless `way` is that one."""
    found = [
        Plan(fingerprint=fingerprint, way=Way.NOW, scale=1, binding=binding, number=number, root=tree(1))
    ]
    for each in (Way.MORE, Way.BIGGER):
        grows = (way is None and each == Way.BIGGER) or way == each
        found += [
            Plan(
                fingerprint=fingerprint,
                way=each,
                scale=scale,
                binding=binding,
                number=number,
                root=tree(scale) if grows else tree(1),
            )
            for scale in SCALES
        ]
    return tuple(found)


def executed(root: Node, *, number=0) -> Plan:
    return Plan(fingerprint=STATEMENT, way=Way.NOW, scale=1, binding="real", number=number, root=root)


def did(rows=1.0, loops=1.0, **more) -> Actual:
    return Actual(rows=rows, loops=loops, **more)


def case(
    tree: Tree | None = None,
    *more: Plan,
    route_class=RouteClass.PAGE,
    syntax=None,
    indexes: tuple[Index, ...] = (),
    bounded=True,
    whole=False,
    way=None,
    sql=SQL,
) -> Case:
    found = (plans(tree, way=way) if tree else ()) + more
    return Case(
        route="GET /orders",
        route_class=route_class,
        declared=True,
        whole=whole,
        pages_bounded=bounded,
        fingerprint=STATEMENT,
        sql=sql,
        syntax=syntax or Syntax(kind="select", tables=("orders",), limit="$3"),
        plans=found,
        tables=TABLES,
        indexes=indexes,
    )


def index(name, *columns, table="orders", **more) -> Index:
    return Index(schema="public", name=name, table=table, columns=columns, **more)


def errors(rule: str, one: Case) -> list[Violation]:
    return [said for said in RULES[rule](one) if said.error]


def warnings(rule: str, one: Case) -> list[Violation]:
    return [said for said in RULES[rule](one) if not said.error]


def repeat(count=1, **more) -> Repeat:
    values = {
        "identical": 1,
        "rows": count,
        "most_rows": 1,
        "full_pages": 0,
        "size_bytes": 100 * count,
    } | more
    return Repeat(fingerprint=STATEMENT, count=count, **values)


def request(*repeats: Repeat, **more) -> RequestWork:
    values = {
        "route": "GET /orders",
        "variant": "",
        "warmth": "cold",
        "identity": "one",
        "status": 200,
        "answer_bytes": 100,
        "lengths": {},
        "page": None,
        "statements": sum(one.count for one in repeats),
    } | more
    return RequestWork(repeats=repeats, **values)


def statement(syntax=None, **more) -> StatementOfRoute:
    values = {"fingerprint": STATEMENT, "sql": SQL, "routes": ("GET /orders",)} | more
    return StatementOfRoute(syntax=syntax or Syntax(kind="select", tables=("orders",)), **values)


def route(*requests: RequestWork, route_class=RouteClass.PAGE, most=None, syntax=None) -> RouteWork:
    return RouteWork(
        route="GET /orders",
        route_class=route_class,
        most_statements=most,
        requests=requests,
        statements={STATEMENT: statement(syntax)},
    )


def said(rule: str, one: RouteWork) -> list[bool]:
    """Of each violation of one rule, whether it is an error."""
    return [violation.error for violation in REQUEST_RULES[rule](one)]


def measurement(**more) -> PlansMeasurement:
    values = {
        "server": "18",
        "simulated": True,
        "scales": SCALES,
        "tenant": "shop_id",
        "tenant_from": "statements",
        "tables": tuple(TABLES.values()),
        "indexes": (),
        "routes": (RouteFacts(route="GET /orders", looks_like="page", pages_bounded=True, requests=1),),
        "statements": (statement(),),
        "requests": (),
        "plans": (),
    } | more
    return PlansMeasurement(**values)


def policy(*routes: RoutePolicy) -> Policy:
    return Policy(
        profile="change",
        required=(),
        operations=("GET /orders",),
        routes=routes,
        caches=(),
        load=None,
        waivers=(),
    )
