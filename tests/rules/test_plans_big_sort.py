from harness.model.policy import RouteClass
from tests.fakes.plans import case, errors, index_scan, node, warnings

RULE = "plans/big-sort"


def test_sorting_more_than_ten_thousand_rows_fails_a_page_and_fewer_do_not() -> None:
    def sort(rows):
        return case(lambda _: node("Sort", index_scan(rows=rows), rows=rows, sort_key=("total",)))

    assert len(errors(RULE, sort(20_000.0))) == 1
    assert errors(RULE, sort(9_000.0)) == []


def test_a_report_is_warned_and_a_sort_under_a_limit_is_another_rules() -> None:
    def tree(_):
        return node("Sort", index_scan(rows=20_000.0), rows=20_000.0)

    def grouped(scale):
        return node("Aggregate", tree(scale), strategy="Sorted", rows=20.0)

    assert warnings(RULE, case(grouped, route_class=RouteClass.REPORT)) == []
    assert len(errors(RULE, case(grouped))) == 1
    report = case(tree, route_class=RouteClass.REPORT)
    assert (len(errors(RULE, report)), len(warnings(RULE, report))) == (0, 1)
    assert errors(RULE, case(lambda scale: node("Limit", tree(scale), rows=10))) == []
