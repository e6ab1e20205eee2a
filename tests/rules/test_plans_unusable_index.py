from harness.planner.rules.case import Comparison, Syntax
from tests.fakes.plans import case, errors, index, index_scan, seq_scan

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


def test_another_collation_fails() -> None:
    collated = case(full("(code = 'x'::text COLLATE \"C\")"), indexes=BY_CODE)
    assert len(errors(RULE, collated)) == 1


def test_where_no_index_begins_with_the_column_or_nothing_hurts_it_is_silent() -> None:
    assert errors(RULE, case(full("((code)::text = 'x')"), indexes=())) == []
    cheap = case(lambda _: index_scan(cost=300.0, filter="((code)::text = 'x')"), indexes=BY_CODE)
    assert errors(RULE, cheap) == []
