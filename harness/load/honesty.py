"""Is the measurement to be trusted: nothing lost, nobody missing, the generator in time."""

from collections.abc import Iterator
from difflib import get_close_matches

from harness.driver.result import Counts, LoadResult, Phase
from harness.load.figures import Window, budget_of, operation_of, timing_of
from harness.load.model import LoadMeasurement
from harness.load.wording import milliseconds, percent, too_few
from harness.model.finding import Effect, Finding, Severity
from harness.model.policy import LoadPolicy, Policy

GENERATOR = "generator"


def judge_conservation(result: LoadResult) -> Iterator[Finding]:
    """Every planned request must be somewhere; and Locust's master must have counted what we did."""
    gaps = [(one, gap) for one in result.counts if (gap := one.planned - _settled(one))]
    if gaps:
        yield _invalid(
            "load/conservation",
            GENERATOR,
            f"{sum(abs(gap) for _, gap in gaps):,} requests are unaccounted for: planned is not ok + "
            "refused + "
            "failed + timed out + in flight + never started.",
            "The generator lost or doubled requests: nothing it measured is to be trusted. Keep the "
            "record, and "
            "report it.",
            aspect="gap",
            evidence=tuple(
                f"{one.route} in {one.phase}: planned {one.planned:,}, accounted for {one.planned - gap:,}"
                for one, gap in gaps[:5]
            ),
        )
    settled = sum(one.ok + one.refused + one.failed + one.timed_out for one in result.counts)
    in_flight = sum(one.in_flight for one in result.counts)
    if not settled <= result.locust_requests <= settled + in_flight:
        yield _invalid(
            "load/conservation",
            GENERATOR,
            f"Locust's master counted {result.locust_requests:,} requests, the workers' histograms "
            f"{settled:,} "
            f"and {in_flight:,} in flight at the end.",
            "A report of a worker was lost or counted twice; run again, and report it where it stays.",
            aspect="locust",
        )


def _settled(one: Counts) -> int:
    return one.ok + one.refused + one.failed + one.timed_out + one.in_flight + one.never_started


def judge_achieved(result: LoadResult, limits: LoadPolicy) -> Iterator[Finding]:
    """Of the requests planned in steady at least `achieved_rate` must have been answered, rightly or not."""
    counts = [one for one in result.counts if one.phase == "steady"]
    planned = sum(one.planned for one in counts)
    answered = sum(one.ok + one.refused + one.failed for one in counts)
    if not planned or answered >= limits.achieved_rate * planned:
        return
    never = sum(one.never_started for one in counts)
    waited = sum(one.timed_out + one.in_flight for one in counts)
    ours = never > waited
    detail = (
        f"{percent(answered / planned)} of the planned requests were answered, {answered:,} of "
        f"{planned:,}; at least "
        f"{percent(limits.achieved_rate)} must be. {never:,} were never started, {waited:,} waited in vain."
    )
    if ours:
        yield _invalid(
            "load/achieved",
            GENERATOR,
            detail,
            "The generator did not send what it planned: give it a core, or fewer users.",
            aspect="never-started",
        )
        return
    yield Finding(
        rule="load/achieved",
        severity=Severity.ERROR,
        effect=Effect.FAIL,
        subject="all operations",
        detail=detail,
        remedy="The target took requests and did not answer them in time: look at what its queue waits for.",
        timing=True,
    )


def judge_users(result: LoadResult, phase: Phase, limits: LoadPolicy) -> Iterator[Finding]:
    """As many users as planned must have been there for half of steady at least."""
    reached = users_reached(result, phase)
    if reached < limits.users:
        yield _invalid(
            "load/users",
            GENERATOR,
            f"{reached:,} users were running in steady; {limits.users:,} were planned.",
            "Lengthen phases.ramp_s, or raise the limit on open files; see the master's log in logs/.",
        )


def users_reached(result: LoadResult, phase: Phase) -> int:
    """The median number of users over steady; the first and last second may still be changing."""
    counts = sorted(one.users for one in result.users if phase.start_s <= one.at_s <= phase.end_s)
    return counts[len(counts) // 2] if counts else 0


def judge_generator(measurement: LoadMeasurement, limits: LoadPolicy) -> Iterator[Finding]:
    """The generator must be in time, have room on its core, and keep its workers."""
    result = measurement.result
    canary = timing_of(result.canary)
    error_ms = canary.quantile_us(0.95) / 1000
    if not canary.total:
        yield _invalid(
            "load/generator",
            GENERATOR,
            "The generator's canary has no answer in steady, so that nobody knows how late the generator "
            "was.",
            "See the workers' logs in logs/ for why it was not asked.",
            aspect="canary",
        )
    elif error_ms > limits.generator_error_p95_ms:
        yield _invalid(
            "load/generator",
            GENERATOR,
            f"The generator's canary, a server with a fixed delay, took p95 {milliseconds(error_ms)} "
            "more than its "
            f"delay; at most {milliseconds(limits.generator_error_p95_ms)} may be the generator's own error.",
            "Give the generator a core of its own, fewer users, or a quieter machine.",
            aspect="canary",
            evidence=_lateness(result),
        )
    lag_ms = timing_of(result.send_lag).quantile_us(0.99) / 1000
    if lag_ms > limits.send_lag_p99_ms:
        yield _invalid(
            "load/generator",
            GENERATOR,
            f"The generator sent requests late: p99 {milliseconds(lag_ms)} after they were due; at most "
            f"{milliseconds(limits.send_lag_p99_ms)}.",
            "Give the generator a core of its own, fewer users, or a quieter machine.",
            aspect="send-lag",
            evidence=_lateness(result),
        )
    for process in measurement.processes:
        if process.role == GENERATOR and process.cpu_share > limits.generator_cpu:
            yield _invalid(
                "load/generator",
                GENERATOR,
                f"The generator's process {process.name} used {percent(process.cpu_share)} of a core; above "
                f"{percent(limits.generator_cpu)} it is the bottleneck itself.",
                "Spread the users over more workers, or plan fewer.",
                aspect=f"cpu:{process.name}",
            )
    if result.lost_workers:
        yield _invalid(
            "load/generator",
            GENERATOR,
            f"The generator lost {result.lost_workers} of its {result.workers} workers before the end.",
            "See the workers' logs in logs/: killed for memory, or an error of the workload.",
            aspect="lost-workers",
        )


def _lateness(result: LoadResult) -> tuple[str, ...]:
    rows = (
        ("canary above its delay", result.canary),
        ("send lag", result.send_lag),
        ("loop lag", result.loop_lag),
    )
    return tuple(
        f"{name}: p50 {milliseconds(one.quantile_us(0.5) / 1000)}, p95 "
        f"{milliseconds(one.quantile_us(0.95) / 1000)}, "
        f"p99 {milliseconds(one.quantile_us(0.99) / 1000)}, max {milliseconds(one.quantile_us(1) / 1000)}"
        for name, timings in rows
        if (one := timing_of(timings)).total
    )


def judge_checkpoint(measurement: LoadMeasurement, phase: Phase) -> Iterator[Finding]:
    """A checkpoint that was wanted must have been within steady; without it writes look better than they are.

    It decides nothing: what was measured is true, of a time without a checkpoint.
    """
    end_s = measurement.checkpoint_end_s
    if measurement.checkpoint_missing:
        aspect, detail = "missing", f"Postgres was asked for one: {measurement.checkpoint_missing}."
        remedy = "Give the role of the target's address pg_checkpoint, or say `checkpoint = false`."
    elif end_s is not None and end_s > phase.end_s:
        aspect = "late"
        detail = f"It ended {end_s - phase.end_s:.1f} s after steady, which saw only a part of it."
        remedy = "Lengthen phases.steady_s, or find out why it takes so long."
    else:
        return
    yield Finding(
        rule="load/checkpoint",
        severity=Severity.INFO,
        effect=Effect.NONE,
        subject="postgres",
        aspect=aspect,
        detail=f"Steady has no whole checkpoint of Postgres. {detail}",
        remedy=remedy,
    )


def judge_samples(window: Window, policy: Policy) -> Iterator[Finding]:
    """A budget that harness.toml declares must have enough samples; silence never passes.

    Routes that were not declared have the budgets of their class where they were asked at all; where
    they were asked too rarely, that is said, and decides nothing.
    """
    for budget in policy.routes:
        if not budget.declared and budget.route not in window.routes:
            continue
        limits = [("p95", 0.05, window.over(budget.route, budget.p95_ms))]
        if budget.p99_ms is not None:
            limits.append(("p99", 0.01, window.over(budget.route, budget.p99_ms)))
        if budget.hit_p95_ms is not None:
            limits.append(("hit p95", 0.05, window.over(budget.route, budget.hit_p95_ms, "hit")))
        for name, allowed, share in limits:
            if why := too_few(share, allowed):
                detail = f"{name} has {why if share.of else 'no samples'}."
                yield _silent(budget.route, name, detail, decides=budget.declared)
    for cache in policy.caches:
        if cache.route not in window.routes:
            yield _silent(cache.route, cache.name, f"Cache `{cache.name}` has no samples.", decides=True)


def _silent(route: str, aspect: str, detail: str, *, decides: bool) -> Finding:
    return Finding(
        rule="load/samples",
        severity=Severity.WARNING if decides else Severity.INFO,
        effect=Effect.INCONCLUSIVE if decides else Effect.NONE,
        subject=route,
        aspect=aspect,
        detail=detail,
        remedy="Let the workload ask it more often, lengthen phases.steady_s, or take the budget out.",
    )


def judge_unmatched(window: Window, policy: Policy) -> Iterator[Finding]:
    """Labels of samples and of budgets must be operations of the contract, or no budget meets its samples."""
    places: dict[str, str] = {}
    for budget in policy.routes:
        places[budget.route] = "a budget of harness.toml"
    for cache in policy.caches:
        places.setdefault(cache.route, "a cache of harness.toml")
    for route in window.routes:
        places.setdefault(route, "samples of the workload")
    for route, place in places.items():
        if operation_of(route) not in policy.operations:
            yield Finding(
                rule="load/unmatched",
                severity=Severity.WARNING,
                effect=Effect.INCONCLUSIVE,
                subject=route,
                detail=f"It is the label of {place}, and no operation of the contract.",
                remedy=f"Write it as the contract does, METHOD /path/{{template}}; nearest: "
                f"{_nearest(route, policy.operations)}.",
            )
        elif budget_of(route, policy) is None:
            yield _silent(route, "budget", "It has samples and no budget.", decides=True)


def _nearest(route: str, operations: tuple[str, ...]) -> str:
    return next(iter(get_close_matches(operation_of(route), operations, n=1, cutoff=0)), "there is none")


def _invalid(
    rule: str, subject: str, detail: str, remedy: str, *, aspect: str = "", evidence: tuple[str, ...] = ()
) -> Finding:
    return Finding(
        rule=rule,
        severity=Severity.WARNING,
        effect=Effect.INVALID,
        subject=subject,
        aspect=aspect,
        detail=detail,
        remedy=remedy,
        evidence=evidence,
    )
