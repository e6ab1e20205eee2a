"""Plans and requests to findings; pure. The rules are in harness/planner/rules and harness/plans/rules."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import msgspec

from harness.model.finding import Effect, Finding, Severity
from harness.model.policy import Policy
from harness.planner.rules import violations
from harness.planner.rules.case import Violation
from harness.planner.rules.wording import short_sql
from harness.plans.completeness import judge_completeness
from harness.plans.model import PlansMeasurement
from harness.plans.remedies import Remedies
from harness.plans.rules import LOOPS, REQUEST_RULES
from harness.plans.rules.idle_in_transaction import RULE as IDLE_IN_TRANSACTION
from harness.plans.rules.over_fetch import RULE as OVER_FETCH
from harness.plans.rules.route import RouteWork
from harness.plans.rules.statement_count import RULE as STATEMENT_COUNT
from harness.plans.works import route_works
from harness.statements.cases import cases_of, promises_of

SHARED_ROUTES: Final = 3
"""One statement of more routes than this (a session's lookup) is one finding that names them all."""


def judge(measurement: PlansMeasurement, policy: Policy) -> Iterator[Finding]:
    """One finding for each cause: what several rules say of a statement of a route is said by their leader.

    The others stay in its evidence, as `also <rule>: …`. Leaders are first in the tuples of rules.
    """
    yield from judge_completeness(measurement)
    promises = promises_of(policy, measurement)
    remedies = Remedies(measurement)
    planned: dict[tuple[str, str], list[Violation]] = defaultdict(list)
    for case, lenient in cases_of(measurement, promises):
        planned[case.route, case.fingerprint] += [
            _lenient(one) if lenient else one for one in violations(case)
        ]
    asked: list[tuple[Finding, str]] = []
    for route in route_works(measurement, promises):
        asked += _of_requests(route, remedies, planned)
    found = [
        (_finding(subject, said, remedies), fingerprint)
        for (subject, fingerprint), said in planned.items()
        if said
    ]
    found += asked
    yield from _shared(found, policy)


def _of_requests(
    route: RouteWork, remedies: Remedies, planned: Mapping[tuple[str, str], list[Violation]]
) -> Iterator[tuple[Finding, str]]:
    """What requests show; rows that a statement fetches for nothing go to the error of its plan, if any."""
    loops: dict[str, list[Violation]] = defaultdict(list)
    alone: list[Violation] = []
    for rule in REQUEST_RULES.values():
        for said in rule(route):
            group = planned.get((route.route, said.fingerprint), [])
            if said.rule in LOOPS:
                loops[said.fingerprint].append(said)
            elif said.rule == OVER_FETCH and any(one.error for one in group):
                group.append(said)
            else:
                alone.append(said)
    looping = [said for group in loops.values() for said in group if said.error]
    for said in list(alone):
        # Too many statements because one of them runs too often is one cause.
        if said.rule == STATEMENT_COUNT and looping:
            loops[looping[0].fingerprint].append(said)
            alone.remove(said)
    for fingerprint, group in loops.items():
        yield _finding(route.route, group, remedies), fingerprint
    for said in alone:
        yield _finding(route.route, [said], remedies), said.fingerprint


def _finding(subject: str, said: Sequence[Violation], remedies: Remedies) -> Finding:
    """The leader of what was said, with the rest as evidence; an error leads before any warning."""
    leader = next((one for one in said if one.error), said[0])
    others = tuple(f"also {one.rule}: {one.detail}" for one in said if one is not leader)
    sql = remedies.sql(leader.fingerprint)
    return Finding(
        rule=leader.rule,
        severity=Severity.ERROR if leader.error else Severity.WARNING,
        effect=Effect.FAIL if leader.error else Effect.NONE,
        subject=subject,
        aspect=leader.aspect or leader.fingerprint,
        detail=leader.detail,
        remedy=remedies.remedy(leader, said),
        evidence=(*((short_sql(sql),) if sql else ()), *leader.evidence, *others),
    )


def _lenient(said: Violation) -> Violation:
    return msgspec.structs.replace(said, error=False)


def _shared(found: Iterable[tuple[Finding, str]], policy: Policy) -> Iterator[Finding]:
    """Findings in order; those of one statement and one leader on many routes are one that names them all."""
    groups: dict[tuple[str, ...], list[Finding]] = {}
    for finding, fingerprint in found:
        shareable = fingerprint or finding.rule == IDLE_IN_TRANSACTION
        key = (finding.rule, fingerprint, finding.severity) + (() if shareable else (finding.subject,))
        groups.setdefault(key, []).append(finding)
    order = {operation: number for number, operation in enumerate(policy.operations)}
    for group in groups.values():
        if len(group) <= SHARED_ROUTES:
            yield from group
            continue
        first, *others = sorted(group, key=lambda one: (order.get(one.subject, len(order)), one.subject))
        routes = ", ".join(one.subject for one in others)
        yield msgspec.structs.replace(first, evidence=(*first.evidence, f"the same on {routes}"))
