"""Statements are planned as the target's own sessions would have them planned."""

import uuid
from pathlib import Path

import psycopg
import pytest

from harness.planner.explain import Explainer
from harness.planner.functions import bodies
from harness.planner.hiding import NotHiddenError, hidden
from harness.planner.literals import bound
from harness.planner.model import Index, Plan, Unplanned, Way
from harness.planner.parameters import Values, further_bindings
from harness.planner.questions import questions
from harness.planner.syntax import read_syntax
from harness.planner.tree import indexes, relations, walk
from harness.wires.model import BINARY, Parameter
from harness.wires.statements import Binding, Query, Setting

SCHEMA = (Path(__file__).parent / "shop.sql").read_text()
UUID = 2950
INT8 = 20
INT4 = 23


@pytest.fixture
def shop(postgres_url: str):
    """A database of its own with 3 tenants and 30,000 orders; a role `shop_app` that row security holds."""
    name = f"shop_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        address = f"{postgres_url.rsplit('/', 1)[0]}/{name}"
        with psycopg.connect(address, autocommit=True) as inside:
            inside.execute(SCHEMA)
            inside.execute("VACUUM ANALYZE")
        yield address
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def query(
    sql: str, *parameters: Parameter, settings: tuple[Setting, ...] = (), user: str = "", **options: str
):
    return Query(
        fingerprint="f",
        sql=sql,
        user=user,
        options=options,
        bindings=(Binding("real", parameters, settings),),
    )


def explained(address: str, *asked: Query) -> list[Plan | Unplanned]:
    with Explainer(address, {"orders": "public"}) as explainer:
        return list(explainer.plan([q for one in asked for q in questions(one)], Way.NOW, 1))


def test_captured_bytes_are_bound_again_in_text_and_binary(shop: str) -> None:
    sql = "SELECT id FROM orders WHERE tenant_id = $1 AND id = $2"
    text, binary = (
        explained(shop, query(sql, Parameter(b"2", oid=INT8), id_parameter))[0]
        for id_parameter in (
            Parameter(b"77", oid=0),
            Parameter((77).to_bytes(8), BINARY, INT8),
        )
    )
    assert isinstance(text, Plan)
    assert text == binary
    assert indexes(text.root) == {"orders_pkey"}
    assert text.root.schema == "public"
    assert "77" in text.root.index_cond


def test_the_generic_plan_has_no_values_and_knows_how_long_a_page_is(shop: str) -> None:
    sql = "SELECT id FROM orders WHERE tenant_id = $1 ORDER BY id LIMIT $2"
    real, generic = explained(shop, query(sql, Parameter(b"2", oid=INT8), Parameter(b"5", oid=INT8)))
    assert isinstance(generic, Plan)
    assert (real.binding, generic.binding) == ("real", "generic")
    assert generic.root.rows == 5
    assert "$1" in " ".join(node.index_cond for node in walk(generic.root))


def literal(*texts: str) -> Query:
    return Query(
        fingerprint="f",
        sql=texts[0],
        user="",
        bindings=tuple(Binding("real", ()) for _ in texts),
        literal_texts=texts,
    )


def test_texts_with_literals_have_the_further_plans_of_bound_ones(shop: str) -> None:
    sql = "SELECT id FROM orders WHERE tenant_id = {} AND id = {}"
    written = literal(sql.format(1, 77), sql.format(3, 5))
    sent = query(sql.format("$1", "$2"), Parameter(b"1", oid=INT4), Parameter(b"77", oid=INT4))
    known = {
        ("orders", "tenant_id"): Values(oid=INT8, common=("2", "1", "3")),
        ("orders", "id"): Values(oid=INT8, bounds=("1", "5000000000")),
    }
    plans: dict[str, list[Plan | Unplanned]] = {}
    for name, asked in (("written", written), ("sent", sent)):
        subject = bound(asked)
        further = further_bindings(subject.bindings[0], read_syntax(subject.sql, {}), known)
        with Explainer(shop, {}) as explainer:
            plans[name] = list(explainer.plan(questions(asked, further), Way.NOW, 1))
    labels = [plan.binding for plan in plans["written"] if isinstance(plan, Plan)]
    assert labels == ["real", "real", "common", "rare", "absent", "generic"]
    assert [plans["written"][0], *plans["written"][2:]] == plans["sent"]


def test_further_plans_that_the_server_refuses_are_left_out_and_the_real_ones_stay(shop: str) -> None:
    sql = "SELECT count(*) FROM orders GROUP BY state = '{0}' HAVING state = '{0}'"
    written = literal(sql.format("open"), sql.format("paid"))
    assert bound(written).sql == "SELECT count(*) FROM orders GROUP BY state = 'open' HAVING state = $1"
    answers = explained(shop, written)
    assert [(type(answer), getattr(answer, "binding", "")) for answer in answers] == [
        (Plan, "real"),
        (Plan, "real"),
    ]


def test_row_security_is_planned_as_the_role_of_the_session_has_it(shop: str) -> None:
    sql = "SELECT count(*) FROM orders"
    settings = (
        Setting("SET LOCAL ROLE shop_app"),
        Setting("SELECT set_config('app.tenant', $1, true)", (Parameter(b"3"),)),
    )
    free, walled, again = explained(shop, query(sql), query(sql, settings=settings), query(sql))
    filters = [
        "".join(node.filter + node.index_cond for node in walk(plan.root)) for plan in (free, walled, again)
    ]
    assert "app.tenant" in filters[1]
    assert filters[0] == filters[2] == ""


def test_a_session_starts_as_its_user_and_with_its_options(shop: str) -> None:
    answers = explained(
        shop,
        query("SELECT id FROM orders WHERE id = 5", user="shop_login", options="-c role=shop_app"),
        query("SELECT id FROM orders WHERE id = 5", enable_indexscan="off", enable_bitmapscan="off"),
    )
    assert "app.tenant" in " ".join(node.filter + node.index_cond for node in walk(answers[0].root))
    assert all(not node.kind.startswith("Index Scan") for node in walk(answers[1].root))


def test_what_cannot_be_explained_is_told_in_the_servers_words_and_the_rest_goes_on(shop: str) -> None:
    answers = explained(
        shop,
        query("SELECT nothing FROM orders"),
        query("SELECT 1; DROP TABLE orders"),
        query("SET search_path = elsewhere"),
        query("SELECT 1 FROM orders", settings=(Setting("SET ROLE nobody_at_all"),)),
        query("SELECT 1 FROM orders"),
    )
    reasons = [answer.reason for answer in answers if isinstance(answer, Unplanned)]
    assert reasons == [
        'column "nothing" does not exist',
        "cannot insert multiple commands into a prepared statement",
        'role "nobody_at_all" does not exist',
    ]
    assert sum(isinstance(answer, Plan) for answer in answers) == 2


def test_executed_statements_are_counted_and_rolled_back(shop: str) -> None:
    asked = [
        query("UPDATE orders SET state = 'paid' WHERE tenant_id = $1", Parameter(b"1", oid=INT8)),
        query("SELECT id FROM orders WHERE state = $1 AND total > 10", Parameter(b"open")),
        query("INSERT INTO tenants VALUES (1, 'there already')"),
    ]
    real = [question for one in asked for question in questions(one) if question.real]
    with Explainer(shop, {}) as explainer:
        update, select = explainer.execute(real)
    assert isinstance(update, Plan)
    assert isinstance(select, Plan)
    assert update.root.actual is not None
    assert update.root.actual.blocks > 0
    scan = next(node for node in walk(select.root) if node.relation == "orders")
    assert scan.actual is not None
    assert scan.actual.removed > 0
    with psycopg.connect(shop) as connection:
        assert connection.execute("SELECT count(*) FROM orders WHERE state = 'paid'").fetchone() == (0,)


def test_an_index_is_hidden_by_a_superuser_only_and_seen_again_afterwards(shop: str) -> None:
    index = Index(schema="public", name="orders_email_idx", table="orders", columns=("email",))
    asked = query("SELECT id FROM orders WHERE email = 'user5@example.com'")
    with hidden(shop, index):
        (blind,) = explained(shop, asked)
    (seeing,) = explained(shop, asked)
    assert (indexes(blind.root), indexes(seeing.root)) == (set(), {"orders_email_idx"})
    with pytest.raises(NotHiddenError, match="superuser"), hidden(f"{shop}?user=shop_login", index):
        pass


def test_the_body_of_a_function_is_planned_as_its_owner_with_the_callers_values(shop: str) -> None:
    asked = query(
        "SELECT * FROM open_orders(upper($1))",
        Parameter(b"open"),
        settings=(
            Setting("SELECT set_config('role', 'shop_app', true), set_config('app.tenant', '3', true)"),
        ),
    )
    outer = list(questions(asked))
    inner = bodies(shop, outer, {"state", "id", "tenant_id"})
    with Explainer(shop, {}) as explainer:
        plans = list(explainer.plan(inner, Way.NOW, 1))
    assert [(plan.within, plan.binding) for plan in plans] == [
        ("open_orders", "real"),
        ("open_orders", "generic"),
    ]
    assert inner[0].parameters == (Parameter(b"OPEN", oid=25),)
    assert relations(plans[0].root) == {"orders"}
    assert "app.tenant" not in " ".join(node.filter for node in walk(plans[0].root))
