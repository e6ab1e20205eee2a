"""A page of a few elements is asked for, and all that there are come."""

from collections.abc import Iterator
from typing import Final

from harness.model.policy import RouteClass
from harness.planner.rules.case import Violation
from harness.planner.rules.wording import counted_number
from harness.plans.model import Repeat, RequestWork
from harness.plans.rules.route import RouteWork

RULE: Final = "plans/page-ignored"
LEAST_TIMES: Final = 2
"""How many pages must have come: one element more is how some services see that there is a next page."""


def violations(route: RouteWork) -> Iterator[Violation]:
    """A SELECT without a LIMIT that runs once and whose rows are all answered, though fewer were asked for.

    An error on pages of tables that become large; a short list of a table that stays small is a warning.
    """
    if route.route_class != RouteClass.PAGE:
        return
    for fingerprint, runs in route.runs().items():
        statement = route.statements.get(fingerprint)
        if statement is None or statement.syntax.kind != "select" or statement.syntax.limit:
            continue
        ignored = [(request.page, repeat.rows) for request, repeat in runs if _is_ignored(request, repeat)]
        if not ignored:
            continue
        page, rows = max(ignored, key=lambda one: one[1])
        yield Violation(
            rule=RULE,
            fingerprint=fingerprint,
            error=bool(route.large & set(statement.syntax.tables)),
            detail=f"Asked for a page of {page}, answers all {counted_number(rows)}: it has no LIMIT.",
            remedy="Page it: ORDER BY a key, LIMIT what was asked for.",
        )


def _is_ignored(request: RequestWork, repeat: Repeat) -> bool:
    """Whether one run gave every array at the top of the answer more than the page that was asked for."""
    tops = [
        length
        for path, length in request.lengths.items()
        if path.startswith("/") and "*" not in path and length
    ]
    return (
        request.page is not None
        and repeat.count == 1
        and repeat.rows >= LEAST_TIMES * request.page
        and bool(tops)
        and min(tops) == repeat.rows
    )
