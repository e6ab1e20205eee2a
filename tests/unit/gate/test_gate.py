import msgspec
import numpy as np
import pytest

from harness.driver.result import Timing
from harness.errors import RecordUnreadable
from harness.gate.gate import judge
from harness.gate.storage import encode_verdict
from harness.model.policy import Waiver
from harness.model.record import Skipped
from harness.model.verdict import Outcome
from tests.fakes.load_run import lateness, measurement, policy, record, traffic

LATE = (Timing(phase="steady", buckets=lateness(np.random.default_rng(1), 100)),)


def slow(**changes):
    flows = traffic()
    flows["GET /invoices"].median_ms = 60
    return measurement(flows, **changes)


def waiver(fingerprint: str, expires: str = "2026-12-01") -> Waiver:
    return Waiver(fingerprint=fingerprint, owner="ada", reason="index is on its way", expires=expires)


def test_a_load_within_its_budgets_passes_without_a_reason() -> None:
    verdict = judge(record())
    assert verdict.outcome is Outcome.PASS
    assert verdict.reasons == ()
    assert [(one.check, one.outcome, one.required) for one in verdict.checks] == [
        ("load", Outcome.PASS, True)
    ]


def test_a_broken_budget_fails_and_the_reason_says_which() -> None:
    verdict = judge(record(slow()))
    assert verdict.outcome is Outcome.FAIL
    assert verdict.reasons[0].startswith("load/latency GET /invoices: p95 ")


def test_the_same_record_gives_the_same_verdict_to_the_byte() -> None:
    one = record(slow())
    again = msgspec.json.decode(msgspec.json.encode(one), type=type(one))
    assert encode_verdict(judge(one)) == encode_verdict(judge(again))


def test_a_late_generator_takes_back_what_rests_on_clocks_and_makes_the_run_invalid() -> None:
    verdict = judge(record(slow(canary=LATE)))
    assert verdict.outcome is Outcome.INVALID
    latency = next(one for one in verdict.findings if one.finding.rule == "load/latency")
    assert latency.taken_back == "load/generator canary"
    assert not latency.counts


def test_errors_stay_when_the_generator_was_late_and_failing_comes_first() -> None:
    flows = traffic()
    flows["GET /contacts"].failed = 0.05
    verdict = judge(record(measurement(flows, canary=LATE)))
    assert verdict.outcome is Outcome.FAIL
    assert [reason.split()[0] for reason in verdict.reasons] == ["load/errors", "load/generator"]


def test_an_invalid_run_is_invalid_before_it_is_inconclusive() -> None:
    flows = traffic()
    del flows["GET /invoices"]
    assert judge(record(measurement(flows))).outcome is Outcome.INCONCLUSIVE
    assert judge(record(measurement(flows, canary=LATE))).outcome is Outcome.INVALID


def test_a_waiver_lets_its_finding_through_and_names_its_owner() -> None:
    fingerprint = judge(record(slow())).findings[0].fingerprint
    verdict = judge(record(slow(), policy(waivers=(waiver(fingerprint),))))
    assert verdict.outcome is Outcome.PASS
    assert verdict.findings[0].waived_by == "ada"


def test_a_waiver_ends_when_its_day_begins() -> None:
    fingerprint = judge(record(slow())).findings[0].fingerprint
    waived = record(slow(), policy(waivers=(waiver(fingerprint, "2026-11-24"),)))
    assert judge(waived).outcome is Outcome.PASS
    late = judge(waived, judged_at="2026-11-24T00:00:00Z")
    assert late.outcome is Outcome.FAIL
    assert late.judged_at == "2026-11-24T00:00:00Z"
    note = late.findings[-1].finding
    assert (note.rule, note.aspect) == ("gate/waiver", "expired")
    assert "ada" in note.detail


def test_a_waiver_that_covers_nothing_is_noted_and_decides_nothing() -> None:
    verdict = judge(record(rules=policy(waivers=(waiver("0" * 16),))))
    assert verdict.outcome is Outcome.PASS
    assert [(one.finding.rule, one.finding.aspect) for one in verdict.findings] == [("gate/waiver", "unused")]


def silent():
    flows = traffic()
    del flows["GET /invoices"]
    return measurement(flows)


@pytest.mark.parametrize(
    ("load", "rule", "outcome"),
    [
        (measurement(locust_requests=1), "load/conservation", Outcome.INVALID),
        (slow(canary=LATE), "load/generator", Outcome.INVALID),
        (silent(), "load/samples", Outcome.INCONCLUSIVE),
    ],
)
def test_what_is_untrusted_or_silent_cannot_be_waived_and_the_waiver_is_told_so(load, rule, outcome) -> None:
    fingerprint = next(one.fingerprint for one in judge(record(load)).findings if one.finding.rule == rule)
    verdict = judge(record(load, policy(waivers=(waiver(fingerprint),))))
    assert verdict.outcome is outcome
    assert not any(one.waived_by for one in verdict.findings)
    note = verdict.findings[-1].finding
    assert (note.rule, note.aspect) == ("gate/waiver", "void")
    assert f"{rule} " in note.detail
    assert "cannot be waived" in note.detail


def beside_a_neighbour(load):
    core = msgspec.structs.replace(load.cores[0], busy=0.99)
    return msgspec.structs.replace(load, cores=(core, *load.cores[1:]))


def test_a_neighbour_takes_a_slow_answer_back_and_nothing_where_that_is_waived() -> None:
    load = beside_a_neighbour(slow())
    verdict = judge(record(load))
    assert verdict.outcome is Outcome.INVALID
    fingerprint = next(one.fingerprint for one in verdict.findings if one.finding.rule == "load/latency")
    waived = judge(record(load, policy(waivers=(waiver(fingerprint),))))
    assert waived.outcome is Outcome.PASS
    assert waived.reasons == ()
    host = next(one for one in waived.findings if one.finding.rule == "load/host")
    assert host.taken_back == "no timing finding is left that counts"


def test_a_slow_run_whose_services_are_containers_fails_beside_any_neighbour() -> None:
    contained = msgspec.structs.replace(beside_a_neighbour(slow()), complete=False)
    verdict = judge(record(contained))
    assert verdict.outcome is Outcome.FAIL
    assert {one.finding.rule for one in verdict.findings} == {"load/latency"}


def test_other_budgets_judge_the_same_record_anew() -> None:
    assert (
        judge(record(slow()), policy=policy(routes=policy().routes[:4], caches=())).outcome
        is not Outcome.PASS
    )
    loose = tuple(msgspec.structs.replace(one, p95_ms=10_000.0) for one in policy().routes)
    assert judge(record(slow()), policy=policy(routes=loose)).outcome is Outcome.PASS


def test_a_required_check_that_was_skipped_is_inconclusive_and_says_which() -> None:
    verdict = judge(record(measurements={}, skipped=(Skipped(check="load", reason="no [load]"),)))
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert any("load" in reason and "no [load]" in reason for reason in verdict.reasons)


def test_a_required_check_of_which_the_record_knows_nothing_is_inconclusive() -> None:
    verdict = judge(record(rules=policy(required=("load", "plans"))))
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert any(reason.startswith("plans:") for reason in verdict.reasons)


def test_a_check_that_nobody_requires_may_be_skipped() -> None:
    verdict = judge(record(skipped=(Skipped(check="plans", reason="no [services.postgres]"),)))
    assert verdict.outcome is Outcome.PASS


def test_nothing_measured_and_nothing_required_is_not_a_pass() -> None:
    verdict = judge(record(rules=policy(required=()), measurements={}))
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert verdict.reasons == ("nothing was measured",)


@pytest.mark.parametrize(("name", "raw"), [("load", b'{"result": 1}'), ("prophecy", b"{}")])
def test_a_measurement_that_cannot_be_judged_is_an_error_and_no_verdict(name, raw) -> None:
    with pytest.raises(RecordUnreadable, match=name):
        judge(record(measurements={name: msgspec.Raw(raw)}))
