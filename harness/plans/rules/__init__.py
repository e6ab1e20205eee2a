"""Rules about requests, a module each: `RULE`, its thresholds with their sources, `violations(route)`."""

from collections.abc import Callable, Iterator
from typing import Final

from harness.planner.rules.case import Violation
from harness.plans.rules import (
    duplicate_statement,
    idle_in_transaction,
    n_plus_one,
    over_fetch,
    page_ignored,
    page_loop,
    statement_count,
)
from harness.plans.rules.route import RouteWork

REQUEST_RULES: Final[dict[str, Callable[[RouteWork], Iterator[Violation]]]] = {
    module.RULE: module.violations
    for module in (
        n_plus_one,
        page_loop,
        duplicate_statement,
        statement_count,
        over_fetch,
        page_ignored,
        idle_in_transaction,
    )
}
"""Every rule about requests by its id, leaders first."""
LOOPS: Final = (n_plus_one.RULE, page_loop.RULE, duplicate_statement.RULE)
"""They describe one cause, too many runs of one statement, and statement-count is their consequence."""
