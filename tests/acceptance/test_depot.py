"""From a foreign service's harness.toml to a verdict, by the command line, as its users would."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

HARNESS = Path(sys.executable).with_name("harness")
DEPOT = Path(__file__).parent / "depot"


def harness(*arguments: str | Path, fault: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [HARNESS, *arguments],
        env={**os.environ, "DEPOT_FAULT": fault},
        capture_output=True,
        text=True,
        check=False,
    )


def loaded(out: Path, fault: str = "") -> subprocess.CompletedProcess[str]:
    return harness(
        "load", "--config", DEPOT / "harness.toml", "--profile", "quick", "--out", out, fault=fault
    )


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess[str], Path]:
    out = tmp_path_factory.mktemp("good")
    return loaded(out), out / "latest"


def test_a_good_service_passes_with_a_record_and_a_report(
    good: tuple[subprocess.CompletedProcess[str], Path],
) -> None:
    run, folder = good
    assert run.returncode == 0, run.stdout + run.stderr
    assert json.loads((folder / "verdict.json").read_bytes())["outcome"] == "pass"
    record = json.loads((folder / "record.json").read_bytes())
    assert (record["schema"], record["target"], list(record["measurements"])) == (
        "harness.record",
        "depot",
        ["load"],
    )
    assert {"report.html", "junit.xml", "summary.json", "logs"} <= {path.name for path in folder.iterdir()}


def test_the_load_accounts_for_every_planned_request(
    good: tuple[subprocess.CompletedProcess[str], Path],
) -> None:
    counts = json.loads((good[1] / "record.json").read_bytes())["measurements"]["load"]["result"]["counts"]
    fates = ("ok", "refused", "failed", "timed_out", "in_flight", "never_started")
    assert sum(one["planned"] for one in counts) > 1000
    assert all(one["planned"] == sum(one[fate] for fate in fates) for one in counts)


def test_gate_and_report_run_offline_and_say_the_same_to_the_byte(
    good: tuple[subprocess.CompletedProcess[str], Path],
) -> None:
    folder = good[1]
    names = ("verdict.json", "report.html", "junit.xml", "summary.json")
    before = {name: (folder / name).read_bytes() for name in names}
    assert harness("gate", folder).returncode == 0
    assert harness("report", folder).returncode == 0
    assert {name: (folder / name).read_bytes() for name in names} == before


def test_other_budgets_on_the_same_record_turn_the_verdict(
    good: tuple[subprocess.CompletedProcess[str], Path], tmp_path: Path
) -> None:
    strict = re.sub(r"(?m)^p95_ms = \d+", "p95_ms = 0.001", (DEPOT / "harness.toml").read_text())
    (tmp_path / "harness.toml").write_text(strict)
    kept = (good[1] / "verdict.json").read_bytes()
    run = harness("gate", good[1], "--policy", tmp_path / "harness.toml")
    assert run.returncode == 1
    assert "GET /parcels/{id}" in run.stdout
    assert "800 ms" not in run.stdout
    assert (good[1] / "verdict.json").read_bytes() == kept


def test_the_report_refers_to_nothing_outside_itself(
    good: tuple[subprocess.CompletedProcess[str], Path],
) -> None:
    page = (good[1] / "report.html").read_text()
    assert len(page.encode()) < 2_000_000
    assert re.findall(r"""(?:src|href|url)\s*[=(]\s*["']?(?:https?:)?//""", page) == []


def test_a_service_that_answers_500_now_and_then_fails_by_that_name(tmp_path: Path) -> None:
    run = loaded(tmp_path, fault="errors")
    assert run.returncode == 1
    verdict = json.loads((tmp_path / "latest" / "verdict.json").read_bytes())
    assert {one["finding"]["rule"] for one in verdict["findings"] if one["finding"]["effect"] == "fail"} == {
        "load/errors"
    }


def test_a_service_that_does_not_start_is_a_usage_error_with_its_own_last_words(tmp_path: Path) -> None:
    run = loaded(tmp_path, fault="refuses")
    assert run.returncode == 2
    assert "cannot find the depot's key; set DEPOT_KEY" in run.stderr


def test_an_unknown_profile_is_a_usage_error_that_lists_the_known_ones(tmp_path: Path) -> None:
    run = harness("load", "--config", DEPOT / "harness.toml", "--profile", "night", "--out", tmp_path / "out")
    assert run.returncode == 2
    assert "known: quick" in run.stderr
    assert not (tmp_path / "out").exists()


def test_a_record_that_is_none_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "record.json").write_text("{}")
    run = harness("gate", tmp_path)
    assert run.returncode == 2
    assert str(tmp_path / "record.json") in run.stderr
