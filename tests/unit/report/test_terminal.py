import io
import json
from dataclasses import dataclass
from pathlib import Path

import msgspec
from rich.console import Console

from harness.gate.gate import judge
from harness.model.policy import Waiver
from harness.model.progress import LoadNow, RouteNow
from harness.report import terminal
from harness.report.detection import print_detection
from harness.report.terminal import Terminal, print_document, print_verdict
from harness.report.view import sorted_findings
from tests.fakes.load_run import measurement, policy, record, traffic


def now(phase: str = "steady", at_s: float = 12.0) -> LoadNow:
    return LoadNow(
        phase=phase,
        at_s=at_s,
        left_s=60.0,
        users=10_000,
        requests_per_s=648.2,
        failed=3,
        generator_error_p95_ms=3.2,
        routes=(RouteNow(route="GET /contacts", requests_per_s=150.0, p95_ms=13.0, failed=3),),
    )


def console(*, is_terminal: bool = False) -> Console:
    return Console(file=io.StringIO(), force_terminal=is_terminal, width=140, highlight=False)


def test_elsewhere_than_a_terminal_a_line_comes_per_phase_and_per_five_seconds(monkeypatch) -> None:
    out = console()
    clock = [100.0]
    monkeypatch.setattr(terminal.time, "monotonic", lambda: clock[0])
    with Terminal(console=out) as watcher:
        watcher.stage("check load")
        for second in range(12):
            clock[0] = 100.0 + second
            watcher.load(now("ramp" if second < 3 else "steady", second))
    lines = out.file.getvalue().splitlines()
    assert lines[0].endswith("check load")
    assert [line.split()[2] for line in lines[1:]] == ["ramp", "steady", "steady"]
    assert "10,000 users" in lines[1]
    assert "generator's error p95 3.2 ms" in lines[1]


def test_on_a_terminal_a_table_is_drawn_and_taken_away_before_the_next_step() -> None:
    out = console(is_terminal=True)
    with Terminal(console=out) as watcher:
        watcher.load(now())
        watcher.stage("judging")
    text = out.file.getvalue()
    assert "GET /contacts" in text
    assert text.rstrip().endswith("judging")


def test_a_quiet_terminal_says_nothing() -> None:
    out = console()
    with Terminal(quiet=True, console=out) as watcher:
        watcher.stage("check load")
        watcher.load(now())
    assert out.file.getvalue() == ""


def test_the_verdict_is_printed_with_figures_findings_and_the_way_to_the_report() -> None:
    flows = traffic()
    flows["GET /invoices"].median_ms = 60
    one = record(measurement(flows))
    out = console()
    print_verdict(Path("out/latest"), one, judge(one), out)
    text = out.file.getvalue()
    assert "FAIL" in text
    assert "load/latency  GET /invoices" in text
    assert "out/latest/report.html" in text
    assert "harness gate out/latest" in text
    assert all(route in text for route in traffic())


def test_figures_are_held_against_the_policy_that_judged_and_no_stale_report_is_named() -> None:
    loose = policy(
        routes=tuple(msgspec.structs.replace(one, p95_ms=7000.0) for one in policy().routes), caches=()
    )
    again = msgspec.structs.replace(record(), policy=loose)
    out = console()
    print_verdict(Path("out/latest"), again, judge(again), out, report=False)
    text = out.file.getvalue()
    assert "7.00 s" in text
    assert "80 ms" not in text
    assert "report.html" not in text
    assert "harness gate out/latest" in text


def test_findings_that_decide_come_before_those_that_do_not() -> None:
    flows = traffic()
    flows["GET /invoices"].median_ms = 60
    flows["POST /invoices"].median_ms = 37
    load = measurement(flows)
    first = judge(record(load)).findings[0]
    waived = judge(
        record(
            load,
            policy(
                waivers=(
                    Waiver(fingerprint=first.fingerprint, owner="ada", reason="known", expires="2027-01-01"),
                )
            ),
        )
    )
    effects = [(one.counts, one.finding.effect.value) for one in sorted_findings(waived)]
    assert effects == [(True, "inconclusive"), (False, "fail")]


def test_a_pass_says_why_it_may_be_believed() -> None:
    out = console()
    print_verdict(Path("out/latest"), record(), judge(record()), out)
    assert "PASS" in out.file.getvalue()
    assert "95 % confidence" in out.file.getvalue()


def test_nothing_measured_says_so() -> None:
    out = console()
    empty = record(measurements={})
    print_verdict(Path("out/latest"), empty, judge(empty), out)
    assert "INCONCLUSIVE" in out.file.getvalue()
    assert "nothing was measured" in out.file.getvalue()


def test_the_document_is_json_and_nothing_else(capsys) -> None:
    print_document(record(), judge(record()))
    captured = capsys.readouterr()
    assert json.loads(captured.out)["verdict"]["outcome"] == "pass"
    assert captured.err == ""


@dataclass
class Row:
    mutant: str = "load/freeze"
    expected: str = "fail by load/freeze"
    outcome: str = "pass"
    caught: bool = False
    found: tuple[str, ...] = ()


@dataclass
class Clean:
    outcome: str = "pass"
    alarms: tuple[str, ...] = ()
    run: str = "one"


@dataclass
class Proof:
    rows: tuple[Row, ...] = (Row(), Row(mutant="load/stall", caught=True, outcome="fail"))
    clean: tuple[Clean, ...] = (Clean(),)
    caught: int = 1
    alarms: int = 0
    good: bool = False
    false_alarm_bound: float = 0.95


def test_the_detection_table_names_what_was_missed(capsys) -> None:
    out = console()
    print_detection(Proof(), as_json=False, console=out)
    text = out.file.getvalue()
    assert "✗" in text
    assert "1 of 2 mutants caught and named" in text
    assert "NOT PROVED" in text
    print_detection(Proof(), as_json=True)
    assert json.loads(capsys.readouterr().out)["rows"][0]["mutant"] == "load/freeze"
