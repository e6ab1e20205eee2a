"""The rules of a timed load, in the order in which a reader asks: is it true, is it right, is it fast."""

from collections.abc import Iterator

from harness.load.answers import judge_errors, judge_hit_rates, judge_refused, judge_vanished
from harness.load.figures import Window, figures_of, steady_of
from harness.load.honesty import (
    judge_achieved,
    judge_checkpoint,
    judge_conservation,
    judge_generator,
    judge_samples,
    judge_unmatched,
    judge_users,
)
from harness.load.host import judge_host
from harness.load.latency import judge_budgets, judge_freeze, judge_stalls
from harness.load.model import LoadMeasurement
from harness.model.finding import Effect, Finding, Severity
from harness.model.policy import Policy


def judge(measurement: LoadMeasurement, policy: Policy) -> Iterator[Finding]:
    """Every finding of one load. Only steady is judged; docs/rules/load-*.md has each rule."""
    result = measurement.result
    phase = steady_of(result)
    if phase is None or policy.load is None:
        missing = (
            "The load has no steady phase" if phase is None else "The policy has no [load] for this profile"
        )
        yield Finding(
            rule="load/samples",
            severity=Severity.WARNING,
            effect=Effect.INCONCLUSIVE,
            subject="steady",
            detail=f"{missing}, so that there is nothing to judge.",
            remedy="Give the profile in harness.toml a steady_s, and [load] its limits.",
        )
        return
    window = Window(result, phase)
    yield from judge_conservation(result)
    yield from judge_users(result, phase, policy.load)
    yield from judge_generator(measurement, policy.load)
    yield from judge_unmatched(window, policy)
    yield from judge_samples(window, policy)
    yield from judge_checkpoint(measurement, phase)
    yield from judge_vanished(measurement)
    yield from judge_errors(result, window, policy, policy.load)
    yield from judge_refused(result, window, policy)
    yield from judge_hit_rates(result, window, policy)
    timed = (
        *judge_achieved(result, policy.load),
        *judge_budgets(figures_of(measurement, policy), result),
        *judge_stalls(result, policy, policy.load),
        *judge_freeze(result, policy, policy.load),
    )
    yield from timed
    yield from judge_host(measurement, timed)
