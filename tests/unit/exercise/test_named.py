"""A comment names the route that was asked, in whatever way frameworks write routes."""

import pytest

from harness.exercise.model import Call, Seen, Warmth, Window
from harness.exercise.named import agrees, disagreements, names
from harness.wires.model import Statement

IDS = {"GET /api/v1/orders/{id}": "getOrder", "GET /api/v1/orders": "listOrders"}


@pytest.mark.parametrize(
    "comment",
    [
        "/api/v1/orders/{id}",
        "GET /api/v1/orders/{order_id}",
        "/api/v1/orders/:id/",
        "/api/v1/orders/<int:id>",
        "/orders/{id}",
        "/prefix/api/v1/orders/{id}",
        "^api/v1/orders/(?P<id>[0-9]+)$",
        "get_order",
        "orders.views.GetOrder",
        "some_other_handler",
        "/api/{path:path}",
        "HEAD /api/v1/orders/{id}",
    ],
)
def test_these_name_the_route(comment: str) -> None:
    assert agrees(comment, "GET /api/v1/orders/{id}", IDS)


@pytest.mark.parametrize(
    "comment", ["/api/v1/orders", "POST /api/v1/orders/{id}", "/api/v1/customers/{id}", "list_orders", "/"]
)
def test_these_name_another(comment: str) -> None:
    assert not agrees(comment, "GET /api/v1/orders/{id}", IDS)


def test_a_comment_is_traced_to_the_operations_it_means() -> None:
    assert names("/orders", ["GET /orders", "POST /orders", "GET /orders/{id}"]) == (
        "GET /orders",
        "POST /orders",
    )


def test_one_disagreement_is_reported_for_all_requests_that_show_it() -> None:
    call = Call(
        operation="GET /orders",
        identity="a",
        tenant="t",
        target="/orders",
        variant="",
        warmth=Warmth.COLD,
        status=200,
        started_s=1,
        ended_s=2,
        answer_bytes=2,
    )
    statement = Statement(connection=1, transaction=1, sql="SELECT 1", sent_s=1.1, done_s=1.2)
    said = tuple(
        Seen(fingerprint="f", statement=statement, route=route) for route in ("/bills", "/orders", "")
    )
    windows = [Window(call=call, statements=said)] * 2
    assert [one.comment for one in disagreements(windows, {})] == ["/bills"]
