"""Windows of the exercise as work: what counts, what is one, and what repeats."""

from harness.exercise.model import Call, Seen, Warmth, Window
from harness.planner.rules.case import Syntax
from harness.plans.requests import limit_of, work_of
from harness.statements.reading import route_of
from harness.wires.model import BINARY, Column, Parameter, Statement

SELECT = Syntax(kind="select", tables=("orders",), limit="$1")
SYNTAXES = {"list": SELECT, "write": Syntax(kind="update", tables=("orders",))}


def ran(fingerprint="list", *, values=(b"2",), rows=1, tag="SELECT 1", sql="SELECT", columns=()) -> Seen:
    statement = Statement(
        connection=1,
        transaction=1,
        sql=sql,
        parameters=tuple(Parameter(value) for value in values),
        sent_s=0.0,
        done_s=0.0,
        rows=rows,
        tag=tag,
        columns=columns,
    )
    return Seen(fingerprint=fingerprint, statement=statement)


def window(*statements: Seen, target="/orders", waited_s=0.0, **more) -> Window:
    call = Call(
        operation="GET /orders",
        identity="one",
        tenant="north",
        target=target,
        variant="",
        warmth=Warmth.COLD,
        status=200,
        started_s=0.0,
        ended_s=1.0,
        answer_bytes=10,
    )
    return Window(call=call, statements=statements, waited_s=waited_s, **more)


def test_what_the_queries_do_not_name_is_no_statement() -> None:
    (work,) = work_of([window(ran(), ran("set_config"))], SYNTAXES, ())
    assert work.statements == 1
    assert [repeat.fingerprint for repeat in work.repeats] == ["list"]


def test_equal_requests_are_one_and_others_are_not() -> None:
    works = work_of([window(ran()), window(ran(), waited_s=0.01), window(ran(), ran())], SYNTAXES, ())
    assert [work.times for work in works] == [2, 1]
    apart = work_of([window(ran()), window(ran(), waited_s=0.5)], SYNTAXES, ())
    assert [(work.times, work.waited_s) for work in apart] == [(1, 0.0), (1, 0.5)]


def test_runs_are_identical_until_something_is_written() -> None:
    twice = work_of([window(ran(), ran())], SYNTAXES, ())
    assert twice[0].repeats[0].identical == 2
    between = work_of([window(ran(), ran("write", tag="UPDATE 1"), ran())], SYNTAXES, ())
    assert between[0].repeats[0].identical == 1
    other = work_of([window(ran(values=(b"1",)), ran(values=(b"2",)))], SYNTAXES, ())
    assert other[0].repeats[0].identical == 1


def test_full_pages_are_runs_that_returned_their_limit() -> None:
    (work,) = work_of([window(ran(rows=2), ran(rows=2), ran(rows=1))], SYNTAXES, ())
    assert (work.repeats[0].full_pages, work.repeats[0].rows, work.repeats[0].most_rows) == (2, 5, 2)


def test_a_limit_is_read_from_text_and_parameters_of_both_formats() -> None:
    assert limit_of(ran(values=(b"25",)).statement, SELECT) == 25
    binary = Statement(
        connection=1,
        transaction=1,
        sql="",
        parameters=(Parameter(b"\x00\x00\x00\x19", BINARY),),
        sent_s=0,
        done_s=0,
    )
    assert limit_of(binary, SELECT) == 25
    written = Syntax(kind="select", limit="50")
    assert limit_of(ran(sql="SELECT 1 LIMIT 7").statement, written) == 7
    assert limit_of(ran(values=()).statement, SELECT) is None
    assert limit_of(ran(values=(None,)).statement, SELECT) is None


def test_unused_columns_are_weighed() -> None:
    columns = (Column("id", 23, 100, "1"), Column("body", 25, 900, "x"))
    (work,) = work_of([window(ran(columns=columns), unused=(("list", "body"),))], SYNTAXES, ())
    assert (work.repeats[0].size_bytes, work.repeats[0].unused_bytes) == (1_000, 900)
    assert work.repeats[0].unused == ("body",)


def test_a_declared_parameter_makes_a_route_of_its_own() -> None:
    assert route_of(window(target="/orders?limit=5&q=x"), {"GET /orders?q"}) == "GET /orders?q"
    assert route_of(window(target="/orders?limit=5"), {"GET /orders?q"}) == "GET /orders"
