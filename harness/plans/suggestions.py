"""Indexes for the statements that break a rule, tried in the laboratory before they are told."""

import re
from collections.abc import Sequence
from typing import Final

from harness.model.progress import Progress
from harness.planner.laboratory import Laboratory
from harness.planner.rules import violations
from harness.planner.rules.case import Case
from harness.planner.rules.curves import cost_at_greatest
from harness.planner.suggest import Want, suggest
from harness.planner.tree import relations
from harness.plans.model import PlansMeasurement, Suggestion
from harness.statements.cases import Promises, cases_of
from harness.wires.statements import Query

MOST_TRIED: Final = 25
"""Statements that are mended in one run, the dearest first: each has up to four candidates to be built."""

JSON_KEY: Final = re.compile(r"[-#]>>?\s*'[^']*'")


async def suggestions_for(
    measurement: PlansMeasurement,
    promises: Promises,
    queries: Sequence[Query],
    planner: Laboratory,
    progress: Progress,
) -> tuple[Suggestion, ...]:
    """One for each statement that an index mends; nothing is built where nothing is broken."""
    wants = wanted(measurement, promises)
    if not wants:
        return ()
    progress.stage(f"try indexes for {len(wants)} statements")
    remedies = await suggest(planner, wants, queries, measurement.plans, is_mended)
    return tuple(
        Suggestion(
            fingerprint=remedy.fingerprint,
            definition=";\n".join(remedy.definitions),
            size_bytes=remedy.size_bytes,
            cost_before=remedy.cost_before,
            cost_after=remedy.cost_after,
            exponent_after=remedy.exponent_after,
            gains=remedy.gains,
            loses=remedy.loses,
        )
        for remedy in remedies
        if not any(holds_a_value(definition) for definition in remedy.definitions)
    )


def wanted(measurement: PlansMeasurement, promises: Promises) -> tuple[Want, ...]:
    """The statements with an error that an index might mend, once each, the dearest first."""
    wants: dict[str, Want] = {}
    for case, lenient in cases_of(measurement, promises):
        if lenient or case.fingerprint in wants:
            continue
        broken = [said for said in violations(case) if said.error and said.wants_index]
        if broken:
            named = tuple(dict.fromkeys(said.relation for said in broken if said.relation))
            wants[case.fingerprint] = Want(case=case, tables=named or _all_tables(case))
    dearest = sorted(wants.values(), key=lambda want: -cost_at_greatest(want.case))
    return tuple(dearest[:MOST_TRIED])


def is_mended(case: Case) -> bool:
    """Whether no rule that an index might satisfy is broken any more."""
    return not any(said.error and said.wants_index for said in violations(case))


def holds_a_value(definition: str) -> bool:
    """Whether an index would be on an expression over one request's value: `position('han' IN name)`.

    A text with values in it does not tell those from constants. The key of a JSON field is a constant, and
    what a partial index is for stands after its WHERE.
    """
    keys = definition.split(" WHERE ", 1)[0]
    return "'" in JSON_KEY.sub("", keys)


def _all_tables(case: Case) -> tuple[str, ...]:
    return tuple(sorted({name for plan in case.plans for name in relations(plan.root)}))
