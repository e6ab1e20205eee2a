from harness.planner.rules.case import Syntax
from tests.fakes.plans import repeat, request, route, said

RULE = "plans/duplicate-statement"


def test_the_same_question_twice_fails_and_once_does_not() -> None:
    assert said(RULE, route(request(repeat(2, identical=2)))) == [True]
    assert said(RULE, route(request(repeat(2, identical=1)))) == []


def test_a_rare_retry_and_a_statement_without_table_are_no_fault() -> None:
    assert said(RULE, route(request(repeat(2, identical=2)), request(repeat(1), times=5))) == []
    clock = Syntax(kind="select")
    assert said(RULE, route(request(repeat(3, identical=3)), syntax=clock)) == []
