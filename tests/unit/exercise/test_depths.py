"""Deep pages that a target refuses are bounded, whatever the contract says."""

from pathlib import Path

import pytest

from harness.exercise.depths import refuses_deep_pages
from harness.exercise.model import Call, Seen, Warmth, Window
from harness.exercise.operations import read_operations
from harness.wires.model import Statement

LIST = next(
    one
    for one in read_operations((Path(__file__).parent / "shop.json").read_bytes())
    if one.name == "GET /v2/customers"
)


def window(query: str, status: int, *statements: str) -> Window:
    call = Call(
        operation=LIST.name,
        identity="owner",
        tenant="north",
        target=f"/v2/customers{query}",
        variant="",
        warmth=Warmth.COLD,
        status=status,
        started_s=1.0,
        ended_s=1.1,
        answer_bytes=2,
    )
    seen = tuple(
        Seen(
            fingerprint=sql, statement=Statement(connection=1, transaction=1, sql=sql, sent_s=1.0, done_s=1.0)
        )
        for sql in statements
    )
    return Window(call=call, statements=seen)


FIRST = window("", 200, "SELECT 1 FROM customers LIMIT 20 OFFSET 0")
KEY = "SELECT 1 FROM keys WHERE key = $1"


def test_a_target_that_refuses_every_deep_page_bounds_them() -> None:
    assert refuses_deep_pages(LIST, [FIRST, window("?offset=1000", 400, KEY), window("?offset=100000", 422)])


@pytest.mark.parametrize(
    "deep",
    [
        [],
        [window("?offset=1000", 200)],
        [window("?offset=1000", 400), window("?offset=100000", 200)],
        [window("?offset=1000", 404)],
        [window("?offset=1000", 400, "SELECT 1 FROM customers LIMIT 20 OFFSET 1000")],
        [window("?offset=1000", 400, "SELECT count(*) FROM customers")],
        [window("?offset=2", 400)],
    ],
)
def test_pages_are_not_bounded_where_one_is_answered_or_only_lies_beyond_the_last_row(deep: list) -> None:
    assert not refuses_deep_pages(LIST, [FIRST, *deep])


def test_a_target_that_refuses_everything_tells_nothing() -> None:
    assert not refuses_deep_pages(LIST, [window("", 400), window("?offset=1000", 400)])
