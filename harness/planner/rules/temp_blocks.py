"""P09: a statement wrote temporary files for something else than a sort or a hash."""

from collections.abc import Iterator
from typing import Final

from harness.planner.model import Plan
from harness.planner.rules.case import Case, Violation
from harness.planner.rules.reading import is_strict, prevailing_run, ran
from harness.planner.rules.wording import counted_number

RULE: Final = "plans/temp-blocks"
BLOCK_KB: Final = 8


def violations(case: Case) -> Iterator[Violation]:
    """Any temporary block written with today's data, sorts and hashes apart."""
    found = prevailing_run(case, _written)
    if found is None:
        return
    _, blocks = found
    yield Violation(
        rule=RULE,
        fingerprint=case.fingerprint,
        error=is_strict(case),
        detail=f"Writes {counted_number(blocks * BLOCK_KB)} kB of temporary files, today.",
        remedy="Keep fewer rows in the CTE or materialized join; then a larger work_mem for this one.",
    )


def _written(plan: Plan) -> int | None:
    told = list(ran(plan.root))
    if any(actual.sort_disk or actual.batches > 1 or actual.disk_kb for _, actual in told):
        return None
    return max((actual.temp_blocks for _, actual in told), default=0) or None
