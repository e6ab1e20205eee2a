"""The recorder: latency from when a request was intended, and counts whose gaps show."""

import pytest

from harness.driver.clock import timetable
from harness.driver.histogram import Histogram
from harness.driver.plan import PhaseLengths
from harness.driver.recorder import FAILED, IN_FLIGHT, OK, PLANNED, TIMED_OUT, Recorder

TABLE = timetable(PhaseLengths(warm_up_s=2, ramp_s=2, steady_s=10, drain_s=2))
ROUTE = "GET /things"


@pytest.fixture
def recorder() -> Recorder:
    return Recorder(TABLE, 1000.0)


def test_latency_counts_from_when_the_request_was_intended(recorder: Recorder) -> None:
    ticket = recorder.open(ROUTE, 1005.0)
    recorder.sent(ticket, 1005.4)
    recorder.close(ticket, OK, 1005.5, "hit", 10)

    delta = recorder.take()
    ((route, outcome, cache, block, counted),) = delta.series
    assert (route, outcome, cache, block) == (ROUTE, "ok", "hit", round(5 / TABLE.block_s))
    assert Histogram(tuple(counted.items())).quantile_us(1) == pytest.approx(500_000, rel=0.001)
    ((_, service),) = delta.service
    assert Histogram(tuple(service.items())).quantile_us(1) == pytest.approx(100_000, rel=0.001)
    ((phase, lag),) = delta.send_lag
    assert phase == "steady"
    assert Histogram(tuple(lag.items())).quantile_us(1) == pytest.approx(400_000, rel=0.001)


def test_a_timer_that_fires_early_takes_nothing_off_the_latency(recorder: Recorder) -> None:
    ticket = recorder.open(ROUTE, 1005.0)
    recorder.sent(ticket, 1004.999)
    recorder.close(ticket, OK, 1005.001, "none", 0)
    ((*_, counted),) = recorder.take().series
    assert Histogram(tuple(counted.items())).quantile_us(1) == pytest.approx(2_000, abs=2)


def test_every_fate_adds_up_to_what_was_planned(recorder: Recorder) -> None:
    for fate in (OK, FAILED, TIMED_OUT, IN_FLIGHT):
        recorder.close(recorder.open(ROUTE, 1001.0), fate, 1002.0, "none", 0)
    recorder.never_started(ROUTE, 1001.5)
    ((route, phase, counts),) = recorder.take().counts
    assert (route, phase) == (ROUTE, "warm_up")
    assert counts[PLANNED] == sum(counts[1:]) == 5


def test_a_request_that_is_never_closed_shows_as_a_gap(recorder: Recorder) -> None:
    recorder.open(ROUTE, 1001.0)
    ((*_, counts),) = recorder.take().counts
    assert counts[PLANNED] - sum(counts[1:]) == 1


def test_a_request_may_be_closed_after_the_report_that_planned_it(recorder: Recorder) -> None:
    ticket = recorder.open(ROUTE, 1005.0)
    first = recorder.take()
    recorder.close(ticket, OK, 1005.1, "none", 0)
    second = recorder.take()
    assert first.counts == [(ROUTE, "steady", [1, 0, 0, 0, 0, 0, 0])]
    assert second.counts == [(ROUTE, "steady", [0, 1, 0, 0, 0, 0, 0])]


def test_parts_of_server_timing_are_summed_and_nonsense_is_passed_over(recorder: Recorder) -> None:
    recorder.parts(ROUTE, b'db;dur=1.5, cache;desc="hit";dur=0.5, odd;dur=x, total')
    recorder.parts(ROUTE, b"db;dur=2.5")
    assert recorder.take().parts == [(ROUTE, "db", 4.0, 2), (ROUTE, "cache", 0.5, 1)]
