import pytest

from harness.exercise.nouns import noun_of, parameters_in, places_of, referred, resource_of, singular


@pytest.mark.parametrize(
    ("plural", "one"),
    [
        ("contacts", "contact"),
        ("companies", "company"),
        ("addresses", "address"),
        ("boxes", "box"),
        ("branches", "branch"),
        ("warehouses", "warehouse"),
        ("invoices", "invoice"),
        ("people", "person"),
        ("status", "status"),
        ("analysis", "analysis"),
        ("statuses", "status"),
        ("news", "news"),
    ],
)
def test_words_have_their_singular(plural, one):
    assert singular(plural) == one


@pytest.mark.parametrize("name", ["customerGroupId", "customer_group", "customer-groups", "CustomerGroupIDs"])
def test_names_of_any_spelling_speak_of_one_resource(name):
    assert noun_of(name) == "customergroup"


@pytest.mark.parametrize(
    ("path", "resource"),
    [
        ("/customers", "customer"),
        ("/v1/customers/{customer_id}", "customer"),
        ("/orders/{order_id}/lines", "line"),
        ("/orders/{order_id}/lines/{id}", "line"),
        ("/orders/recent", "order"),
        ("/api/v1/dashboard", "dashboard"),
        ("/orders/by-number/{number}", "order"),
        ("/v1/users/email/{email}", "user"),
    ],
)
def test_a_path_is_about_a_resource(path, resource):
    assert resource_of(path) == resource


def test_each_parameter_of_a_path_picks_one_of_the_segment_before_it():
    assert places_of("/orders/{order_id}/lines/{id}") == (("order_id", "order"), ("id", "line"))
    assert places_of("/{tenant}/users/{username}") == (("tenant", "tenant"), ("username", "user"))


def test_a_parameter_may_pick_by_a_field_of_the_collection_before_it():
    assert places_of("/orders/by-number/{number}") == (("number", "order"),)
    assert places_of("/v1/users/by_email/{address}") == (("address", "user"),)
    assert places_of("/v1/users/email/{email}") == (("email", "user"),)
    assert places_of("/v1/users/groups/{group_id}") == (("group_id", "group"),)


def test_values_are_read_from_a_sent_path_also_under_a_prefix():
    assert parameters_in("/orders/{id}/lines/{n}", "/api/orders/7/lines/x") == {"id": "7", "n": "x"}
    assert parameters_in("/orders/{id}", "/orders/{id}") == {}
    assert parameters_in("/orders/{id}", "/customers/7") == {}


def test_a_field_refers_to_the_resource_that_it_names_wholly_or_in_its_last_words():
    resources = {"customer", "address", "user", "category"}
    assert referred("billing_address_id", resources) == "address"
    assert referred("customerId", resources) == "customer"
    assert referred("assignee_id", resources) == "user"
    assert referred("created_by", resources) == "user"
    assert referred("parent_id", resources, own="category") == "category"
    assert referred("tax_id", resources) == ""
