from harness.model.policy import RouteClass
from harness.planner.rules.case import Syntax
from tests.fakes.plans import repeat, request, route, said

RULE = "plans/page-loop"


PAGED = Syntax(kind="select", tables=("orders",), limit="100")


def test_page_after_page_fails_and_one_page_does_not() -> None:
    loop = request(repeat(4, full_pages=3, most_rows=100, rows=350))
    assert said(RULE, route(loop, syntax=PAGED)) == [True]
    assert said(RULE, route(request(repeat(1, full_pages=1, most_rows=100)), syntax=PAGED)) == []


def test_lookups_with_limit_one_and_a_reports_few_lists_are_no_loop() -> None:
    lookups = request(repeat(9, full_pages=9, most_rows=1))
    assert said(RULE, route(lookups, syntax=PAGED)) == []
    lists = request(repeat(3, full_pages=3, most_rows=5))
    assert said(RULE, route(lists, syntax=PAGED, route_class=RouteClass.REPORT)) == [False]
