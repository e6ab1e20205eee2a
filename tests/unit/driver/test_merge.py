"""The merge: blocks of the canary are added up, and a report that is missing shows."""

from harness.driver.clock import timetable
from harness.driver.histogram import Histogram
from harness.driver.merge import Merge, Report
from harness.driver.plan import LoadPlan, PhaseLengths
from harness.driver.recorder import OK, Recorder

LENGTHS = PhaseLengths(warm_up_s=0, ramp_s=0, steady_s=30, drain_s=2)
PLAN = LoadPlan(
    workload="people.py", users=1, phases=LENGTHS, seed=1, timeout_s=1, base_urls=("http://127.0.0.1:1",)
)
TABLE = timetable(LENGTHS)


def reports(count: int) -> list[Report]:
    """One worker's reports, with a request and an answer of the canary in each second."""
    recorder = Recorder(TABLE, 0.0)
    made = []
    for number in range(count):
        ticket = recorder.open("GET /things", number + 0.5)
        recorder.close(ticket, OK, number + 0.6, "none", 0)
        recorder.canary(number + 0.5, 1000 * (number + 1))
        made.append(
            Report(
                worker=0,
                sequence=number,
                delta=recorder.take(),
                closed=number + 1,
                final=number + 1 == count,
            )
        )
    return made


def merged(given: list[Report]) -> Merge:
    merge = Merge(PLAN, TABLE)
    for at_s, report in enumerate(given):
        merge.add(report, float(at_s))
    return merge


def test_reports_that_are_all_there_have_no_gap_and_one_that_is_lost_is_told() -> None:
    whole = reports(4)
    assert merged(whole).gap() == ""
    assert merged([*whole[:1], *whole[2:]]).gap() == "1 are missing; 3 of 4 closed requests arrived"


def test_the_canary_is_added_up_by_the_block_in_which_it_was_asked() -> None:
    merge = merged(reports(3))
    for report in reports(2):
        merge.add(Report(worker=1, sequence=report.sequence, delta=report.delta, closed=0, final=False), 1.0)
    result = merge.result(origin=0.0, lost_workers=0, locust_requests=0, workload="")
    blocks = {one.block: Histogram(one.buckets) for one in result.canary_blocks}
    assert {block: one.total for block, one in blocks.items()} == {0: 2, 1: 2, 2: 1}
    assert 2990 < blocks[2].quantile_us(1) < 3010
