"""What an exercise alone shows: what it could not reach, and where its evidence is not to be trusted."""

from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from typing import Final

from harness.exercise.measurement import ExerciseMeasurement
from harness.exercise.model import Reached
from harness.exercise.named import names
from harness.model.finding import Effect, Finding, Severity
from harness.model.policy import Policy

POSTGRES: Final = "postgres"
LEAST_REACHED: Final = 0.5
"""Of fewer operations than half one cannot speak of a service: its credentials are wrong, as a rule."""


def judge(measurement: ExerciseMeasurement, policy: Policy) -> Iterator[Finding]:
    """Every finding of one exercise; docs/rules/exercise-*.md has each rule."""
    yield from judge_wires(measurement)
    yield from judge_unreached(measurement, policy)
    yield from judge_failures(measurement)
    yield from judge_comments(measurement)
    yield from judge_cut(measurement)


def judge_wires(measurement: ExerciseMeasurement) -> Iterator[Finding]:
    """A wire on which nothing crossed, or nothing could be read, says nothing of any statement."""
    told = POSTGRES in measurement.wired and POSTGRES in measurement.addressed
    unread = measurement.undecodable.get(POSTGRES, 0)
    if told and measurement.answered and not measurement.statements and not unread:
        yield Finding(
            rule="exercise/silent-wire",
            severity=Severity.ERROR,
            effect=Effect.INCONCLUSIVE,
            subject=POSTGRES,
            detail=f"{measurement.answered:,} requests were answered with 2xx, and the target sent nothing "
            "to the Postgres address that it was given: it ignores it, or answers without a database.",
            remedy="Have the target read the variable that [target.process.env] fills with {postgres}; a "
            "file or a default of its own may win over it.",
        )
    for kind, reason in measurement.unwired.items():
        needed = kind == POSTGRES
        yield Finding(
            rule="exercise/silent-wire",
            severity=Severity.WARNING,
            effect=Effect.INCONCLUSIVE if needed else Effect.NONE,
            subject=kind,
            detail=f"There is no wire to {kind}, so that nothing is known of what the target sends "
            f"it: {reason}.",
            remedy="Give [services] an address that a relay can stand before: host and port, no TLS.",
            aspect="unwired",
        )
    yield from judge_unreadable(measurement)
    for kind, count in measurement.refused.items():
        if count:
            yield Finding(
                rule="exercise/service-away",
                severity=Severity.ERROR,
                effect=Effect.INCONCLUSIVE,
                subject=kind,
                detail=f"{kind} did not take {count:,} of the target's connections: what the target does "
                "without it is not what it does.",
                remedy=f"Read the end of the log of {kind} in the run's folder: did it end, or had it no "
                "connection left? Mend that, and run again.",
            )
    if measurement.warm_only:
        yield Finding(
            rule="exercise/cold",
            severity=Severity.WARNING,
            effect=Effect.NONE,
            subject="redis",
            detail=f"The shared cache could not be emptied: {measurement.warm_only}. Requests that are "
            "called cold may have been answered from it, and what it hides was not seen.",
            remedy="Let the harness read and delete keys: [services.redis] needs a user who may.",
        )


def judge_unreadable(measurement: ExerciseMeasurement) -> Iterator[Finding]:
    """Connections whose bytes are of another protocol, or encrypted; each service for itself."""
    for kind, count in measurement.undecodable.items():
        if not count:
            continue
        nothing = kind == POSTGRES and not measurement.statements
        yield Finding(
            rule="exercise/undecodable",
            severity=Severity.ERROR if nothing else Severity.WARNING,
            effect=Effect.INCONCLUSIVE if nothing else Effect.NONE,
            subject=kind,
            detail=f"{count} {'connection' if count == 1 else 'connections'} to {kind} could not be read "
            "from some point on; the bytes were relayed unchanged"
            + (", and no statement is known at all." if nothing else ", what was sent there is not judged."),
            remedy="Look for compression, encryption or another protocol on the way to the service, and "
            "switch it off for measuring.",
        )


def judge_unreached(measurement: ExerciseMeasurement, policy: Policy) -> Iterator[Finding]:
    """An operation that was never answered is not judged; where a route declares it, nothing is decided."""
    declared = {one.route.partition("?")[0] for one in policy.routes if one.declared}
    wanted = [one for one in measurement.operations if one.reached or not one.reason.startswith("skipped: ")]
    reached = sum(one.reached for one in wanted)
    if reached < LEAST_REACHED * len(wanted) or not wanted:
        answers = Counter[str]()
        for one in wanted:
            answers.update(one.statuses)
        yield Finding(
            rule="exercise/unreached",
            severity=Severity.ERROR,
            effect=Effect.INCONCLUSIVE,
            subject="contract",
            detail=f"Only {reached} of {len(wanted)} operations were reached: too few to judge the service.",
            remedy="Look at the answers: 401 and 403 want other credentials in [[identities]], 404 other "
            "paths in the contract, 400 and 422 hints in [exercise.hints].",
            evidence=(", ".join(f"{status} x{count}" for status, count in answers.most_common()),),
        )
    for one in measurement.operations:
        if one.reached:
            continue
        if one.reason.startswith("skipped: ") and one.operation not in declared:
            continue
        promised = one.operation in declared
        statuses = ", ".join(f"{status} x{count}" for status, count in one.statuses.items())
        yield Finding(
            rule="exercise/unreached",
            severity=Severity.ERROR if promised else Severity.WARNING,
            effect=Effect.INCONCLUSIVE if promised else Effect.NONE,
            subject=one.operation,
            detail="No request was answered with a 2xx"
            + (f" ({statuses})" if statuses else "")
            + f", so that nothing is known of it. {one.reason[:1].upper()}{one.reason[1:]}",
            remedy=f"Say in harness.toml what the exercise cannot guess:\n{hint(one)}",
            evidence=(one.reason,) if one.reason else (),
        )


def hint(one: Reached) -> str:
    """A table to paste into harness.toml, with a place for everything the path and the method ask for."""
    method, _, path = one.operation.partition(" ")
    lines = [f'[exercise.hints."{one.operation}"]']
    parts = [part[1:-1] for part in path.split("/") if part.startswith("{") and part.endswith("}")]
    if parts:
        lines.append("path = { " + ", ".join(f'{part} = "…"' for part in parts) + " }")
    if method in {"POST", "PUT", "PATCH"}:
        lines.append('body = { field = "…" }')
    else:
        lines.append('query = { parameter = "…" }')
    lines.append('# or: skip = "why it is not to be sent"')
    return "\n".join(lines)


def judge_failures(measurement: ExerciseMeasurement) -> Iterator[Finding]:
    """A valid request that the server cannot answer is a defect, whoever sends it."""
    ranked = sorted(measurement.failures, key=lambda one: one.operation)
    for operation, group in groupby(ranked, key=lambda one: one.operation):
        failures = list(group)
        meant = all(one.refused for one in failures)
        worst = next((one for one in failures if not one.refused), failures[0])
        answered = f"answered {worst.status}" if worst.status else "gave no answer"
        yield Finding(
            rule="exercise/server-error",
            severity=Severity.WARNING if meant else Severity.ERROR,
            effect=Effect.NONE if meant else Effect.FAIL,
            subject=operation,
            detail=f"The server {answered} to a request that its contract allows, one at a time on a "
            "target that was otherwise idle.",
            remedy="Read the target's log at that request. What the contract allows must be answered; what "
            "the server does not want must be a 4xx.",
            evidence=tuple(
                f"{one.request} as {one.identity}: {one.status or ''} {one.answer}" for one in failures
            ),
        )


def judge_comments(measurement: ExerciseMeasurement) -> Iterator[Finding]:
    """A statement that names another route than the one that sent it misleads whoever reads the logs."""
    known = [one.operation for one in measurement.operations]
    ranked = sorted(measurement.disagreements, key=lambda one: one.operation)
    for operation, group in groupby(ranked, key=lambda one: one.operation):
        found = list(group)
        others = sorted({other for one in found for other in names(one.comment, known)} - {operation})
        # A name that is no operation at all may be one that a proxy or a framework gives the route.
        surely = bool(others)
        yield Finding(
            rule="exercise/route-comment",
            severity=Severity.ERROR if surely else Severity.WARNING,
            effect=Effect.FAIL if surely else Effect.NONE,
            subject=operation,
            detail=f"Its statements carry the comment route='{found[0].comment}'"
            + (f", which names {', '.join(others[:3])}" if others else ", which no operation is called")
            + "; what is found by that comment in logs and statistics is put down to the wrong route.",
            remedy="Set the comment's route where the request is routed, and clear it when the connection "
            "goes back to its pool.",
            evidence=tuple(one.sql for one in found[:3]),
        )


def judge_cut(measurement: ExerciseMeasurement) -> Iterator[Finding]:
    """What was not sent for lack of requests or time is not known."""
    if measurement.cut:
        yield Finding(
            rule="exercise/cut",
            severity=Severity.WARNING,
            effect=Effect.NONE,
            subject="exercise",
            detail=f"After {measurement.requests:,} requests in {measurement.took_s:.0f} s, further forms of "
            f"{len(measurement.cut)} operations were not sent: they are judged by what was.",
            remedy="Lower repeats or variants in [exercise], or name in [exercise.hints] with `skip` what "
            "need not be tried.",
            evidence=measurement.cut[:20],
        )
