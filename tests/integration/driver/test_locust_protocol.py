"""What our worker sends, read by the Locust that is installed, in a process that it may patch."""

import json
import subprocess
import sys
from importlib.metadata import version

import msgspec

from harness.driver.clock import timetable
from harness.driver.locust_protocol import VERSION, rounded, statistics
from harness.driver.plan import PhaseLengths
from harness.driver.recorder import FAILED, OK, Recorder

READ = """
import json, sys
from locust.event import Events
from locust.stats import RequestStats, StatsEntryDict, bucket_response_time
from locust.stats import setup_distributed_stats_event_listeners
data = json.load(sys.stdin)
keyed = lambda entry: entry | {
    name: {int(key): value for key, value in entry[name].items()}
    for name in ("response_times", "num_reqs_per_sec", "num_fail_per_sec")
}
report = {
    "stats": [keyed(entry) for entry in data["stats"]],
    "stats_total": keyed(data["stats_total"]),
    "errors": data["errors"],
}
events, stats = Events(), RequestStats()
setup_distributed_stats_event_listeners(events, stats)
events.worker_report.fire(client_id="one", data=report)
entry = stats.get("/things/{id}", "GET")
print(json.dumps({
    "keys": sorted(StatsEntryDict.__annotations__),
    "total": stats.total.num_requests,
    "failures": stats.total.num_failures,
    "entry": entry.num_requests,
    "median": entry.median_response_time,
    "errors": [error.to_name() for error in stats.errors.values()],
    "rounded": [bucket_response_time(value) for value in data["values"]],
}))
"""
VALUES = [0.2, 1.4, 1.6, 99.4, 101.0, 147.0, 994.0, 1049.0, 3432.0, 58760.0]


def test_the_version_that_is_spoken_is_the_one_installed() -> None:
    assert version("locust") == VERSION


def test_locust_reads_our_statistics_as_its_own_workers() -> None:
    recorder = Recorder(timetable(PhaseLengths(warm_up_s=0, ramp_s=0, steady_s=60, drain_s=1)), 1000.0)
    for fate in (OK, OK, FAILED):
        recorder.close(recorder.open("GET /things/{id}", 1001.0), fate, 1001.05, "none", 10)
    recorder.error("GET /things/{id}", "status 500", "oops")
    sent = statistics(recorder.take())

    answer = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", READ],
        input=msgspec.json.encode(sent | {"values": VALUES}),
        capture_output=True,
        check=True,
        timeout=60,
    )
    seen = json.loads(answer.stdout)
    assert seen["keys"] == sorted(sent["stats_total"])
    assert (seen["total"], seen["failures"], seen["entry"]) == (3, 1, 3)
    assert seen["median"] == 50
    assert seen["errors"] == ["GET /things/{id}: status 500"]
    assert seen["rounded"] == [rounded(value) for value in VALUES]
