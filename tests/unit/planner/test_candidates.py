"""Indexes that might mend a statement."""

import pytest
from msgspec import structs

from harness.model.policy import RouteClass
from harness.planner.candidates import candidates, foreign_key_index
from harness.planner.model import Index, Node, Plan, Table, Way
from harness.planner.rules.case import Case
from harness.planner.syntax import read_syntax

COLUMNS = {"orders": ("tenant_id", "id", "email", "state", "placed_at", "words", "number")}
TABLES = {"orders": Table(schema="public", name="orders", rows=1, size_bytes=1, tenant_column="tenant_id")}


def case(condition: str, *, indexes: tuple[Index, ...] = (), plans: tuple[Plan, ...] = ()) -> Case:
    sql = f"SELECT id FROM orders WHERE {condition}"
    return Case(
        route="GET /orders",
        route_class=RouteClass.PAGE,
        declared=True,
        whole=False,
        pages_bounded=True,
        fingerprint="f",
        sql=sql,
        syntax=read_syntax(sql, COLUMNS),
        plans=plans,
        tables=TABLES,
        indexes=indexes,
    )


def subjects(condition: str, *, trigrams: bool = False) -> list[str]:
    return [
        text.split(" ON orders ", 1)[1] for text in candidates(case(condition), "orders", trigrams=trigrams)
    ]


@pytest.mark.parametrize(
    ("condition", "first"),
    [
        ("state = $2 AND tenant_id = $1", "(tenant_id, state)"),
        ("tenant_id = $1 ORDER BY placed_at DESC, id DESC LIMIT 20", "(tenant_id, placed_at, id)"),
        ("tenant_id = $1 ORDER BY placed_at DESC, id LIMIT 20", "(tenant_id, placed_at DESC, id)"),
        ("tenant_id = $1 AND placed_at > $2", "(tenant_id, placed_at)"),
        ("tenant_id = $1 AND lower(orders.email) = $2", "(tenant_id, (LOWER(email)))"),
        ("tenant_id = $1 AND email LIKE 'ann%'", "(tenant_id, email text_pattern_ops)"),
        ("words @@ to_tsquery($1)", "USING gin (words)"),
        ("to_tsvector('simple', email) @@ to_tsquery($1)", "USING gin ((TO_TSVECTOR('simple', email)))"),
        ("email = $1", "(email)"),
        ("tenant_id = $1 AND state IN ('a', 'b')", "(tenant_id, state)"),
    ],
)
def test_equality_comes_first_with_the_tenant_at_its_head_then_order_or_range(
    condition: str, first: str
) -> None:
    assert subjects(condition)[0] == first


def test_the_order_is_that_of_the_table_which_the_page_is_taken_from() -> None:
    sql = (
        "SELECT p.name FROM (SELECT * FROM orders WHERE tenant_id = $1 ORDER BY placed_at DESC LIMIT 50) o "
        "JOIN people p ON p.id = o.person_id ORDER BY o.placed_at DESC"
    )
    listed = structs.replace(case("id = 1"), sql=sql, syntax=read_syntax(sql, COLUMNS))
    assert candidates(listed, "orders")[0].endswith("ON orders (tenant_id, placed_at)")
    assert not any("placed_at" in text for text in candidates(listed, "people"))


def test_a_constant_may_make_the_index_partial() -> None:
    assert "(tenant_id, placed_at) WHERE state = 'open'" in subjects(
        "tenant_id = $1 AND state = 'open' ORDER BY placed_at LIMIT 5"
    )


def test_a_value_that_is_only_written_into_the_text_is_no_constant() -> None:
    assert subjects("tenant_id = 5 AND state = 'open'") == ["(tenant_id, state)", "(state)"]


def test_each_branch_of_an_or_gets_an_index_of_its_own() -> None:
    assert subjects("tenant_id = $1 AND (email = $2 OR number = $3)")[:2] == [
        "(tenant_id, email)",
        "(tenant_id, number)",
    ]


def test_a_wildcard_in_front_wants_trigrams_and_has_nothing_without_them() -> None:
    condition = "email LIKE '%ann%'"
    assert subjects(condition) == []
    assert subjects(condition, trigrams=True) == ["USING gin (email gin_trgm_ops)"]


def test_the_tenant_of_row_security_heads_the_index_too() -> None:
    scan = Node(kind="Seq Scan", relation="orders", filter="((tenant_id = 5) AND (state = $1))")
    plan = Plan(fingerprint="f", way=Way.MORE, scale=100, binding="generic", root=scan)
    (first, *_) = candidates(case("state = $1", plans=(plan,)), "orders")
    assert first.endswith("ON orders (tenant_id, state)")


def test_an_index_that_is_there_is_no_candidate_and_its_name_is_taken() -> None:
    there = (
        Index(schema="public", name="one", table="orders", columns=("tenant_id", "state")),
        Index(schema="public", name="orders_state_idx", table="orders", columns=("id",)),
    )
    assert candidates(case("state = $2 AND tenant_id = $1", indexes=there), "orders") == (
        "CREATE INDEX orders_state_idx1 ON orders (state)",
    )


def test_there_are_at_most_four() -> None:
    condition = (
        "tenant_id = $1 AND state = 'a' AND email LIKE 'x%' AND placed_at > $2 AND (id = $3 OR number = $4)"
    )
    assert len(candidates(case(f"{condition} ORDER BY number LIMIT 3"), "orders")) == 4


def test_names_that_need_quotes_get_them_and_long_ones_are_cut() -> None:
    assert foreign_key_index("order", ("userId",), schema="Shop") == (
        'CREATE INDEX order_userid_idx ON "Shop"."order" ("userId")'
    )
    long = foreign_key_index("orders", ("a" * 60, "b"), taken={"orders_" + "a" * 52 + "_idx"})
    assert long.split()[2] == "orders_" + "a" * 51 + "_idx1"
