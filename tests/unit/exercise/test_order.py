"""Operations are tried in an order in which each finds what it needs, and nobody is locked out early."""

import pytest

from harness.exercise.operations import Operation
from harness.exercise.order import ends_session, ordered, removes_everything


def operation(name: str) -> Operation:
    method, path = name.split(" ")
    return Operation(name=name, method=method, path=path)


def test_collections_come_first_removals_late_and_the_end_of_sessions_last() -> None:
    names = [
        "DELETE /session",
        "DELETE /orders/{id}",
        "DELETE /orders/{id}/lines/{line}",
        "POST /orders/{id}/cancel",
        "PATCH /orders/{id}",
        "GET /orders/{id}",
        "POST /orders",
        "GET /orders",
    ]
    assert [one.name for one in ordered(map(operation, names))] == [
        "GET /orders",
        "POST /orders",
        "GET /orders/{id}",
        "PATCH /orders/{id}",
        "POST /orders/{id}/cancel",
        "DELETE /orders/{id}/lines/{line}",
        "DELETE /orders/{id}",
        "DELETE /session",
    ]


@pytest.mark.parametrize(
    "name",
    [
        "POST /logout",
        "POST /auth/sign-out",
        "DELETE /session",
        "DELETE /api/v1/sessions/current",
        "POST /oauth/revoke",
        "PUT /me/password/change",
        "POST /users/{id}/change-password",
        "DELETE /me",
        "DELETE /organization",
    ],
)
def test_these_may_lock_the_caller_out(name: str) -> None:
    assert ends_session(operation(name))


@pytest.mark.parametrize(
    "name",
    [
        "GET /session",
        "POST /session",
        "DELETE /sessions/{id}",
        "DELETE /companies/{id}",
        "PATCH /me",
        "POST /tokens",
    ],
)
def test_these_do_not(name: str) -> None:
    assert not ends_session(operation(name))


def test_removing_a_whole_collection_is_known() -> None:
    assert removes_everything(operation("DELETE /orders"))
    assert not removes_everything(operation("DELETE /orders/{id}"))
    assert not removes_everything(operation("DELETE /session"))
    assert not removes_everything(operation("DELETE /cart"))
