from msgspec.structs import replace

from harness.model.policy import RouteClass
from harness.planner.rules.case import Syntax
from tests.fakes.plans import repeat, request, route, said

RULE = "plans/page-ignored"
ALL = repeat(rows=40, most_rows=40)
LIMITED = Syntax(kind="select", tables=("orders",), limit="$3")


def asked(page=2, lengths=None, one=ALL, **more):
    answered = request(one, page=page, lengths=lengths or {"/items": 40, "/items/*/tags": 90})
    return replace(route(answered, **more), large=frozenset({"orders"}))


def test_all_rows_for_a_page_of_two_fail_and_a_limit_mends_it() -> None:
    assert said(RULE, asked()) == [True]
    assert said(RULE, asked(syntax=LIMITED)) == []


def test_a_table_that_stays_small_is_a_warning() -> None:
    assert said(RULE, replace(asked(), large=frozenset())) == [False]


def test_what_holds_no_more_than_the_page_is_not_the_list_or_is_no_page_is_silent() -> None:
    assert said(RULE, asked(page=None)) == []
    assert said(RULE, asked(page=40)) == []
    assert said(RULE, asked(page=39)) == []
    assert said(RULE, asked(lengths={"/items": 2, "/colours": 40})) == []
    assert said(RULE, asked(one=repeat(20, rows=40))) == []
    assert said(RULE, asked(route_class=RouteClass.REPORT)) == []
