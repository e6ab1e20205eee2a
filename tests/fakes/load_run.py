"""A load that never was: seeded latencies of a small service, for tests of judges and reports."""

from collections import defaultdict
from dataclasses import dataclass, field

import msgspec
import numpy as np

from harness.config.settings import LoadLimits
from harness.driver.result import (
    Block,
    Counts,
    ErrorSample,
    LoadResult,
    Outcome,
    Phase,
    RouteTiming,
    Series,
    Timing,
    UserCount,
)
from harness.load.model import CoreUsage, LoadMeasurement, ProcessUsage, UsagePoint
from harness.model.policy import CachePolicy, LoadPolicy, Policy, RouteClass, RoutePolicy
from harness.model.record import Machine, ProcessFacts, Record

PHASES = (("warm_up", 0.0, 30.0), ("ramp", 30.0, 90.0), ("steady", 90.0, 150.0), ("drain", 150.0, 160.0))
BLOCK_S = 3.0
FIRST, LAST = 30, 50
CANARY_MS = 20.0


@dataclass
class Traffic:
    """What one route does: requests a second, median and spread of its latencies, faults by share."""

    rate: float
    median_ms: float
    spread: float = 0.6
    hit_share: float | None = None
    hit_ms: float = 2.0
    failed: float = 0.0
    refused: float = 0.0
    timed_out: float = 0.0
    stalled: float = 0.0
    stall_ms: float = 3000.0
    frozen_s: tuple[float, float] = (0.0, 0.0)
    slow_blocks: dict[int, float] = field(default_factory=dict)


def traffic() -> dict[str, Traffic]:
    """A service that holds its budgets with room."""
    return {
        "GET /contacts": Traffic(150, 6, hit_share=0.45),
        "GET /contacts?q": Traffic(60, 9),
        "GET /contacts/{contact_id}": Traffic(180, 4),
        "POST /contacts": Traffic(30, 11),
        "GET /invoices": Traffic(90, 10),
        "GET /invoices/{invoice_id}": Traffic(90, 4),
        "POST /invoices": Traffic(30, 16),
        "GET /dashboard": Traffic(40, 12, hit_share=0.8, hit_ms=1.5),
        "POST /ask": Traffic(28, 700, spread=0.5, hit_share=0.72, hit_ms=3.0, refused=0.004),
    }


def limits(**changes) -> LoadPolicy:
    """What a load is held to where harness.toml is silent."""
    return LoadPolicy(**{"users": 10_000, **LoadLimits().model_dump(), **changes})


def policy(**changes) -> Policy:
    """The budgets of that service."""
    routes = [
        ("GET /contacts", RouteClass.PAGE, 50, 50),
        ("GET /contacts?q", RouteClass.PAGE, 50, None),
        ("GET /contacts/{contact_id}", RouteClass.POINT, 30, None),
        ("POST /contacts", RouteClass.WRITE, 100, None),
        ("GET /invoices", RouteClass.PAGE, 80, None),
        ("GET /invoices/{invoice_id}", RouteClass.POINT, 30, None),
        ("POST /invoices", RouteClass.WRITE, 100, None),
        ("GET /dashboard", RouteClass.REPORT, 80, 50),
        ("POST /ask", RouteClass.MODEL, 5000, 50),
    ]
    whole = Policy(
        profile="full",
        required=("load",),
        operations=tuple(dict.fromkeys(route.partition("?")[0] for route, *_ in routes)),
        routes=tuple(
            RoutePolicy(
                route=route,
                route_class=kind,
                p95_ms=p95,
                hit_p95_ms=hit,
                refused_rate=0.02 if route == "POST /ask" else None,
            )
            for route, kind, p95, hit in routes
        ),
        caches=(
            CachePolicy(name="contacts", route="GET /contacts", hit_rate=0.3),
            CachePolicy(name="answers", route="POST /ask", hit_rate=0.6),
        ),
        load=limits(),
        waivers=(),
    )
    return msgspec.structs.replace(whole, **changes)


def measurement(routes: dict[str, Traffic] | None = None, *, seed: int = 7, **changes) -> LoadMeasurement:
    """A load of these routes; `changes` are fields of its LoadResult."""
    random = np.random.default_rng(seed)
    series, counts, errors, timings = [], [], [], []
    for route, flow in (traffic() if routes is None else routes).items():
        made = _route(random, route, flow)
        series += made[0]
        counts += made[1]
        errors += made[2]
        timings.append(made[3])
    sent = sum(one.ok + one.refused + one.failed + one.timed_out for one in counts)
    result = LoadResult(
        origin=1000.0,
        block_s=BLOCK_S,
        phases=tuple(Phase(name=name, start_s=start, end_s=end) for name, start, end in PHASES),
        users_planned=10_000,
        users=tuple(
            UserCount(at_s=float(at), users=int(min(10_000, max(0, (at - 30) / 60 * 10_000))))
            for at in range(160)
        ),
        workers=1,
        lost_workers=0,
        series=tuple(series),
        counts=tuple(counts),
        errors=tuple(errors),
        routes=tuple(timings),
        canary_delay_ms=CANARY_MS,
        canary=(Timing(phase="steady", buckets=lateness(random, 1.2)),),
        canary_blocks=canary_blocks(seed),
        send_lag=(Timing(phase="steady", buckets=lateness(random, 0.8)),),
        loop_lag=(Timing(phase="steady", buckets=lateness(random, 0.5)),),
        workload="Bookkeepers, sales, owners. Closed arrivals: think time uniform from 10 to 20 s.",
        locust_requests=sent,
    )
    names = (
        ("target", "target", 0.61),
        ("postgres", "service", 0.34),
        ("redis", "service", 0.04),
        ("model", "service", 0.22),
        ("worker-1", "generator", 0.19),
        ("master", "generator", 0.03),
        ("harness", "harness", 0.01),
    )
    return LoadMeasurement(
        result=msgspec.structs.replace(result, **changes),
        processes=tuple(
            ProcessUsage(
                name=name,
                role=role,
                cores=(0,) if role == "target" else (1,),
                nice=15 if name == "model" else 0,
                cpu_share=share,
                memory_bytes=int(180e6 * (1 + share)),
                memory_start_bytes=int(175e6 * (1 + share)),
            )
            for name, role, share in names
        ),
        cores=(CoreUsage(core=0, busy=0.66, steal=0.0), CoreUsage(core=1, busy=0.83, steal=0.01)),
        usage=tuple(
            UsagePoint(
                at_s=90.0 + second,
                cpu_share={name: max(0.0, share * float(random.normal(1, 0.12))) for name, _, share in names},
            )
            for second in range(60)
        ),
        checkpoint_s=114.0,
        checkpoint_end_s=116.5,
        complete=True,
    )


def canary_blocks(seed: int = 7, late_ms: dict[int, float] | None = None) -> tuple[Block, ...]:
    """The canary by block, 20 times a second; `late_ms` is how much later it was in some blocks."""
    random = np.random.default_rng(seed)
    late = late_ms or {}
    return tuple(
        Block(
            block=block,
            buckets=counted(random.exponential(1200, int(20 * BLOCK_S)) + late.get(block, 0) * 1000),
        )
        for block in range(FIRST, LAST)
    )


def lateness(random, mean_ms: float, count: int = 1200):
    """A histogram of how late a generator was."""
    return counted(random.exponential(mean_ms * 1000, count))


def _route(random, route: str, flow: Traffic):
    found: dict[tuple[Outcome, str], dict[int, tuple]] = defaultdict(dict)
    tally: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for name, start, end in PHASES:
        if name == "drain":
            continue
        for block in range(int(start / BLOCK_S), int(end / BLOCK_S)):
            part = 1.0 if name == "steady" else max(0.04, (block * BLOCK_S - 30) / 60)
            made = _block(random, flow, block, random.poisson(flow.rate * BLOCK_S * part))
            for (outcome, cache), took_us in made.items():
                if len(took_us):
                    found[outcome, cache][block] = counted(took_us)
                    tally[name]["timed_out" if outcome == "censored" else outcome] += len(took_us)
    series = [
        Series(
            route=route,
            outcome=outcome,
            cache=cache,
            blocks=tuple(Block(block=one, buckets=made) for one, made in sorted(blocks.items())),
        )
        for (outcome, cache), blocks in found.items()
    ]
    counts = [
        Counts(
            route=route,
            phase=phase,
            planned=sum(fates.values()),
            in_flight=0,
            never_started=0,
            **{name: fates[name] for name in ("ok", "refused", "failed", "timed_out")},
        )
        for phase, fates in tally.items()
    ]
    failed = sum(one.failed for one in counts)
    errors = (
        [ErrorSample(route=route, kind="status 500", count=failed, example='{"error": "<b>boom</b>"}')]
        if failed
        else []
    )
    service = counted(random.lognormal(np.log(flow.median_ms * 900), flow.spread, 500))
    parts = {"db": flow.median_ms * 0.6, "cache": 0.3}
    return series, counts, errors, RouteTiming(route=route, service=service, parts_ms=parts)


def _block(random, flow: Traffic, block: int, number: int):
    """Microseconds of the requests due in one block, by outcome and cache class."""
    due_s = (block + random.random(number)) * BLOCK_S
    fate = random.random(number)
    hit = random.random(number) < (flow.hit_share or 0)
    took_ms = random.lognormal(np.log(np.where(hit, flow.hit_ms, flow.median_ms)), flow.spread)
    took_ms *= flow.slow_blocks.get(block, 1.0)
    took_ms += flow.stall_ms * (random.random(number) < flow.stalled)
    start, end = flow.frozen_s
    frozen = (start <= due_s) & (due_s < end)
    took_ms = np.where(frozen, (end - due_s) * 1000 + flow.median_ms, took_ms)
    edges = np.cumsum([flow.failed, flow.refused, flow.timed_out])
    failed = ~frozen & (fate < edges[0])
    refused = ~frozen & ~failed & (fate < edges[1])
    given_up = ~frozen & ~failed & ~refused & (fate < edges[2])
    ok = ~(failed | refused | given_up)
    cached = flow.hit_share is not None
    return {
        ("failed", "none"): took_ms[failed] * 1000,
        ("refused", "none"): np.full(refused.sum(), 1000.0),
        ("censored", "none"): np.full(given_up.sum(), 10_000_000.0),
        ("ok", "hit"): took_ms[ok & hit & ~frozen] * 1000,
        ("ok", "miss" if cached else "none"): took_ms[ok & ~(hit & ~frozen)] * 1000,
    }


def counted(took_us):
    """The buckets of many microseconds at once, in the layout of harness.driver.histogram."""
    values = took_us.astype(np.int64)
    shift = np.maximum(0, np.frexp(values.astype(float))[1] - 11)
    numbers, counts = np.unique((shift << 10) + (values >> shift), return_counts=True)
    return tuple(zip(numbers.tolist(), counts.tolist(), strict=True))


def record(load: LoadMeasurement | None = None, rules: Policy | None = None, **changes) -> Record:
    """A record of that load."""
    whole = Record(
        run="20261123-190000-full-ab12",
        harness="0.1.0",
        target="books",
        profile="full",
        started_at="2026-11-23T19:00:00Z",
        finished_at="2026-11-23T19:03:10Z",
        judged_at="2026-11-23T19:03:10Z",
        machine=Machine(
            cpu_count=2, cpu_model="Example 2.5 GHz", memory_bytes=8 << 30, kernel="6.1.0", python="3.11.7"
        ),
        processes=tuple(
            ProcessFacts(
                name=name,
                role=role,
                version=version,
                cores=cores,
                nice=nice,
                log=f"logs/{name}.log",
                provider="embedded",
            )
            for name, role, version, cores, nice in (
                ("target", "target", "", (0,), 0),
                ("postgres", "service", "18.4", (1,), 0),
                ("redis", "service", "7.0.15", (1,), 0),
                ("model", "service", "shape, not quality", (1,), 15),
            )
        ),
        placement=("The target has core 0 to itself.", "Services and generator share core 1."),
        policy=rules or policy(),
        measurements={"load": msgspec.Raw(msgspec.json.encode(load or measurement()))},
        files=("logs/target.log", "logs/postgres.log"),
    )
    return msgspec.structs.replace(whole, **changes)
