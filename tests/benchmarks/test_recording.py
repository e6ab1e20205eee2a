"""What it costs to record a request: ours in full, Locust's with one time of two digits."""

import os

os.environ.setdefault("LOCUST_SKIP_MONKEY_PATCH", "1")  # before any import of Locust: pytest stays unpatched

import pytest
from locust.stats import RequestStats
from pytest_benchmark.fixture import BenchmarkFixture

from harness.driver.clock import monotonic, timetable
from harness.driver.plan import PhaseLengths
from harness.driver.recorder import OK, Recorder

BATCH = 1000
ROUTES = tuple(f"GET /things/{{id}}/part-{number}" for number in range(10))


@pytest.mark.benchmark(group="recording, 1000 requests")
def test_our_recorder(benchmark: BenchmarkFixture) -> None:
    recorder = Recorder(timetable(PhaseLengths(warm_up_s=0, ramp_s=0, steady_s=600, drain_s=1)), monotonic())
    latencies_s = [0.0001 * (number * 7919 % 900) for number in range(BATCH)]

    def record() -> None:
        for number, latency_s in enumerate(latencies_s):
            ticket = recorder.open(ROUTES[number % 10], monotonic())
            recorder.sent(ticket, monotonic())
            recorder.close(ticket, OK, ticket.sent + latency_s, "hit", 512)

    benchmark(record)
    assert sum(counts[OK] for *_, counts in recorder.take().counts) >= BATCH


@pytest.mark.benchmark(group="recording, 1000 requests")
def test_locusts_log_request(benchmark: BenchmarkFixture) -> None:
    stats = RequestStats(use_response_times_cache=False)
    latencies_ms = [number * 7919 % 90 for number in range(BATCH)]

    def record() -> None:
        for number, latency_ms in enumerate(latencies_ms):
            stats.log_request("GET", ROUTES[number % 10], latency_ms, 512)

    benchmark(record)
    assert stats.total.num_requests >= BATCH
