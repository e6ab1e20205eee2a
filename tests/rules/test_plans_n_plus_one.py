from harness.model.policy import RouteClass
from harness.planner.rules.case import Syntax
from tests.fakes.plans import repeat, request, route, said

RULE = "plans/n-plus-one"


def pages(*pairs, path="/items", **more):
    return [request(repeat(runs), lengths={path: length}, **more) for length, runs in pairs]


def test_runs_that_follow_the_page_fail_and_one_for_all_does_not() -> None:
    assert said(RULE, route(*pages((1, 1), (25, 25), (100, 100)))) == [True]
    assert said(RULE, route(*pages((1, 1), (25, 1), (100, 1)))) == []


def test_batches_and_fixed_sets_are_no_loop() -> None:
    assert said(RULE, route(*pages((10, 1), (50, 5), (90, 9)))) == []
    assert said(RULE, route(*pages((10, 4), (50, 4), (100, 4)))) == []


def test_a_nested_array_and_a_flag_are_found_too() -> None:
    off = [request(lengths={"/items": 50})]
    nested = pages((4, 4), (9, 9), (30, 30), path="/items/*/lines", variant="include=lines")
    assert said(RULE, route(*off, *nested)) == [True]


def test_a_length_that_never_varies_must_be_met_every_time() -> None:
    assert said(RULE, route(*pages((4, 4), (4, 4)))) == [True]
    assert said(RULE, route(*pages((4, 4), (4, 3)))) == []
    assert said(RULE, route(*pages((3, 3)), route_class=RouteClass.REPORT)) == []
    same = [request(repeat(4, identical=4), lengths={"/items": 4})]
    assert said(RULE, route(*same)) == []


def test_inserting_row_by_row_is_a_warning_and_so_is_a_loop_that_no_array_explains() -> None:
    insert = Syntax(kind="insert", tables=("orders",))
    assert said(RULE, route(*pages((1, 1), (5, 5), (9, 9)), syntax=insert)) == [False]
    assert said(RULE, route(request(repeat(12)))) == [False]


def test_a_loop_longer_than_any_calendar_fails_though_no_array_explains_it() -> None:
    assert said(RULE, route(request(repeat(28)), route_class=RouteClass.REPORT)) == [True]
    assert said(RULE, route(request(repeat(28, identical=28)), route_class=RouteClass.REPORT)) == []
    pages_read = request(repeat(28, full_pages=27, most_rows=100))
    assert said(RULE, route(pages_read, route_class=RouteClass.REPORT)) == [False]


def test_a_long_loop_over_batches_of_the_page_fails_and_a_report_is_warned() -> None:
    batches = pages((2, 1), (20, 2), (100, 10))
    assert said(RULE, route(*batches)) == [True]
    assert said(RULE, route(*batches, route_class=RouteClass.REPORT)) == [False]


def test_runs_that_follow_what_was_sent_fail_though_no_answer_shows_it() -> None:
    assert said(RULE, route(*pages((1, 1), (20, 20), path="sent /lines"))) == [True]
