from tests.fakes.plans import case, errors, index, index_scan, node, warnings

RULE = "plans/wrong-order-index"


def page(**scan):
    return node("Limit", index_scan(cost=90_000.0, index="orders_time_idx", **scan), cost=2_000.0, rows=50.0)


def test_an_index_walked_for_its_order_alone_fails_and_one_that_finds_does_not() -> None:
    walked = case(lambda scale: page(rows=50.0 * scale, filter="(shop_id = $1)"))
    assert len(errors(RULE, walked)) == 1
    found = case(
        lambda scale: page(rows=50.0 * scale, filter="(open)", index_cond="((shop_id = $1) AND (code = $2))"),
        indexes=(index("orders_time_idx", "shop_id", "code"),),
    )
    assert errors(RULE, found) == warnings(RULE, found) == []


def test_bound_by_the_tenant_alone_it_is_a_warning_where_it_is_dear() -> None:
    mine = case(
        lambda _: page(filter="(status = 'late')", index_cond="(shop_id = $1)"),
        indexes=(index("orders_time_idx", "shop_id", "created_at"),),
    )
    assert errors(RULE, mine) == []
    assert len(warnings(RULE, mine)) == 1


def test_a_filter_that_keeps_most_is_no_fault() -> None:
    assert errors(RULE, case(lambda _: page(rows=4_000_000.0, filter="(NOT deleted)"))) == []


def test_the_predicate_of_a_partial_index_that_is_tested_again_is_no_filter() -> None:
    pending = index("orders_time_idx", "id", partial="sent_at IS NULL")
    locked = case(lambda _: page(rows=1.0, filter="(o.sent_at IS NULL)"), indexes=(pending,))
    assert errors(RULE, locked) == []
    more = "((o.sent_at IS NULL) AND (o.shop_id = $1))"
    assert len(errors(RULE, case(lambda _: page(rows=1.0, filter=more), indexes=(pending,)))) == 1
