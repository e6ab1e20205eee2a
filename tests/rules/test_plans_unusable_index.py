from harness.model.policy import RouteClass
from harness.planner.rules.case import Comparison, Syntax
from tests.fakes.plans import case, did, errors, executed, index, index_scan, node, seq_scan

RULE = "plans/unusable-index"


BY_CODE = (index("orders_code_idx", "shop_id", "code"),)


def full(condition):
    return lambda scale: seq_scan(cost=900.0 * scale, filter=condition)


def test_a_cast_that_only_the_plan_shows_fails_and_the_bare_column_does_not() -> None:
    cast = case(full("((shop_id = 1) AND ((code)::text = 'x'::text))"), indexes=BY_CODE)
    (one,) = errors(RULE, cast)
    assert "orders_code_idx" in one.detail
    bare = case(lambda _: index_scan(index="orders_code_idx", index_cond="(code = 'x')"), indexes=BY_CODE)
    assert errors(RULE, bare) == []


def test_a_function_around_the_column_fails_and_so_does_a_leading_wildcard() -> None:
    def compared(**more):
        one = Comparison(relation="orders", column="code", **more)
        return Syntax(kind="select", tables=("orders",), comparisons=(one,))

    lower = compared(operator="=", expression="lower(code)", parameter=2)
    assert len(errors(RULE, case(full("(lower(code) = $2)"), syntax=lower, indexes=BY_CODE))) == 1
    wild = compared(operator="like", literal="%x%")
    assert len(errors(RULE, case(full("(code ~~ '%x%'::text)"), syntax=wild, indexes=BY_CODE))) == 1


def test_a_function_in_a_walk_that_a_limit_ends_fails_though_it_does_not_grow() -> None:
    one = Comparison(
        relation="orders", column="code", operator="=", expression="lower(code)", parameter=2, literal=""
    )
    syntax = Syntax(kind="select", tables=("orders",), comparisons=(one,), limit="$3")

    def walk(condition, **more):
        scan = index_scan(index="orders_shop_idx", index_cond="(shop_id = 1)", cost=9_000.0, filter=condition)
        return case(lambda _: node("Limit", scan, cost=200.0), syntax=syntax, **more)

    assert len(errors(RULE, walk("(lower(code) = 'x'::text)", indexes=BY_CODE))) == 1
    assert errors(RULE, walk("(lower(code) = 'x'::text)")) == []


def test_a_report_that_throws_away_most_of_what_it_reads_fails_for_a_function_too() -> None:
    one = Comparison(relation="orders", column="code", operator="=", expression="lower(code)", parameter=2)
    syntax = Syntax(kind="select", tables=("orders",), comparisons=(one,))

    def scan(_, **more):
        return index_scan(index_cond="(shop_id = 1)", cost=900.0, filter="(lower(code) = 'x'::text)", **more)

    def report(removed):
        run = executed(scan(1, actual=did(rows=10, removed=removed)))
        return case(scan, run, syntax=syntax, indexes=BY_CODE, route_class=RouteClass.REPORT)

    assert len(errors(RULE, report(5_000))) == 1
    assert errors(RULE, report(10)) == []


def test_another_collation_fails() -> None:
    collated = case(full("(code = 'x'::text COLLATE \"C\")"), indexes=BY_CODE)
    assert len(errors(RULE, collated)) == 1


def test_where_no_index_begins_with_the_column_or_nothing_hurts_it_is_silent() -> None:
    assert errors(RULE, case(full("((code)::text = 'x')"), indexes=())) == []
    cheap = case(lambda _: index_scan(cost=300.0, filter="((code)::text = 'x')"), indexes=BY_CODE)
    assert errors(RULE, cheap) == []
