from tests.fakes.plans import case, index_scan, plans, seq_scan, warnings

RULE = "plans/generic-plan"


def test_a_real_plan_unlike_the_generic_one_is_warned_and_a_like_one_is_not() -> None:
    generic = plans(lambda _: index_scan(cost=10.0), binding="generic")
    assert len(warnings(RULE, case(lambda _: seq_scan(cost=5_000.0), *generic))) == 1
    assert warnings(RULE, case(lambda _: index_scan(cost=12.0), *generic)) == []


def test_a_generic_plan_that_is_dearer_than_the_real_ones_is_never_taken() -> None:
    generic = plans(lambda _: seq_scan(cost=5_000.0), binding="generic")
    assert warnings(RULE, case(lambda _: index_scan(cost=10.0), *generic)) == []
