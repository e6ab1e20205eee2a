from harness.model.policy import RouteClass
from harness.planner.rules.case import Syntax
from tests.fakes.plans import case, errors, index_scan, node, warnings

RULE = "plans/unbounded"


ALL = Syntax(kind="select", tables=("orders",))


def tenant(scale):
    return index_scan(rows=500.0 * scale)


def test_a_page_without_limit_fails_and_with_one_it_does_not() -> None:
    (one,) = errors(RULE, case(tenant, syntax=ALL))
    assert "50,000 rows" in one.detail
    assert errors(RULE, case(lambda scale: node("Limit", tenant(scale), rows=50))) == []


def test_rows_gathered_into_json_count_and_a_sum_does_not() -> None:
    def gathered(scale):
        return node("Aggregate", tenant(scale), rows=1)

    aggregates = Syntax(kind="select", tables=("orders",), aggregates=True)
    assert errors(RULE, case(gathered, syntax=aggregates, sql="SELECT json_agg(o) FROM orders o")) != []
    assert errors(RULE, case(gathered, syntax=aggregates, sql="SELECT sum(total) FROM orders")) == []


def test_a_short_list_a_parents_children_and_a_report_are_no_fault() -> None:
    assert errors(RULE, case(lambda scale: index_scan(rows=3.0 * scale), syntax=ALL)) == []
    assert errors(RULE, case(lambda _: index_scan(rows=20_000.0), syntax=ALL)) == []
    assert errors(RULE, case(tenant, syntax=ALL, route_class=RouteClass.REPORT)) == []
    some = case(lambda scale: index_scan(rows=30.0 * scale), syntax=ALL)
    assert (len(errors(RULE, some)), len(warnings(RULE, some))) == (0, 1)
