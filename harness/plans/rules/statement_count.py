"""Q02: a request sends more statements than its route promises."""

from collections.abc import Iterator
from typing import Final

from harness.planner.rules.case import Violation
from harness.planner.rules.wording import short_sql
from harness.plans.rules.route import RouteWork

RULE: Final = "plans/statement-count"


def violations(route: RouteWork) -> Iterator[Violation]:
    """More than `statements` of harness.toml in an answered request; what only sets or begins is none."""
    worst = max(route.answered(), key=lambda request: request.statements, default=None)
    if route.most_statements is None or worst is None or worst.statements <= route.most_statements:
        return
    told = sorted(worst.repeats, key=lambda repeat: -repeat.count)
    yield Violation(
        rule=RULE,
        fingerprint="",
        error=True,
        detail=(
            f"One request ({worst.variant or 'the plain one'}, {worst.warmth}) sends {worst.statements} "
            f"statements; the route promises {route.most_statements}."
        ),
        remedy="Join what belongs together, and ask once for all; or promise more in harness.toml.",
        evidence=tuple(
            f"{repeat.count} × {short_sql(route.statements[repeat.fingerprint].sql)}"
            for repeat in told[:5]
            if repeat.fingerprint in route.statements
        ),
    )
