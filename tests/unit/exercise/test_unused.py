"""A column is unused where nobody sees its value: neither the caller nor a later statement."""

import json

import pytest

from harness.exercise.unused import exchanged, lengths, unused
from harness.wires.model import BINARY, Column, Parameter, Statement

TEXT_OID, NUMERIC, TIMESTAMPTZ, JSONB, TSVECTOR = 25, 1700, 1184, 3802, 3614


def column(name: str, sample: str, oid: int = TEXT_OID) -> Column:
    return Column(name, oid, len(sample), sample)


def statement(*columns: Column, parameters=(), sql="SELECT", at_s=1.0) -> Statement:
    return Statement(
        connection=1,
        transaction=1,
        sql=sql,
        parameters=parameters,
        columns=columns,
        sent_s=at_s,
        done_s=at_s,
    )


def names(answer, *columns: Column, later=(), sent: str = "") -> list[str]:
    shown = column("shown", "in-the-answer")
    text = answer if isinstance(answer, str) else json.dumps(answer)
    found = unused(
        [("f", statement(shown, *columns)), *(("g", one) for one in later)], text + "in-the-answer", sent
    )
    return [name for _, name in found]


def test_a_value_that_nobody_sees_is_unused() -> None:
    assert names({}, column("notes", "never shown to anybody")) == ["notes"]
    assert names({}, column("search", "'foo':1 'bar':2", TSVECTOR)) == ["search"]


@pytest.mark.parametrize(
    ("answer", "sample", "oid"),
    [
        ({"name": "MÜLLER"}, "Müller", TEXT_OID),
        ({"text": 'a "quoted"\nline'}, 'a "quoted"\nline', TEXT_OID),
        ({"total": 12.5}, "12.50", NUMERIC),
        ({"cents": 1250}, "12.50", NUMERIC),
        ({"at": "2026-11-23T10:00:00.000Z"}, "2026-11-23 10:00:00+00", TIMESTAMPTZ),
        ({"at": 1795428000}, "2026-11-23 10:00:00+00", TIMESTAMPTZ),
        ({"id": "6f1c0a3e0000400080000000000000aa"}, "6f1c0a3e-0000-4000-8000-0000000000aa", 2950),
    ],
)
def test_answers_may_write_a_value_their_own_way(answer, sample, oid) -> None:
    assert names(answer, column("value", sample, oid)) == []


def test_nothing_is_said_of_what_says_nothing() -> None:
    quiet = [column("a", "t", 16), column("b", "true"), column("c", ""), column("d", "42")]
    assert names({}, *quiet, column("e", '{"a": 1}', JSONB), column("f", "{1,2,3}", 1007)) == []


def test_what_is_passed_on_is_used() -> None:
    as_text = statement(parameters=(Parameter(b"customer-77"),))
    as_binary = statement(parameters=(Parameter((4711).to_bytes(4, "big"), BINARY, 23),))
    as_literal = statement(sql="SELECT * FROM customers WHERE id = 'customer-77'")
    assert names({}, column("customer", "customer-77"), later=[as_text]) == []
    assert names({}, column("customer", "customer-77"), later=[as_literal]) == []
    assert names({}, column("number", "4711", 23), later=[as_binary]) == []
    assert names({}, column("tenant", "tenant-3"), sent="/orders?tenant=tenant-3") == []


def test_rows_that_were_added_up_say_nothing() -> None:
    rows = statement(column("amount", "123.45", NUMERIC), column("name", "somebody"))
    assert unused([("f", rows)], '{"total": 9999}', "") == ()


def test_arrays_are_counted_by_path_over_all_their_occurrences() -> None:
    answer = {"items": [{"lines": [1, 2]}, {"lines": [3]}, {}], "a/b": []}
    assert lengths(answer) == {"/items": 3, "/items/*/lines": 3, "/a~1b": 0}
    assert lengths([[1], [2, 3]]) == {"": 2, "/*": 3}
    assert lengths(None) == {}


def test_arrays_of_a_request_are_told_from_those_of_its_answer():
    assert exchanged({"lines": [1]}, {"lines": [1, 2]}) == {"/lines": 1, "sent /lines": 2}
    assert exchanged({"id": 1}, [1, 2, 3]) == {"sent ": 3}
    assert exchanged([], None) == {"": 0}
