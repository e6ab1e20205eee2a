from tests.fakes.plans import case, did, errors, executed, index_scan, node, seq_scan, warnings

RULE = "plans/row-estimate"


def ran(root):
    return case(lambda _: index_scan(), executed(root))


def test_a_thousand_times_too_few_expected_fails_and_a_good_guess_does_not() -> None:
    assert len(errors(RULE, ran(seq_scan(rows=1.0, actual=did(40_000))))) == 1
    assert errors(RULE, ran(seq_scan(rows=30_000.0, actual=did(40_000)))) == []


def test_too_many_expected_is_a_warning_and_what_a_limit_stops_is_no_measure() -> None:
    many = ran(seq_scan(rows=40_000.0, actual=did(0)))
    assert (len(errors(RULE, many)), len(warnings(RULE, many))) == (0, 1)
    stopped = ran(node("Limit", seq_scan(rows=40_000.0, actual=did(10)), actual=did(10)))
    assert warnings(RULE, stopped) == []
