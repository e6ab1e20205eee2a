from tests.fakes.plans import case, errors, index_scan, node, seq_scan

RULE = "plans/correlated-subquery"


def page(inner, condition=""):
    return node(
        "Index Scan",
        inner,
        relation="orders",
        index="orders_pkey",
        rows=50.0,
        filter=condition,
        cost=8.0 + 50 * inner.cost,
    )


def test_a_growing_subquery_for_each_row_fails_and_a_lookup_for_each_does_not() -> None:
    assert (
        len(errors(RULE, case(lambda scale: page(seq_scan("lines", cost=100.0 * scale, role="SubPlan")))))
        == 1
    )
    assert errors(RULE, case(lambda _: page(index_scan("lines", cost=8.0, role="SubPlan")))) == []


def test_a_hashed_subplan_runs_once() -> None:
    hashed = case(
        lambda scale: page(seq_scan("lines", cost=100.0 * scale, role="SubPlan"), "(NOT (hashed SubPlan 1))")
    )
    assert errors(RULE, hashed) == []
