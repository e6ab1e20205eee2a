"""The course of an exercise over a service that exists only in a table of answers."""

import json

import pytest

from harness.config.settings import HintSettings
from harness.exercise.asking import Asking
from harness.exercise.bound import Bound
from harness.exercise.course import CREATIONS, RENEWALS, Course
from harness.exercise.model import Call, Warmth
from harness.exercise.operations import read_operations
from harness.exercise.pool import Pool
from harness.exercise.seats import Seat
from harness.exercise.session import Reply
from harness.target.target import Identity

ID = {"name": "order_id", "in": "path", "required": True, "schema": {"type": "integer"}}
ORDER = {
    "type": "object",
    "properties": {"id": {"type": "integer"}, "note": {"type": "string"}, "state": {"type": "string"}},
}
NEW = {
    "type": "object",
    "required": ["note"],
    "properties": {"note": {"type": "string"}, "place": {"type": "string"}},
}


def operation(status: int, schema: dict | None = None, body: dict | None = None, *parameters: dict) -> dict:
    content = {"application/json": {"schema": schema}} if schema else {}
    found = {
        "parameters": list(parameters),
        "responses": {str(status): {"description": "", "content": content}},
    }
    if body:
        found["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    return found


PATHS = {
    "/orders": {
        "get": operation(200, {"type": "array", "items": ORDER}),
        "post": operation(201, ORDER, NEW),
        "delete": operation(204),
    },
    "/orders/{order_id}": {"get": operation(200, ORDER, None, ID), "delete": operation(204, None, None, ID)},
    "/orders/{order_id}/send": {"post": operation(200, ORDER, None, ID)},
    "/logout": {"post": operation(204)},
}


class Shop:
    """A session whose service is in memory: orders 1 and 2 were there, and were sent already."""

    instances = 1

    def __init__(self) -> None:
        self.orders = {1: True, 2: True}
        self.removed: list[int] = []
        self.log: list[tuple[str, str, int]] = []
        self.out: set[str] = set()
        self.wants_place = False
        self.fails = False
        self.forgets = 0

    async def sign_in(self, identity: Identity) -> Identity | None:
        if not self.forgets:
            return None
        self.out.discard(identity.name)
        return identity

    async def send(self, identity, prepared, warmth, instance=0) -> Reply:
        if self.forgets and len(self.log) % self.forgets == self.forgets - 1:
            self.out.add(identity.name)
        status, value = self.answer(identity.name, prepared)
        self.log.append((identity.name, f"{prepared.operation.method} {prepared.target}", status))
        call = Call(
            operation=prepared.operation.name,
            identity=identity.name,
            tenant="",
            target=prepared.target,
            variant=prepared.variant,
            warmth=warmth,
            status=status,
            started_s=0,
            ended_s=0,
            answer_bytes=0,
        )
        return Reply(call, json.dumps(value), value, "", None)

    def answer(self, who: str, prepared):
        name, number = prepared.operation.name, 0
        if who in self.out:
            return 401, {"error": "who are you?"}
        if "{order_id}" in name:
            number = int(prepared.target.split("/")[2])
            if number not in self.orders:
                return 404, {}
        match name:
            case "GET /orders":
                return 200, [{"id": one} for one in self.orders]
            case "POST /orders":
                if self.fails:
                    return 500, {"error": "disk full"}
                if self.wants_place and "place" not in prepared.body:
                    return 422, {"error": "place is missing"}
                made = max(self.orders, default=2) + 1
                self.orders[made] = False
                return 201, {"id": made}
            case "GET /orders/{order_id}":
                return 200, {"id": number}
            case "DELETE /orders/{order_id}":
                del self.orders[number]
                self.removed.append(number)
                return 204, None
            case "POST /orders/{order_id}/send":
                if self.orders[number]:
                    return 409, {"error": "it was sent already"}
                self.orders[number] = True
                return 200, {"id": number}
            case "POST /logout":
                self.out.add(who)
                return 204, None
            case _:
                pytest.fail(f"{name} was sent")


def seat(name: str) -> Seat:
    return Seat(Identity(name=name, tenant="t", role="", plan="ordinary", headers={}), Pool(name))


async def run(shop: Shop, *names: str, bound: Bound | None = None, **hints: HintSettings) -> Course:
    operations = read_operations(
        json.dumps({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": PATHS}).encode()
    )
    seats = [seat(name) for name in names or ("ann",)]
    given = {
        (key.replace("_", " /", 1), one.identity.name): hint for key, hint in hints.items() for one in seats
    }
    asking = Asking(operations, shop, bound or Bound(len(operations)), shop.sign_in)
    course = Course(operations, seats, asking, given)
    await course.explore()
    await course.repeat(2, 24)
    await course.finish()
    return course


def unreached(course: Course) -> dict[str, str]:
    return {name: tally.reason for name, tally in course.tallies.items() if not tally.reached}


async def test_everything_is_reached_and_only_what_was_made_is_removed() -> None:
    shop = Shop()
    course = await run(shop)
    assert list(unreached(course)) == ["DELETE /orders"]
    assert "whole collection" in unreached(course)["DELETE /orders"]
    assert shop.removed
    assert {1, 2} <= shop.orders.keys()


async def test_an_action_that_works_but_once_is_repeated_on_fresh_resources() -> None:
    shop = Shop()
    await run(shop)
    sent = [status for _, request, status in shop.log if request.endswith("/send")]
    assert sent.count(200) >= 4


async def test_signing_out_comes_last_and_nobody_is_asked_as_that_identity_again() -> None:
    shop = Shop()
    await run(shop, "ann", "bob")
    assert [request for _, request, _ in shop.log].index("POST /logout") == len(shop.log) - 1
    assert not any(status == 401 for _, _, status in shop.log)


async def test_an_identity_whose_token_ends_signs_in_again() -> None:
    shop = Shop()
    shop.forgets = 20
    await run(shop)
    outcomes = [status for _, request, status in shop.log if not request.startswith("POST /logout")]
    assert 401 in outcomes
    assert all(outcomes[at + 1] != 401 for at, status in enumerate(outcomes[:-1]) if status == 401)


async def test_what_a_server_wants_beyond_its_contract_is_tried() -> None:
    shop = Shop()
    shop.wants_place = True
    assert "POST /orders" not in unreached(await run(shop))


async def test_creations_are_few() -> None:
    shop = Shop()
    course = await run(shop)
    assert course.tallies["POST /orders"].statuses["201"] <= CREATIONS + 2 * RENEWALS


async def test_a_server_error_is_kept_with_its_request() -> None:
    shop = Shop()
    shop.fails = True
    course = await run(shop)
    assert course._asking.failures[0].request == "POST /orders"
    assert course._asking.failures[0].answer == '{"error": "disk full"}'
    assert len(course._asking.failures) <= 3
    assert "disk full" in unreached(course)["POST /orders"]


async def test_a_skipped_operation_is_not_sent_and_says_why() -> None:
    shop = Shop()
    course = await run(shop, POST_logout=HintSettings(skip="it is boring"))
    assert unreached(course)["POST /logout"] == "skipped: it is boring"
    assert not any("logout" in request for _, request, _ in shop.log)


async def test_a_bound_that_is_reached_is_said() -> None:
    shop = Shop()
    bound = Bound(7)
    bound.sent = 1_490
    course = await run(shop, bound=bound)
    assert len(shop.log) <= 12
    assert bound.cut()
    assert "bound" in unreached(course)["POST /logout"]


async def test_each_plain_request_is_sent_cold_and_warm_as_each_identity() -> None:
    seen = set()

    class Watched(Shop):
        async def send(self, identity, prepared, warmth, instance=0) -> Reply:
            if not prepared.variant:
                seen.add((identity.name, prepared.operation.name, warmth))
            return await super().send(identity, prepared, warmth, instance)

    await run(Watched(), "ann", "bob")
    for name in ("GET /orders", "GET /orders/{order_id}", "POST /orders"):
        assert {(who, name, warmth) for who in ("ann", "bob") for warmth in Warmth} <= seen
