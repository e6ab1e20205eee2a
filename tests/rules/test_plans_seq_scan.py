from harness.model.policy import RouteClass
from tests.fakes.plans import case, errors, index_scan, node, plans, seq_scan

RULE = "plans/seq-scan"


def scan(scale):
    return seq_scan(cost=900.0 * scale, filter="(code = $2)")


def test_a_large_table_read_for_one_row_fails_and_by_index_it_does_not() -> None:
    (one,) = errors(RULE, case(scan))
    assert "all 5,000,000 rows of orders" in one.detail
    assert errors(RULE, case(lambda _: index_scan())) == []


def test_a_lookup_table_and_a_scan_that_keeps_much_are_no_fault() -> None:
    assert errors(RULE, case(lambda _: seq_scan("colours", filter="(id = 1)"))) == []
    assert errors(RULE, case(lambda _: seq_scan(rows=2_000_000.0, filter="(open)"))) == []


def test_what_a_limit_stops_early_is_not_paid() -> None:
    first = case(lambda scale: node("Limit", scan(scale), cost=5.0, rows=1))
    assert errors(RULE, first) == []


def test_reports_may_scan_and_one_binding_of_three_is_no_rule() -> None:
    assert errors(RULE, case(scan, route_class=RouteClass.REPORT)) == []
    others = plans(lambda _: index_scan(), number=1) + plans(lambda _: index_scan(), number=2)
    assert errors(RULE, case(scan, *others)) == []
