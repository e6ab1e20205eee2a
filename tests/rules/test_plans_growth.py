from msgspec.structs import replace

from harness.model.policy import RouteClass
from harness.planner.model import Way
from harness.planner.rules.case import Comparison, Syntax
from harness.planner.rules.curves import growth_of
from tests.fakes.plans import case, did, errors, executed, index_scan, node, plans, seq_scan, warnings

RULE = "plans/growth"


def missing_index(scale):
    return seq_scan(cost=1_000.0 * scale, filter="(code = $2)")


def by_key(_):
    return index_scan(index_cond="((shop_id = $1) AND (code = $2))")


def test_a_page_that_reads_the_whole_tenant_fails_and_by_its_index_it_does_not() -> None:
    (one,) = errors(RULE, case(missing_index))
    assert "rows^1.00" in one.detail
    assert "100 times today's cost" in one.evidence[0]
    assert (one.relation, one.wants_index) == ("orders", True)
    assert errors(RULE, case(by_key)) == []


def test_a_report_may_read_its_tenant_and_nobody_all_tenants() -> None:
    assert errors(RULE, case(missing_index, route_class=RouteClass.REPORT)) == []
    assert errors(RULE, case(missing_index, route_class=RouteClass.REPORT, way=Way.MORE)) != []
    assert errors(RULE, case(missing_index, route_class=RouteClass.REPORT, way=Way.MORE, whole=True)) == []


def test_the_rows_at_which_the_plan_flips_are_between_the_scales() -> None:
    (one,) = errors(RULE, case(lambda scale: by_key(scale) if scale == 1 else missing_index(scale)))
    assert "From about " in one.evidence[0]
    rows = int(one.evidence[0].split("From about ")[1].split(" rows")[0].replace(",", ""))
    assert 50_000 <= rows <= 500_000


def test_a_change_of_shape_that_does_not_matter_is_no_flip() -> None:
    gathered = case(
        lambda s: node("Gather", seq_scan(cost=900.0 * s), cost=1_000.0 * s) if s > 1 else missing_index(s)
    )
    (one,) = errors(RULE, gathered)
    assert "At every size" in one.evidence[0]


def test_a_generic_plan_that_guessed_its_limit_says_nothing() -> None:
    guessed = plans(
        lambda scale: node(
            "Limit",
            index_scan(cost=4_000.0 * scale, rows=900.0 * scale),
            cost=400.0 * scale,
            rows=90.0 * scale,
        ),
        binding="generic",
    )
    assert errors(RULE, case(by_key, *guessed)) == []


def test_the_median_binding_decides_and_not_the_worst() -> None:
    worst = plans(missing_index, number=1)
    others = plans(by_key, number=2)
    assert errors(RULE, case(by_key, *worst, *others)) == []
    assert growth_of(case(missing_index), Way.BIGGER).exponent > 0.99


def either(*conditions):
    """A LIMIT over a walk through a tenant whose filter is an OR of these columns."""
    compared = tuple(
        Comparison(relation="orders", column=one, operator="=", parameter=at, disjunct=True)
        for at, one in enumerate(conditions, start=2)
    )
    condition = " OR ".join(f"({one} = 'x'::text)" for one in conditions)
    return (
        Syntax(kind="select", tables=("orders",), limit="$9", comparisons=compared),
        lambda cost: node(
            "Limit",
            index_scan(cost=cost, index_cond="(shop_id = 1)", filter=f"({condition})"),
            cost=cost,
            rows=20.0,
        ),
    )


def test_a_walk_that_ends_at_the_first_matches_is_as_dear_as_one_without_matches() -> None:
    def judged(syntax, walk):
        nothing_there = plans(lambda scale: walk(100.0 * scale), number=1)
        others = plans(lambda _: walk(90.0), number=2)
        return errors(RULE, case(lambda _: walk(90.0), *nothing_there, *others, syntax=syntax))

    (one,) = judged(*either("code", "note"))
    assert "rows^1.00" in one.detail
    assert judged(*either("code")) == []


def test_a_cost_that_levels_off_is_a_plan_that_found_its_shape() -> None:
    levels = {1: 40.0, 10: 300.0, 100: 310.0}
    assert errors(RULE, case(lambda scale: index_scan(cost=levels[scale]))) == []


def test_a_small_table_and_a_cheap_plan_never_count() -> None:
    assert errors(RULE, case(lambda scale: seq_scan("colours", cost=1_000.0 * scale))) == []
    assert errors(RULE, case(lambda scale: seq_scan(cost=0.9 * scale))) == []


def test_a_search_by_index_follows_its_matches_and_by_filter_fails() -> None:
    search = Syntax(kind="select", tables=("orders",), search=True)
    by_index = case(
        lambda scale: node(
            "Bitmap Heap Scan",
            node("Bitmap Index Scan", index="words_idx", index_cond="(words @@ $2)"),
            relation="orders",
            cost=200.0 * scale,
        ),
        syntax=search,
    )
    by_filter = case(lambda scale: seq_scan(cost=200.0 * scale, filter="(words @@ $2)"), syntax=search)
    assert errors(RULE, by_index) == []
    assert errors(RULE, by_filter) != []


def test_a_change_of_a_whole_set_is_a_warning() -> None:
    syntax = Syntax(kind="update", tables=("orders",))
    read_all = case(
        lambda scale: node(
            "ModifyTable",
            index_scan(cost=900.0 * scale, rows=500.0 * scale),
            relation="orders",
            cost=900.0 * scale,
        ),
        syntax=syntax,
        route_class=RouteClass.WRITE,
    )
    assert errors(RULE, read_all) == []
    assert len(warnings(RULE, read_all)) == 1
    did_little = index_scan(cost=900.0, rows=500.0, filter="(lower(code) = $2)", actual=did(2, removed=5_000))
    run = executed(node("ModifyTable", did_little, relation="orders", cost=900.0, actual=did(0)))
    guessed = replace(read_all, plans=(*read_all.plans, run))
    assert len(errors(RULE, guessed)) == 1
