from harness.model.policy import RouteClass
from tests.fakes.plans import case, did, errors, executed, index_scan, node, warnings

RULE = "plans/buffers"


def ran(blocks, rows, **more):
    root = node("Aggregate", index_scan(actual=did(rows, blocks=blocks)), actual=did(1, blocks=blocks))
    return case(lambda _: index_scan(), executed(root), **more)


def test_thousands_of_pages_for_a_row_fail_and_a_page_of_rows_does_not() -> None:
    assert len(errors(RULE, ran(5_000, 1))) == 1
    assert errors(RULE, ran(1_500, 100)) == []


def test_a_report_is_warned() -> None:
    report = ran(5_000, 1, route_class=RouteClass.REPORT)
    assert (len(errors(RULE, report)), len(warnings(RULE, report))) == (0, 1)
