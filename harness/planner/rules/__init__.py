"""Rules about plans, one module each: `RULE`, its thresholds with their sources, and `violations(case)`."""

from collections.abc import Callable, Iterator
from typing import Final

from harness.planner.rules import (
    big_sort,
    buffers,
    correlated_subquery,
    cte_scan,
    generic_plan,
    growth,
    hash_spill,
    heap_fetches,
    lossy_bitmap,
    nested_seq_scan,
    never_index,
    no_pruning,
    offset,
    plan_flip,
    row_estimate,
    rows_removed,
    seq_scan,
    sort_spill,
    sort_under_limit,
    temp_blocks,
    unbounded,
    unusable_index,
    wrong_order_index,
)
from harness.planner.rules.case import Case, Violation

Rule = Callable[[Case], Iterator[Violation]]

RULES: Final[dict[str, Rule]] = {
    module.RULE: module.violations
    for module in (
        unusable_index,
        correlated_subquery,
        nested_seq_scan,
        wrong_order_index,
        sort_under_limit,
        unbounded,
        growth,
        seq_scan,
        offset,
        plan_flip,
        big_sort,
        no_pruning,
        sort_spill,
        hash_spill,
        temp_blocks,
        rows_removed,
        buffers,
        row_estimate,
        lossy_bitmap,
        cte_scan,
        generic_plan,
        heap_fetches,
        never_index,
    )
}
"""Every rule by its id, leaders first.

Where several describe the same statement, the first is the finding and the others are evidence in it: a
cause before its consequence (a cast before the scan that it makes), what hurts at scale before what hurts
today, what one would mend before what would be better then.
"""


def violations(case: Case) -> Iterator[Violation]:
    """What every rule says of one statement, leaders first."""
    for rule in RULES.values():
        yield from rule(case)
