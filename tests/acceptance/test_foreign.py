"""A service that the harness was not made for, from its harness.toml alone: clean, and with a fault."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HARNESS = Path(sys.executable).with_name("harness")
FOREIGN = Path(__file__).parents[1] / "foreign"
MUTANT = FOREIGN / "mutants" / "plans" / "dropped_time_index.sql"


def harness(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([HARNESS, *arguments], capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def proof(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict, Path]:
    """The detection table of one clean run and one mutant, and the folder of their runs."""
    folder = tmp_path_factory.mktemp("proof")
    (folder / "mutants" / "plans").mkdir(parents=True)
    shutil.copy(MUTANT, folder / "mutants" / "plans")
    done = harness(
        *("prove", "--config", FOREIGN / "harness.toml", "--mutants", folder / "mutants"),
        *("--family", "plans", "--clean", "1", "--jobs", "2", "--out", folder / "out", "--json"),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout), folder / "out"


def test_the_clean_service_passes_and_the_fault_turns_the_verdict_by_name(proof: tuple[dict, Path]) -> None:
    table = proof[0]
    assert [run["outcome"] for run in table["clean"]] == ["pass"]
    assert [run["alarms"] for run in table["clean"]] == [[]]
    (row,) = table["rows"]
    assert (row["mutant"], row["outcome"], row["caught"]) == ("plans/dropped_time_index", "fail", True)


def test_every_operation_was_reached_without_a_hint(proof: tuple[dict, Path]) -> None:
    table, out = proof
    record = json.loads((out / table["clean"][0]["run"] / "record.json").read_bytes())
    operations = record["measurements"]["exercise"]["operations"]
    assert len(operations) == len(record["policy"]["operations"]) > 10
    assert [one["operation"] for one in operations if not one["reached"]] == []


def test_the_record_is_judged_again_offline_to_the_byte(proof: tuple[dict, Path]) -> None:
    table, out = proof
    folder = out / table["rows"][0]["run"]
    before = (folder / "verdict.json").read_bytes()
    assert harness("gate", folder).returncode == 1
    assert (folder / "verdict.json").read_bytes() == before


def test_the_finding_tells_what_to_do_and_that_it_was_tried(proof: tuple[dict, Path]) -> None:
    table, out = proof
    verdict = json.loads((out / table["rows"][0]["run"] / "verdict.json").read_bytes())
    remedies = [one["finding"]["remedy"] for one in verdict["findings"] if one["finding"]["effect"] == "fail"]
    assert any("CREATE INDEX CONCURRENTLY" in text and "planned again" in text for text in remedies)
