"""Each rule of the load: the fault gives one finding that names it, the repair gives none."""

import msgspec
import numpy as np
import pytest

from harness.driver.histogram import bucket_of
from harness.driver.result import Timing
from harness.load.judge import judge
from harness.model.finding import Effect, Finding
from harness.model.policy import CachePolicy, RoutePolicy
from tests.fakes.load_run import canary_blocks, lateness, limits, measurement, policy, traffic


def found(load=None, rules=None, *, rule: str) -> list[Finding]:
    return [one for one in judge(load or measurement(), rules or policy()) if one.rule == rule]


def named(findings: list[Finding]) -> list[tuple[str, Effect]]:
    return [(one.subject, one.effect) for one in findings]


def with_flow(route: str, **faults):
    flows = traffic()
    for name, value in faults.items():
        setattr(flows[route], name, value)
    return measurement(flows)


def with_all(**faults):
    flows = traffic()
    for flow in flows.values():
        for name, value in faults.items():
            setattr(flow, name, value)
    return measurement(flows)


def test_a_service_that_holds_its_budgets_has_no_finding_at_all() -> None:
    assert list(judge(measurement(), policy())) == []


def test_a_route_slower_than_its_budget_fails_and_a_faster_one_does_not() -> None:
    slow = found(with_flow("GET /invoices", median_ms=60), rule="load/latency")
    assert named(slow) == [("GET /invoices", Effect.FAIL)]
    assert "budget 80 ms" in slow[0].detail
    assert any("generator's own error" in line for line in slow[0].evidence)
    assert slow[0].timing
    assert found(with_flow("GET /invoices", median_ms=10), rule="load/latency") == []


def test_a_route_on_its_budget_is_inconclusive_and_says_how_much_longer() -> None:
    open_one = found(with_flow("POST /invoices", median_ms=37), rule="load/latency")
    assert named(open_one) == [("POST /invoices", Effect.INCONCLUSIVE)]
    assert "steady" in open_one[0].detail


def test_a_p99_budget_is_judged_beside_the_p95() -> None:
    routes = tuple(
        msgspec.structs.replace(one, p99_ms=20.0) if one.route == "GET /invoices" else one
        for one in policy().routes
    )
    broken = found(rules=policy(routes=routes), rule="load/latency")
    assert [(one.subject, one.aspect) for one in broken] == [("GET /invoices", "p99")]


def test_requests_given_up_count_as_over_every_budget() -> None:
    assert named(found(with_flow("GET /invoices", timed_out=0.12), rule="load/latency")) == [
        ("GET /invoices", Effect.FAIL)
    ]
    assert found(with_flow("GET /invoices", timed_out=0.001), rule="load/latency") == []


def test_a_slow_hit_fails_though_the_route_passes() -> None:
    load = with_flow("POST /ask", hit_ms=60)
    assert named(found(load, rule="load/hit-latency")) == [("POST /ask", Effect.FAIL)]
    assert found(load, rule="load/latency") == []
    assert found(with_flow("POST /ask", hit_ms=3), rule="load/hit-latency") == []


def test_errors_over_all_operations_fail_and_name_the_operation_that_has_them() -> None:
    errors = found(with_flow("GET /contacts", failed=0.05), rule="load/errors")
    assert named(errors) == [("GET /contacts", Effect.FAIL)]
    assert "status 500" in errors[0].evidence[0]
    assert found(with_flow("GET /contacts", failed=0), rule="load/errors") == []


def test_errors_spread_thinly_fail_all_operations_together() -> None:
    assert ("all operations", Effect.FAIL) in named(found(with_all(failed=0.0015), rule="load/errors"))


def test_errors_of_one_route_that_the_pool_bears_are_a_warning() -> None:
    rules = policy(load=limits(error_rate=0.01))
    warned = found(with_flow("POST /contacts", failed=0.05), rules, rule="load/errors")
    assert named(warned) == [("POST /contacts", Effect.NONE)]


def test_more_refusals_than_declared_fail_and_the_declared_ones_are_no_errors() -> None:
    load = with_flow("POST /ask", refused=0.06)
    assert named(found(load, rule="load/refused")) == [("POST /ask", Effect.FAIL)]
    assert found(load, rule="load/errors") == []
    assert found(with_flow("POST /ask", refused=0.004), rule="load/refused") == []


def test_a_refusal_that_no_route_declares_is_an_error() -> None:
    assert named(found(with_flow("GET /contacts", refused=0.05), rule="load/errors")) == [
        ("GET /contacts", Effect.FAIL)
    ]


def test_a_dead_cache_fails_and_a_live_one_does_not() -> None:
    dead = found(with_flow("POST /ask", hit_share=0.0), rule="load/hit-rate")
    assert named(dead) == [("POST /ask", Effect.FAIL)]
    assert "60 % is promised" in dead[0].detail
    assert found(with_flow("POST /ask", hit_share=0.72), rule="load/hit-rate") == []


def test_answers_without_cache_status_count_as_misses() -> None:
    dead = found(with_flow("POST /ask", hit_share=None), rule="load/hit-rate")
    assert named(dead) == [("POST /ask", Effect.FAIL)]
    assert "no Cache-Status" in dead[0].evidence[0]


def test_a_lost_request_makes_the_run_invalid() -> None:
    load = measurement()
    counts = (msgspec.structs.replace(load.result.counts[0], planned=load.result.counts[0].planned + 1),)
    broken = measurement(counts=counts + load.result.counts[1:])
    assert [(one.aspect, one.effect) for one in found(broken, rule="load/conservation")] == [
        ("gap", Effect.INVALID)
    ]
    assert found(load, rule="load/conservation") == []


def test_another_count_of_locusts_master_makes_the_run_invalid() -> None:
    counted = measurement().result.locust_requests
    broken = found(measurement(locust_requests=counted - 1), rule="load/conservation")
    assert [(one.aspect, one.effect) for one in broken] == [("locust", Effect.INVALID)]


@pytest.mark.parametrize(
    ("fate", "subject", "effect"),
    [("never_started", "generator", Effect.INVALID), ("in_flight", "all operations", Effect.FAIL)],
)
def test_unanswered_requests_blame_whoever_had_them_last(fate, subject, effect) -> None:
    load = measurement()
    counts = tuple(
        msgspec.structs.replace(one, ok=one.ok * 9 // 10, **{fate: one.ok - one.ok * 9 // 10})
        for one in load.result.counts
    )
    assert named(found(measurement(counts=counts), rule="load/achieved")) == [(subject, effect)]
    assert found(load, rule="load/achieved") == []


def test_fewer_users_than_planned_make_the_run_invalid() -> None:
    assert named(found(rules=policy(load=limits(users=10_001)), rule="load/users")) == [
        ("generator", Effect.INVALID)
    ]
    assert found(rules=policy(load=limits()), rule="load/users") == []


def test_a_late_generator_makes_the_run_invalid_and_says_by_what() -> None:
    late = (Timing(phase="steady", buckets=lateness(np.random.default_rng(1), 100)),)
    assert [one.aspect for one in found(measurement(canary=late), rule="load/generator")] == ["canary"]
    assert [one.aspect for one in found(measurement(send_lag=late), rule="load/generator")] == ["send-lag"]
    assert [one.aspect for one in found(measurement(canary=()), rule="load/generator")] == ["canary"]
    assert [one.aspect for one in found(measurement(lost_workers=1), rule="load/generator")] == [
        "lost-workers"
    ]


def test_a_generator_at_the_end_of_its_core_makes_the_run_invalid() -> None:
    load = measurement()
    busy = tuple(
        msgspec.structs.replace(one, cpu_share=0.97) if one.name == "worker-1" else one
        for one in load.processes
    )
    broken = found(msgspec.structs.replace(load, processes=busy), rule="load/generator")
    assert [(one.aspect, one.effect) for one in broken] == [("cpu:worker-1", Effect.INVALID)]


def test_a_declared_budget_without_samples_is_inconclusive() -> None:
    flows = traffic()
    del flows["GET /invoices"]
    silent = found(measurement(flows), rule="load/samples")
    assert named(silent) == [("GET /invoices", Effect.INCONCLUSIVE)]
    flows["GET /invoices"] = traffic()["GET /invoices"]
    assert found(measurement(flows), rule="load/samples") == []


def test_a_budget_with_too_few_samples_is_inconclusive_once() -> None:
    load = with_flow("POST /contacts", rate=0.7)
    few = found(load, rule="load/samples")
    assert named(few) == [("POST /contacts", Effect.INCONCLUSIVE)]
    assert found(load, rule="load/latency") == []


def test_a_load_without_steady_phase_is_inconclusive() -> None:
    assert named(found(measurement(phases=()), rule="load/samples")) == [("steady", Effect.INCONCLUSIVE)]


def test_a_budget_under_a_name_that_the_contract_lacks_is_inconclusive_and_names_the_nearest() -> None:
    misspelt = RoutePolicy(route="GET /invoice", route_class="page", p95_ms=10)
    rules = policy(routes=(*policy().routes, misspelt))
    unmatched = found(rules=rules, rule="load/unmatched")
    assert named(unmatched) == [("GET /invoice", Effect.INCONCLUSIVE)]
    assert "GET /invoices" in unmatched[0].remedy
    assert found(rule="load/unmatched") == []


def test_a_cache_of_an_unknown_operation_is_inconclusive() -> None:
    caches = (CachePolicy(name="gone", route="GET /gone", hit_rate=0.5),)
    assert named(found(rules=policy(caches=caches), rule="load/unmatched")) == [
        ("GET /gone", Effect.INCONCLUSIVE)
    ]


def test_two_percent_of_stalled_requests_fail_though_every_p95_is_held() -> None:
    load = with_all(stalled=0.02)
    stalls = found(load, rule="load/stalls")
    assert named(stalls) == [("all operations", Effect.FAIL)]
    assert "waited" in stalls[0].detail
    assert found(load, rule="load/latency") == []
    assert found(with_all(stalled=0.0), rule="load/stalls") == []


def test_a_freeze_of_four_seconds_fails_wherever_it_begins() -> None:
    for start_s in (111.0, 112.3, 113.5):
        freezes = found(with_all(frozen_s=(start_s, start_s + 4)), rule="load/freeze")
        assert named(freezes) == [("all operations", Effect.FAIL)]
        assert "hardly anything was answered" in freezes[0].detail
    assert found(with_all(frozen_s=(112.3, 113.0)), rule="load/freeze") == []


def test_a_freeze_that_the_canary_saw_too_is_not_blamed_on_the_target() -> None:
    flows = traffic()
    for flow in flows.values():
        flow.frozen_s = (112.3, 116.3)
    # From 112.3 s to 116.3 s are blocks 37 and 38.
    for late_ms, effect in (
        ({}, Effect.FAIL),
        ({31: 900.0}, Effect.FAIL),
        ({36: 3000.0, 39: 3000.0}, Effect.FAIL),
        ({37: 600.0}, Effect.INCONCLUSIVE),
        ({38: 3900.0}, Effect.INCONCLUSIVE),
    ):
        load = measurement(flows, canary_blocks=canary_blocks(late_ms=late_ms))
        assert named(found(load, rule="load/freeze")) == [("all operations", effect)]


def test_a_record_without_the_canary_by_block_is_judged_by_all_of_steady() -> None:
    flows = traffic()
    for flow in flows.values():
        flow.frozen_s = (112.3, 116.3)
    buckets = dict(measurement().result.canary[0].buckets)
    buckets[bucket_of(3_900_000)] = 4
    late = (Timing(phase="steady", buckets=tuple(sorted(buckets.items()))),)
    load = measurement(flows, canary=late, canary_blocks=())
    assert named(found(load, rule="load/freeze")) == [("all operations", Effect.INCONCLUSIVE)]


def with_neighbour(load, busy: float, steal: float = 0.0):
    core = msgspec.structs.replace(load.cores[0], busy=load.cores[0].busy + busy, steal=steal)
    return msgspec.structs.replace(load, cores=(core, *load.cores[1:]))


@pytest.mark.parametrize(("busy", "steal"), [(0.3, 0.0), (0.0, 0.2)])
def test_a_neighbour_makes_a_slow_run_invalid_and_a_fast_one_only_noted(busy: float, steal: float) -> None:
    slow = with_flow("GET /invoices", median_ms=60)
    assert named(found(with_neighbour(slow, busy, steal), rule="load/host")) == [("machine", Effect.INVALID)]
    assert found(slow, rule="load/host") == []
    fast = with_neighbour(measurement(), busy, steal)
    assert named(found(fast, rule="load/host")) == [("machine", Effect.NONE)]


def test_work_of_the_run_that_nobody_measures_is_no_neighbour() -> None:
    slow = with_neighbour(with_flow("GET /invoices", median_ms=60), busy=0.3)
    assert found(msgspec.structs.replace(slow, complete=False), rule="load/host") == []
    assert named(found(slow, rule="load/host")) == [("machine", Effect.INVALID)]


def test_the_work_of_the_harness_and_of_its_keeper_is_no_neighbour() -> None:
    slow = with_neighbour(with_flow("GET /invoices", median_ms=60), busy=0.3)
    keeper = msgspec.structs.replace(
        slow.processes[0], name="keeper", role="harness", cores=(0, 1), cpu_share=0.3
    )
    seen = msgspec.structs.replace(slow, processes=(*slow.processes, keeper))
    assert found(seen, rule="load/host") == []


def test_the_harness_itself_is_not_judged_as_a_generator() -> None:
    load = measurement()
    busy = tuple(
        msgspec.structs.replace(one, cpu_share=0.97) if one.role == "harness" else one
        for one in load.processes
    )
    assert found(msgspec.structs.replace(load, processes=busy), rule="load/generator") == []


def test_a_process_of_the_target_that_ends_fails_and_one_of_the_generator_is_the_drivers() -> None:
    load = measurement()
    ended = msgspec.structs.replace(load, vanished=("postgres", "worker-1"))
    assert named(found(ended, rule="load/vanished")) == [("postgres", Effect.FAIL)]
    assert found(load, rule="load/vanished") == []


def test_a_checkpoint_that_was_refused_or_outlasted_steady_is_noted() -> None:
    load = measurement()
    refused = msgspec.structs.replace(
        load, checkpoint_s=None, checkpoint_end_s=None, checkpoint_missing="permission denied"
    )
    note = found(refused, rule="load/checkpoint")[0]
    assert (note.effect, note.aspect) == (Effect.NONE, "missing")
    assert "permission denied" in note.detail
    late = found(msgspec.structs.replace(load, checkpoint_end_s=151.5), rule="load/checkpoint")
    assert [(one.effect, one.aspect) for one in late] == [(Effect.NONE, "late")]
    assert "1.5 s after steady" in late[0].detail
    assert found(load, rule="load/checkpoint") == []
