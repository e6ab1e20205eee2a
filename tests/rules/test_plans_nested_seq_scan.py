from harness.model.policy import RouteClass
from tests.fakes.plans import case, errors, index_scan, node, seq_scan

RULE = "plans/nested-seq-scan"


def loop(inner, outer_rows=50.0):
    return node(
        "Nested Loop", index_scan(rows=outer_rows), inner, cost=90_000.0, join_cond="(l.order_id = o.id)"
    )


def test_a_large_table_read_again_for_each_row_fails_and_by_index_it_does_not() -> None:
    (one,) = errors(RULE, case(lambda _: loop(seq_scan("lines"))))
    assert "each of 50 rows" in one.detail
    assert errors(RULE, case(lambda _: loop(index_scan("lines", index="lines_order_idx")))) == []


def test_through_materialize_too_and_not_for_one_outer_row_or_a_lookup_table() -> None:
    assert errors(RULE, case(lambda _: loop(node("Materialize", seq_scan("lines"))))) != []
    assert errors(RULE, case(lambda _: loop(seq_scan("lines"), outer_rows=1.0))) == []
    assert errors(RULE, case(lambda _: loop(seq_scan("colours")))) == []
    assert errors(RULE, case(lambda _: loop(seq_scan("lines")), route_class=RouteClass.REPORT)) == []
