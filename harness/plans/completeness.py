"""Whether the plans suffice to judge by: a wire that saw something, statements that could be explained."""

from collections.abc import Iterator
from typing import Final

from harness.model.finding import Effect, Finding, Severity
from harness.planner.rules.wording import short_sql
from harness.plans.model import PlansMeasurement

UNPLANNED: Final = "plans/unplanned"
SILENT: Final = "plans/silent"
MOST_UNPLANNED: Final = 0.1
"""Share of statements without a plan beyond which the rest does not speak for the target."""


def judge_completeness(measurement: PlansMeasurement) -> Iterator[Finding]:
    """A silent wire, and each statement that Postgres would not explain, in its own words."""
    if measurement.wire_silent:
        yield Finding(
            rule=SILENT,
            severity=Severity.ERROR,
            effect=Effect.INCONCLUSIVE,
            subject="postgres",
            detail="Requests were answered and not one statement crossed the wire: there is nothing to plan.",
            remedy="Let the target connect to the address of {postgres} in its environment, and to no other.",
        )
    routes = {one.fingerprint: one.routes or one.after for one in measurement.statements}
    missing = {one.fingerprint: one for one in measurement.unplanned}
    many = len(missing) > MOST_UNPLANNED * max(1, len(measurement.statements))
    for fingerprint, unplanned in missing.items():
        subject = next(iter(routes.get(fingerprint, ())), "unasked")
        yield Finding(
            rule=UNPLANNED,
            severity=Severity.WARNING,
            effect=Effect.INCONCLUSIVE if many else Effect.NONE,
            subject=subject,
            aspect=fingerprint,
            detail=f"Could not be explained: {unplanned.reason}",
            remedy="Nothing need be mended for the statement's own sake; it is not judged.",
            evidence=(short_sql(unplanned.sql),),
        )
