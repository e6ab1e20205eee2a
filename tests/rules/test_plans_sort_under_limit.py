from harness.model.policy import RouteClass
from harness.planner.rules.case import Syntax
from tests.fakes.plans import case, errors, index_scan, node, warnings

RULE = "plans/sort-under-limit"


def page(scale, rows=500.0, **scan):
    tenant = index_scan(rows=rows * scale, cost=400.0, **scan)
    return node(
        "Limit",
        node("Sort", tenant, rows=rows * scale, sort_key=("total",), cost=500.0),
        rows=50.0,
        cost=500.0,
    )


def test_sorting_a_tenant_for_a_page_fails_and_an_index_in_that_order_does_not() -> None:
    (one,) = errors(RULE, case(page))
    assert "Sorts 50,000 rows" in one.detail
    assert errors(RULE, case(lambda _: node("Limit", index_scan(rows=50_000.0), rows=50.0))) == []


def test_a_parents_few_children_and_a_sort_that_does_not_grow_are_no_fault() -> None:
    assert errors(RULE, case(lambda _: page(1, rows=20.0))) == []
    assert errors(RULE, case(lambda _: page(1, rows=5_000.0))) == []


def test_searches_are_left_to_growth_and_reports_are_warned() -> None:
    assert errors(RULE, case(page, syntax=Syntax(kind="select", search=True))) == []
    report = case(page, route_class=RouteClass.REPORT)
    assert (len(errors(RULE, report)), len(warnings(RULE, report))) == (0, 1)


def test_a_report_may_show_the_greatest_of_what_it_added_up() -> None:
    def top(scale):
        groups = node("Aggregate", index_scan(rows=9_000.0 * scale), rows=500.0 * scale)
        sort = node("Sort", groups, rows=500.0 * scale, sort_key=("(count(*)) DESC", "id"), cost=500.0)
        return node("Limit", sort, rows=5.0, cost=500.0)

    report = case(top, route_class=RouteClass.REPORT)
    assert errors(RULE, report) == warnings(RULE, report) == []
    assert len(errors(RULE, case(top))) == 1
