"""Findings, waivers and what was required, to one verdict: pure, the same on any machine."""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from harness.errors import RecordUnreadable
from harness.gate.checks import CHECKS
from harness.gate.waivers import Waivers
from harness.model.finding import BY_WEIGHT, Effect, Finding
from harness.model.policy import Policy
from harness.model.record import Record
from harness.model.verdict import CheckVerdict, JudgedFinding, Outcome, Verdict

NOTHING_LEFT: Final = "no timing finding is left that counts"
OUTCOME: Final = {
    Effect.FAIL: Outcome.FAIL,
    Effect.INVALID: Outcome.INVALID,
    Effect.INCONCLUSIVE: Outcome.INCONCLUSIVE,
    Effect.NONE: Outcome.PASS,
}
PRECEDENCE: Final = tuple(OUTCOME[effect] for effect in BY_WEIGHT)


def judge(record: Record, policy: Policy | None = None, judged_at: str | None = None) -> Verdict:
    """The verdict on a record, by its own policy and time of judging unless others are given.

    `judged_at` is an ISO 8601 UTC time. Raises RecordUnreadable where a measurement is of no check that
    is known here, or not of its type.
    """
    policy = policy or record.policy
    judged_at = judged_at or record.judged_at
    waivers = Waivers(policy.waivers, judged_at)
    findings: list[JudgedFinding] = []
    checks: list[CheckVerdict] = []
    for name, raised in _judged(record, policy):
        judged = tuple(_take_back(waivers.cover(raised)))
        findings += judged
        checks.append(CheckVerdict(check=name, outcome=_outcome(judged), required=name in policy.required))
    silent = tuple(_silent(record, policy))
    checks += silent
    findings += (judged_as(finding) for finding in waivers.notes())
    reasons = [
        f"{one.finding.rule} {one.finding.subject}: {one.finding.detail}"
        for effect in BY_WEIGHT[:-1]
        for one in findings
        if one.counts and one.finding.effect is effect
    ]
    reasons += [
        f"{one.check}: the check is required and did not run: {one.skipped}" for one in silent if one.required
    ]
    if not record.measurements:
        reasons.append("nothing was measured")
    deciding = [check.outcome for check in checks if check.required or not check.skipped]
    worst = min(deciding, key=PRECEDENCE.index, default=Outcome.INCONCLUSIVE)
    if not record.measurements and worst is Outcome.PASS:
        worst = Outcome.INCONCLUSIVE
    return Verdict(
        outcome=worst,
        judged_at=judged_at,
        reasons=tuple(reasons),
        checks=tuple(checks),
        findings=tuple(findings),
    )


def judged_as(finding: Finding) -> JudgedFinding:
    """A finding that no waiver covers."""
    return JudgedFinding(finding=finding, fingerprint=finding.fingerprint)


def _judged(record: Record, policy: Policy) -> Iterator[tuple[str, tuple[Finding, ...]]]:
    """(check, findings) for each measurement of the record, in the order of CHECKS."""
    known = {check.name for check in CHECKS}
    if strange := sorted(set(record.measurements) - known):
        raise RecordUnreadable(
            f"record of run {record.run}: it measured {', '.join(strange)}, and no check here has that name; "
            f"judge it with the harness that wrote it, {record.harness} or later"
        )
    for check in CHECKS:
        if check.name in record.measurements:
            try:
                measurement = msgspec.json.decode(record.measurements[check.name], type=check.measurement)
            except msgspec.DecodeError as error:
                raise RecordUnreadable(
                    f"record of run {record.run}: the measurement of `{check.name}` is damaged or of another "
                    f"version: {error}; judge it with the harness that wrote it, {record.harness}"
                ) from error
            yield check.name, tuple(check.judge(measurement, policy))


def _take_back(findings: Iterable[JudgedFinding]) -> Iterator[JudgedFinding]:
    """An invalid measurement takes back what rests on its clocks, and nothing else.

    What invalidates only such findings is taken back itself where none is left: where all are waived.
    """
    taken = tuple(findings)
    rests = any(one.counts and _rests_on_clocks(one.finding) for one in taken)
    reason = next(
        (
            " ".join(filter(None, (one.finding.rule, one.finding.aspect)))
            for one in taken
            if one.counts and one.finding.effect is Effect.INVALID and (rests or not one.finding.timing)
        ),
        "",
    )
    for one in taken:
        if reason and _rests_on_clocks(one.finding):
            yield msgspec.structs.replace(one, taken_back=reason)
        elif one.finding.effect is Effect.INVALID and one.finding.timing and not rests:
            yield msgspec.structs.replace(one, taken_back=NOTHING_LEFT)
        else:
            yield one


def _rests_on_clocks(finding: Finding) -> bool:
    return finding.timing and finding.effect not in (Effect.INVALID, Effect.NONE)


def _outcome(findings: Iterable[JudgedFinding]) -> Outcome:
    outcomes = (OUTCOME[one.finding.effect] for one in findings if one.counts)
    return min(outcomes, key=PRECEDENCE.index, default=Outcome.PASS)


def _silent(record: Record, policy: Policy) -> Iterator[CheckVerdict]:
    """Checks that were skipped, and required ones of which the record knows nothing at all."""
    skipped = {one.check: one.reason for one in record.skipped}
    for name in policy.required:
        if name not in record.measurements:
            skipped.setdefault(name, "the record has no measurement of it")
    for name, reason in skipped.items():
        yield CheckVerdict(
            check=name, outcome=Outcome.INCONCLUSIVE, required=name in policy.required, skipped=reason
        )
