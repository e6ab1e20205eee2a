import pytest

from harness.exercise.pool import Pool


@pytest.fixture
def pool() -> Pool:
    return Pool()


@pytest.mark.parametrize(
    "answer",
    [
        [{"id": 1}, {"id": 2}],
        {"items": [{"id": 1}, {"id": 2}], "next": None},
        {"customers": [{"customer_id": 1}, {"customer_id": 2}]},
        {"data": {"results": [{"id": 1}, {"id": 2}]}},
        {"data": [{"type": "customers", "id": 1, "attributes": {"name": "A"}}, {"id": 2}]},
        {"edges": [{"node": {"id": 1}}, {"node": {"id": 2}}]},
        {"_embedded": {"customers": [{"id": 1}, {"id": 2}]}},
    ],
)
def test_ids_of_collections_are_found_in_any_envelope(pool, answer):
    pool.learn("GET /v1/customers", "/v1/customers?limit=2", 200, answer)
    assert sorted(pool.ids("customer")) == [1, 2]


def test_refusals_teach_nothing(pool):
    pool.learn("GET /customers", "/customers", 422, [{"id": 1}])
    assert pool.ids("customer") == []


def test_a_reference_teaches_the_other_resource(pool):
    answer = {"id": "o1", "customerId": "c1", "product_ids": ["p1", "p2"], "owner": {"id": "u1"}}
    pool.learn("GET /orders/{id}", "/orders/o1", 200, answer)
    assert pool.ids("order") == ["o1"]
    assert pool.ids("customer") == ["c1"]
    assert sorted(pool.ids("product")) == ["p1", "p2"]
    assert pool.ids("owner") == ["u1"]


def test_resources_that_were_seen_come_before_those_that_were_named(pool):
    pool.learn("GET /customers", "/customers", 200, [{"id": "c1", "name": "A"}])
    pool.learn("GET /orders", "/orders", 200, [{"id": "o1", "customer_id": "c2"}])
    assert pool.ids("customer") == ["c1", "c2"]


def test_what_was_created_is_known_as_the_exercises_own(pool):
    pool.learn("GET /customers", "/customers", 200, [{"id": 1}])
    pool.learn("POST /customers", "/customers", 201, {"data": {"id": 2}}, {"name": "New"})
    created = {record.id: record.created for record in pool.records("customer")}
    assert created == {1: False, 2: True}
    assert pool.values("customer", "name") == ["New"]
    assert pool.ids("customer") == [1, 2]


def test_a_location_names_what_was_created_under_its_parent(pool):
    pool.learn("GET /orders", "/orders", 200, [{"id": 7}])
    pool.learn(
        "POST /orders/{id}/lines", "/orders/7/lines", 201, None, {"n": 1}, "http://a/orders/7/lines/x%20y"
    )
    (line,) = pool.records("line")
    assert (line.id, line.parents, line.created) == ("x y", {"order": 7}, True)


def test_an_action_answers_with_its_resource_and_creates_nothing(pool):
    pool.learn("GET /orders", "/orders", 200, [{"id": 7}])
    pool.learn("POST /orders/{id}/cancel", "/orders/7/cancel", 200, {"id": 7, "status": "cancelled"})
    assert [record.created for record in pool.records("order")] == [False]
    assert pool.ids("cancel") == []
    assert pool.values("order", "status") == ["cancelled"]


def test_children_are_known_with_their_parent_and_counted(pool):
    pool.learn(
        "GET /orders", "/orders", 200, [{"id": 7, "lines": [{"id": 70}, {"id": 71}]}, {"id": 8, "lines": []}]
    )
    assert {record.id: record.parents for record in pool.records("line")} == {
        70: {"order": 7},
        71: {"order": 7},
    }
    assert {record.id: record.size for record in pool.records("order")} == {7: 2, 8: 0}


def test_a_list_under_a_parent_counts_its_children(pool):
    pool.learn("GET /orders", "/orders", 200, [{"id": 7}, {"id": 8}])
    pool.learn("GET /orders/{id}/lines", "/orders/8/lines", 200, {"items": [{"id": 1}, {"id": 2}, {"id": 3}]})
    assert {record.id: record.size for record in pool.records("order")} == {7: 0, 8: 3}


def test_records_that_name_a_parent_make_it_large(pool):
    pool.learn("GET /customers", "/customers", 200, [{"id": 1}, {"id": 2}])
    pool.learn("GET /orders", "/orders", 200, [{"id": n, "customerId": 2} for n in range(4)])
    assert {record.id: record.size for record in pool.records("customer")} == {1: 0, 2: 4}


@pytest.mark.parametrize(
    ("answer", "cursor"),
    [
        ({"items": [], "nextCursor": "abc"}, {"": "abc"}),
        ({"data": [], "meta": {"next_page_token": "abc"}}, {"": "abc"}),
        ({"links": {"next": "/a?after=abc&limit=5"}}, {"after": "abc", "limit": "5"}),
        ({"_links": {"next": {"href": "http://x/a?cursor=abc"}}}, {"cursor": "abc"}),
    ],
)
def test_what_asks_for_the_next_page_is_kept(pool, answer, cursor):
    pool.learn("GET /a", "/a", 200, answer)
    pool.learn("GET /a", "/a", 200, {"items": [], "nextCursor": None})
    assert pool.cursors["GET /a"] == cursor


def test_what_is_gone_is_forgotten_and_no_other_of_that_number(pool):
    pool.learn("GET /orders", "/orders", 200, [{"id": 5, "lines": [{"id": 5}]}])
    pool.forget("/orders/{order_id}/lines/{id}", "5")
    assert pool.ids("line") == []
    assert pool.ids("order") == [5]
    pool.forget("/orders/5", "5")
    assert pool.ids("order") == []


def test_a_resource_that_was_refused_is_tried_last(pool):
    pool.learn("GET /orders", "/orders", 200, [{"id": 5}, {"id": 6}])
    pool.learn("GET /orders/{id}", "/orders/6", 404, {"error": "gone"})
    assert pool.ids("order") == [5, 6]


def test_passwords_are_not_kept(pool):
    pool.learn("POST /users", "/users", 201, {"id": 1}, {"name": "A", "password": "secret"})
    assert pool.values("user", "password") == []


def test_figures_teach_no_resource(pool):
    pool.learn("GET /dashboard", "/dashboard", 200, {"orders": 4, "byStatus": {"paid": {"count": 1}}})
    assert pool.known == {} or not any(pool.known.values())
