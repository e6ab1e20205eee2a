import json
from pathlib import Path

import msgspec
import pytest

from harness.config.settings import HintSettings
from harness.exercise.operations import Argument, read_operations
from harness.exercise.pool import Pool
from harness.exercise.requests import Missing, Prepared, looks_like, pages_bounded, prepare, variants

REPOSITORY = Path(__file__).parents[3]
SHOP = {one.name: one for one in read_operations((Path(__file__).parent / "shop.json").read_bytes())}
CUSTOMER = "GET /v2/customers/{id}"


@pytest.fixture
def pool() -> Pool:
    """What the collections of the shop have shown."""
    pool = Pool()
    customers = [
        {"id": 11, "name": "Ada Stone", "city": "Pune"},
        {"id": 12, "name": "Bea Brook", "city": "Agra"},
    ]
    pool.learn("GET /v2/customers", "/v2/customers", 200, {"customers": customers})
    orders = [
        {"id": 21, "customer": {"id": 12}, "lines": [{"id": 31}, {"id": 32}]},
        {"id": 22, "customer": {"id": 12}, "lines": [{"id": 33}]},
    ]
    pool.learn("GET /v2/orders", "/v2/orders", 200, orders)
    return pool


def plain(name, pool, hints=None, number=0) -> Prepared:
    prepared = prepare(SHOP[name], pool, hints, number)
    assert isinstance(prepared, Prepared)
    return prepared


def named(name, pool, **rest) -> dict[str, str]:
    return {one.variant: one.target for one in variants(SHOP[name], pool, None, 0, **rest)}


def test_the_plain_request_has_only_what_is_required(pool):
    assert plain("GET /v2/customers", pool).target == "/v2/customers"


def test_an_id_of_the_pool_comes_before_the_documented_one(pool):
    assert plain(CUSTOMER, pool).target == "/v2/customers/12"
    assert plain(CUSTOMER, Pool()).target == "/v2/customers/1"


def test_readers_stay_on_one_resource(pool):
    assert {plain(CUSTOMER, pool, number=number).target for number in range(4)} == {"/v2/customers/12"}


def test_an_id_that_nothing_gives_is_missing_by_name():
    missing = prepare(SHOP["GET /v2/orders/{order_id}/lines/{line_id}"], Pool(), None, 0)
    assert isinstance(missing, Missing)
    assert missing.argument == "order_id"
    assert "no id of order is known" in missing.reason


def test_ids_of_a_nested_path_were_seen_together(pool):
    pairs = {(31, 21), (32, 21), (33, 22)}
    name = "GET /v2/orders/{order_id}/lines/{line_id}"
    sent = [plain(name, pool).target, *named(name, pool).values()]
    assert len(sent) == 3
    assert set(sent) == {f"/v2/orders/{order}/lines/{line}" for line, order in pairs}


@pytest.mark.parametrize(
    ("stock", "expected"),
    [
        ([{"id": 71, "product_id": 5, "warehouse_id": 9}], {"/products/5/stock/9"}),
        ([{"id": 71, "product": {"id": 5}, "warehouse": {"id": 8}}], {"/products/5/stock/8"}),
        ([{"id": 71}], {"/products/5/stock/8", "/products/5/stock/9"}),
    ],
)
def test_an_id_is_of_the_kind_that_its_own_name_says(stock, expected):
    """A stock has an id, and `warehouseId` below it is another one."""
    pool = Pool()
    pool.learn("GET /products", "/products", 200, [{"id": 5}])
    pool.learn("GET /warehouses", "/warehouses", 200, [{"id": 8}, {"id": 9}])
    pool.learn("GET /stock", "/stock", 200, stock)
    path = {"name": "productId", "in": "path", "required": True, "schema": {"type": "integer"}}
    operation = {"parameters": [path, path | {"name": "warehouseId"}], "responses": {"200": {}}}
    document = {"paths": {"/products/{productId}/stock/{warehouseId}": {"get": operation}}}
    (stocked,) = read_operations(json.dumps(document).encode())
    prepared = prepare(stocked, pool, None, 0)
    assert isinstance(prepared, Prepared)
    assert prepared.target in expected


def test_a_hint_wins_over_all_and_its_number_is_filled_in(pool):
    hints = HintSettings(path={"id": "a b"}, query={"expand": "x"}, headers={"X-Trace": "t{number}"})
    prepared = plain(CUSTOMER, pool, hints, 7)
    assert prepared.target == "/v2/customers/a%20b?expand=x"
    assert prepared.headers["X-Trace"] == "t7"
    body = plain("POST /v2/customers", pool, HintSettings(body={"name": "N{number}"}), 7).body
    assert body["name"] == "N7"
    assert "@" in body["email"]


def test_a_hint_may_skip_the_operation(pool):
    assert prepare(SHOP[CUSTOMER], pool, HintSettings(skip="costs money"), 0) == Missing(
        argument="", reason="costs money"
    )


def test_unique_fields_and_idempotency_keys_differ_from_number_to_number(pool):
    one, other = (plain("POST /v2/customers", pool, number=number) for number in (1, 2))
    assert set(one.body) == {"name", "email"}
    assert one.body["email"] != other.body["email"]
    assert one.headers["Idempotency-Key"] != other.headers["Idempotency-Key"]
    assert one.headers["Content-Type"] == "application/json"
    assert one.content is not None
    assert json.loads(one.content) == one.body


def test_a_body_refers_to_what_is_there(pool):
    assert plain("POST /v2/orders", pool).body["customer_id"] in {11, 12}
    missing = prepare(SHOP["POST /v2/orders"], Pool(), None, 0)
    assert isinstance(missing, Missing)
    assert missing.argument == "body.customer_id"


def test_a_delete_takes_what_the_exercise_made(pool):
    assert not plain("DELETE /v2/customers/{id}", pool).owned
    pool.learn("POST /v2/customers", "/v2/customers", 201, {"id": 13}, {"name": "New"})
    prepared = plain("DELETE /v2/customers/{id}", pool, number=5)
    assert (prepared.target, prepared.removes, prepared.owned) == ("/v2/customers/13", "13", True)
    assert plain(CUSTOMER, pool).target == "/v2/customers/12"


def test_a_delete_takes_the_one_that_nothing_hangs_on_and_not_one_that_was_refused(pool):
    for identity in (13, 14, 15):
        pool.learn("POST /v2/customers", "/v2/customers", 201, {"id": identity}, {})
    pool.learn("POST /v2/orders", "/v2/orders", 201, {"id": 90, "customer_id": 15}, {})
    pool.learn("DELETE /v2/customers/{id}", "/v2/customers/14", 409, {"error": "in use"})
    assert plain("DELETE /v2/customers/{id}", pool).removes == "13"


def test_credentials_are_sent_as_documented_and_as_a_form(pool):
    prepared = plain("POST /v2/sessions", pool, number=3)
    assert prepared.content == b"email=a%40b.example&password=open%20sesame"
    assert prepared.headers["Content-Type"] == "application/x-www-form-urlencoded"


def test_a_path_may_name_a_field_or_a_year(pool):
    pool.learn("GET /v2/users", "/v2/users", 200, [{"id": 1, "username": "ada"}])
    assert plain("GET /v2/users/{username}", pool).target == "/v2/users/ada"
    assert plain("GET /v2/reports/{year}/sales", pool).target.startswith("/v2/reports/20")


def test_pages_of_all_sizes_and_depths_are_asked_for(pool):
    targets = named("GET /v2/customers", pool)
    assert list(targets)[:2] == ["limit=200", "limit=2"]
    assert targets["offset=1000"] == "/v2/customers?offset=1000"
    assert targets["offset=100000"] == "/v2/customers?offset=100000"
    deep = named("GET /v2/orders", pool)
    assert "page=50" in deep
    assert "per_page=100" in deep


def test_the_page_of_a_form_is_told(pool):
    pages = {one.variant: one.page for one in variants(SHOP["GET /v2/customers"], pool, None, 0)}
    assert pages["limit=200"] == 200
    assert pages["offset=1000"] is None


def test_searches_hit_and_miss(pool):
    targets = named("GET /v2/customers", pool)
    word = targets["search=word"].partition("=")[2]
    assert word in {"Stone", "Brook", "Pune", "Agra"}
    assert len(targets["search=fragment"].partition("=")[2]) == 3
    assert "search=nothing" in targets


def test_filters_take_values_of_the_data(pool):
    targets = named("GET /v2/customers", pool)
    assert targets["city=known"] in {"/v2/customers?city=Pune", "/v2/customers?city=Agra"}
    assert targets["active=true"] == "/v2/customers?active=true"
    assert "created_after=known" in targets
    assert targets["sort=name"] == "/v2/customers?sort=name"


def test_a_filter_by_parent_takes_the_largest_and_the_smallest(pool):
    targets = named("GET /v2/orders", pool)
    assert targets["customer_id=most"] == "/v2/orders?customer_id=12"
    assert targets["customer_id=fewest"] == "/v2/orders?customer_id=11"
    assert targets["status=paid"] == "/v2/orders?status=paid"


def test_flags_are_set_on_large_and_on_small_pages(pool):
    targets = named("GET /v2/orders", pool)
    assert targets["include=lines&per_page=100"] == "/v2/orders?include=lines&per_page=100"
    assert targets["include=lines&per_page=2"] == "/v2/orders?include=lines&per_page=2"


def test_other_ids_and_flags_on_the_largest_are_tried(pool):
    targets = named(CUSTOMER, pool)
    assert targets["id=fewest"] == "/v2/customers/11"
    assert targets["expand=orders"] == "/v2/customers/12?expand=orders"
    assert targets["expand=orders&id=fewest"] == "/v2/customers/11?expand=orders"
    assert targets["expand=all&id=most"] == "/v2/customers/12?expand=orders,notes"


def test_bodies_have_many_and_few_elements_all_fields_and_each_choice(pool):
    bodies = {one.variant: one.body for one in variants(SHOP["POST /v2/orders"], pool, None, 0)}
    assert len(bodies["elements=20"]["lines"]) == 20
    assert len(bodies["elements=1"]["lines"]) == 1
    assert set(bodies["body=full"]) == {"customer_id", "note", "priority", "lines"}
    assert bodies["body.priority=high"]["priority"] == "high"


def test_a_body_of_which_nothing_is_said_is_an_empty_object():
    paths = {"/a": {"post": {"requestBody": {"content": {"application/json": {}}}}}}
    (operation,) = read_operations(msgspec.json.encode({"openapi": "3.1.0", "info": {}, "paths": paths}))
    prepared = prepare(operation, Pool(), None, 0)
    assert isinstance(prepared, Prepared)
    assert prepared.content == b"{}"
    assert variants(operation, Pool(), None, 0) == ()


def test_no_more_forms_than_are_asked_for_and_none_twice(pool):
    for operation in SHOP.values():
        found = variants(operation, pool, None, 0)
        assert len({(one.target, one.content) for one in found}) == len(found) <= 24
    assert list(named("GET /v2/customers", pool, most=3)) == ["limit=200", "limit=2", "offset=1000"]


def test_forms_keep_what_a_hint_fixes(pool):
    found = variants(SHOP["GET /v2/customers"], pool, HintSettings(query={"limit": "5"}), 0)
    assert found
    assert all("limit=5" in one.target for one in found)


def test_offsets_without_an_end_are_not_bounded():
    assert not pages_bounded(SHOP["GET /v2/customers"])
    assert pages_bounded(SHOP["GET /v2/orders"])
    assert pages_bounded(SHOP[CUSTOMER])


def test_a_cursor_goes_on_to_the_last_page():
    orders = SHOP["GET /v2/orders"]
    token = Argument(name="cursor", place="query", required=False, schema={"type": ("string",)})
    assert not pages_bounded(msgspec.structs.replace(orders, arguments=(token,)))
    assert pages_bounded(msgspec.structs.replace(orders, arguments=(token, *orders.arguments)))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("GET /v2/customers", "page"),
        ("GET /v2/orders", "page"),
        (CUSTOMER, "point"),
        ("GET /v2/customers/{id}/summary", "report"),
        ("GET /v2/orders/{order_id}/lines/{line_id}", "point"),
        ("GET /v2/reports/{year}/sales", "report"),
        ("POST /v2/orders", "write"),
        ("DELETE /v2/customers/{id}", "write"),
    ],
)
def test_an_operation_looks_like_a_class_of_route(name, expected):
    assert looks_like(SHOP[name]) == expected


def test_the_reference_contract_needs_no_hints():
    operations = read_operations((REPOSITORY / "contracts" / "openapi.json").read_bytes())
    pool = Pool()
    identity = "01a20a05-e51a-720c-a8a2-f88e1ab01fbd"
    for kind in ("contacts", "invoices"):
        pool.learn(f"GET /api/v1/{kind}", f"/api/v1/{kind}", 200, {"items": [{"id": identity}]})
    prepared = {one.name: prepare(one, pool, None, 0) for one in operations}
    assert all(isinstance(one, Prepared) for one in prepared.values())
    invoice = prepared["POST /api/v1/invoices"]
    assert isinstance(invoice, Prepared)
    assert invoice.body["contactId"] == identity
    assert msgspec.json.decode(invoice.content or b"") == invoice.body


def test_two_identities_make_different_unique_values():
    emails = {plain("POST /v2/customers", Pool(name)).body["email"] for name in ("owner", "clerk")}
    assert len(emails) == 2


@pytest.mark.parametrize("required", [True, False])
def test_several_resources_are_asked_for_by_their_ids_many_and_few(pool, required):
    ids = {"type": ("array",), "items": {"type": ("integer",)}}
    batch = msgspec.structs.replace(
        SHOP["GET /v2/customers"],
        path="/v2/customers/batch",
        arguments=(Argument(name="ids", place="query", required=required, schema=ids),),
    )
    for number in range(100, 130):
        pool.learn("GET /v2/customers", "/v2/customers", 200, [{"id": number, "name": "n"}])
    sent = {one.variant: one.target.count("ids=") for one in variants(batch, pool, None, 0)}
    assert sent["ids=20 ids"] == 20
    assert sent["ids=5 ids"] == 5
