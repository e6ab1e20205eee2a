"""An identity removes only what it has made."""

import pytest

from harness.exercise.pool import Pool
from harness.exercise.seats import Seat, ids_of, own_id
from harness.target.target import Identity


@pytest.fixture
def seat() -> Seat:
    return Seat(Identity(name="owner", tenant="north", role="", plan="ordinary", headers={}), Pool("owner"))


def test_what_was_made_is_known_by_its_answer_or_its_location(seat: Seat) -> None:
    seat.note_made({"data": {"id": 31, "customer_id": 7}}, "")
    seat.note_made(None, "https://shop/v1/orders/a%2Fb")
    assert seat.has_made("/orders/{id}", "/v1/orders/31?force=true")
    assert seat.has_made("/orders/{id}", "/v1/orders/a%2Fb")
    assert not seat.has_made("/customers/{id}", "/v1/customers/7")


def test_a_part_of_what_was_made_may_go_and_a_part_of_something_else_may_not(seat: Seat) -> None:
    seat.note_made({"id": 31}, "")
    assert seat.has_made("/orders/{id}/lines/{line}", "/orders/31/lines/1")
    assert seat.has_made("/orders/{id}/lock", "/orders/31/lock")
    assert not seat.has_made("/orders/{id}/lock", "/orders/30/lock")


def test_ids_are_those_of_the_resource_itself() -> None:
    assert ids_of({"order_id": "x", "active": True}) == {"x"}
    assert ids_of({"id": "x", "tenant_id": "north"}) == {"x"}
    assert ids_of([1, 2]) == set()


def test_the_id_of_what_was_just_made_is_found_by_its_likeliest_name() -> None:
    assert own_id({"customer_id": 7, "order_id": 31}, "", "order_id") == "31"
    assert own_id({"data": {"id": "a-b", "customerId": 7}}, "", "order_id") == "a-b"
    assert own_id(None, "/v1/orders/a%2Fb", "order_id") == "a/b"
    assert own_id(None, "", "order_id") == ""
