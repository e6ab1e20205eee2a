from harness.planner.rules.case import Syntax
from harness.planner.rules.offset import skipped_rows
from tests.fakes.plans import case, errors, index_scan, node, seq_scan, warnings

RULE = "plans/offset"


PAGED = Syntax(kind="select", tables=("orders",), limit="$2", offset="$3")


def page(_):
    return node("Limit", index_scan(rows=50_000.0), rows=50.0)


def test_unbounded_offsets_fail_bounded_ones_are_warned_and_keys_are_neither() -> None:
    assert len(errors(RULE, case(page, syntax=PAGED, bounded=False))) == 1
    bounded = case(page, syntax=PAGED)
    assert (len(errors(RULE, bounded)), len(warnings(RULE, bounded))) == (0, 1)
    by_key = case(page, bounded=False)
    assert errors(RULE, by_key) == warnings(RULE, by_key) == []


def test_a_plan_that_skips_tells_of_an_offset_that_no_text_showed() -> None:
    deep = node(
        "Limit", index_scan(rows=50_000.0, cost=10_000.0), startup_cost=1_000.0, cost=1_010.0, rows=50.0
    )
    assert skipped_rows(deep) == 5_000
    assert len(errors(RULE, case(lambda _: deep, bounded=False))) == 1


def test_a_lookup_table_may_be_paged_by_offset() -> None:
    assert errors(RULE, case(lambda _: node("Limit", seq_scan("colours")), syntax=PAGED, bounded=False)) == []
