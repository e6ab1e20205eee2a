from tests.fakes.plans import case, errors, index_scan, seq_scan, warnings

RULE = "plans/plan-flip"


def test_an_index_scan_that_becomes_a_full_scan_fails_and_one_that_stays_does_not() -> None:
    flips = case(lambda scale: index_scan(cost=50.0) if scale == 1 else seq_scan(cost=90.0 * scale))
    assert len(errors(RULE, flips)) == 1
    assert errors(RULE, case(lambda _: index_scan(cost=50.0))) == []


def test_a_flip_that_costs_little_more_is_a_warning() -> None:
    flips = case(lambda scale: index_scan(cost=1_000.0) if scale == 1 else seq_scan(cost=3_000.0))
    assert (len(errors(RULE, flips)), len(warnings(RULE, flips))) == (0, 1)
