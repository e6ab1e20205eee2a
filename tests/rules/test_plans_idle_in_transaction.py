from tests.fakes.plans import repeat, request, route, said

RULE = "plans/idle-in-transaction"


def test_a_transaction_left_open_fails_and_an_ended_one_does_not() -> None:
    assert said(RULE, route(request(repeat(), left_open=1))) == [True]
    assert said(RULE, route(request(repeat()))) == []


def test_waiting_inside_a_transaction_fails_where_it_is_the_rule() -> None:
    assert said(RULE, route(request(repeat(), waited_s=0.4))) == [True]
    assert said(RULE, route(request(repeat(), waited_s=0.4), request(repeat(), times=4))) == []
