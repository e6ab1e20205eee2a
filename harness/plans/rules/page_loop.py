"""A request reads a table page by page until it has it all."""

from collections.abc import Iterator
from typing import Final

from harness.planner.rules.case import Violation
from harness.planner.rules.reading import STRICT
from harness.planner.rules.wording import counted_number
from harness.plans.rules.route import RouteWork

RULE: Final = "plans/page-loop"
LEAST_RUNS: Final = 3
LEAST_FULL: Final = 2
"""Runs that returned exactly their LIMIT: that is what makes a loop go on."""
LEAST_PAGE: Final = 2
"""LIMIT 1 is a lookup."""
REPORT_RUNS: Final = 10
"""A report may show the first five of each of a few kinds."""


def violations(route: RouteWork) -> Iterator[Violation]:
    """The same SELECT with a LIMIT, several times in one request, most of them full."""
    for fingerprint, runs in route.runs().items():
        statement = route.statements.get(fingerprint)
        if statement is None or not statement.syntax.limit or statement.syntax.kind != "select":
            continue
        worst = max((repeat for _, repeat in runs), key=lambda repeat: repeat.count)
        if worst.count < LEAST_RUNS or worst.full_pages < LEAST_FULL or worst.most_rows < LEAST_PAGE:
            continue
        yield Violation(
            rule=RULE,
            fingerprint=fingerprint,
            error=route.route_class in STRICT or worst.count >= REPORT_RUNS,
            detail=(
                f"Reads page after page in one request: {worst.count} runs, {worst.full_pages} of them full, "
                f"{counted_number(worst.rows)} rows in all."
            ),
            remedy="Let Postgres do what the loop does, or hand the pages to the caller.",
        )
