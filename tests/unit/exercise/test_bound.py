"""The exercise ends, and says what it left out."""

from harness.exercise.bound import PER_OPERATION, REQUESTS, Bound


def test_requests_beyond_the_bound_are_refused_and_named() -> None:
    bound = Bound(10)
    assert bound.allows("GET /orders", 0.0)
    assert bound.cut() == ()
    bound.sent = REQUESTS
    assert bound.is_reached
    assert not bound.allows("GET /orders", 0.0)
    assert not bound.allows("GET /orders", 0.0)
    assert [sentence.partition(" of")[0] for sentence in bound.cut()] == ["GET /orders: 2"]


def test_a_slow_operation_leaves_time_to_the_others() -> None:
    bound = Bound(60)
    assert bound.allows("POST /ask", 5.9)
    assert not bound.allows("POST /ask", 6.1)
    assert bound.allows("GET /orders", 0.1)


def test_a_greater_contract_gets_more() -> None:
    bound = Bound(200)
    bound.sent = 200 * PER_OPERATION - 1
    assert not bound.is_reached
