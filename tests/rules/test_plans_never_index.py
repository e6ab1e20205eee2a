from harness.planner.rules.case import Comparison, Syntax
from tests.fakes.plans import case, index, index_scan, seq_scan, warnings

RULE = "plans/never-index"


SYNTAX = Syntax(
    kind="select",
    tables=("orders",),
    comparisons=(Comparison(relation="orders", column="code", operator="="),),
)


def test_an_index_that_has_it_all_and_is_passed_over_is_told() -> None:
    ready = (index("orders_code_idx", "code"),)
    assert len(warnings(RULE, case(lambda _: seq_scan(), syntax=SYNTAX, indexes=ready))) == 1
    taken = case(lambda _: index_scan(index="orders_code_idx"), syntax=SYNTAX, indexes=ready)
    assert warnings(RULE, taken) == []
