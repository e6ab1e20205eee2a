from tests.fakes.plans import repeat, request, route, said

RULE = "plans/statement-count"


def test_more_statements_than_promised_fail_and_as_many_do_not() -> None:
    assert said(RULE, route(request(repeat(4)), most=3)) == [True]
    assert said(RULE, route(request(repeat(3)), most=3)) == []
    assert said(RULE, route(request(repeat(400)))) == []
