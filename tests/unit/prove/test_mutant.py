"""The format of mutants, and how what a run found is scored."""

from pathlib import Path

import msgspec
import pytest

from harness.errors import ConfigurationError
from harness.model.finding import Effect, Finding, Severity
from harness.model.verdict import JudgedFinding, Outcome, Verdict
from harness.prove.mutant import Mutant, Planting, find_mutants, read_mutant
from harness.prove.table import CleanRun, Detection, clean_run, score

MUTANTS = Path(__file__).parents[2] / "mutants"
GOOD = """
FAMILY = "load"
SENTENCE = "It breaks."
OPERATION = "*"
RULE = "load/errors"
NAMES = "GET /a"
OUTCOME = "fail"

async def outside(site):
    raise RuntimeError("planted only on purpose, never when read")
"""


def written(folder: Path, text: str, name: str = "load/broken.py") -> Path:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


def finding(
    rule: str = "load/errors", subject: str = "GET /a", severity: Severity = Severity.ERROR
) -> Finding:
    return Finding(rule=rule, severity=severity, effect=Effect.FAIL, subject=subject, detail="", remedy="")


def verdict(*findings: Finding, outcome: Outcome = Outcome.FAIL, taken_back: str = "") -> Verdict:
    judged = tuple(JudgedFinding(finding=one, fingerprint="", taken_back=taken_back) for one in findings)
    return Verdict(outcome=outcome, judged_at="", reasons=(), checks=(), findings=judged)


@pytest.fixture
def mutant(tmp_path: Path) -> Mutant:
    return read_mutant(written(tmp_path, GOOD))


def test_a_mutant_is_read_without_running_it(mutant: Mutant) -> None:
    assert (mutant.id, mutant.planting, mutant.outcome) == ("load/broken", Planting.OUTSIDE, Outcome.FAIL)


def test_a_mutant_in_sql_says_the_same_in_comments(tmp_path: Path) -> None:
    text = (
        "-- family: load\n-- sentence: No index.\n-- operation: GET /a\n-- rule: load/latency\n"
        "-- names: GET /a\n-- outcome: fail\nDROP INDEX one;\n"
    )
    found = read_mutant(written(tmp_path, text, "load/no_index.sql"))
    assert (found.planting, found.sentence) == (Planting.SQL, "No index.")


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ('SENTENCE = "It breaks."', "", "says SENTENCE"),
        ('"fail"', '"pass"', "OUTCOME is fail, inconclusive or invalid"),
        ('"load"', '"plans"', "FAMILY is 'plans', and the folder 'load'"),
        ("async def outside", "async def elsewhere", "defines inside"),
        ("async def", "async de", "not Python"),
    ],
)
def test_a_bad_mutant_is_refused_with_what_is_wrong(
    tmp_path: Path, before: str, after: str, words: str
) -> None:
    with pytest.raises(ConfigurationError, match=r"broken\.py") as caught:
        read_mutant(written(tmp_path, GOOD.replace(before, after)))
    assert words in str(caught.value)


def test_the_repositorys_own_mutants_are_well_formed() -> None:
    assert len(find_mutants(MUTANTS, "load")) >= 5


def test_an_unknown_family_lists_the_known_ones() -> None:
    with pytest.raises(ConfigurationError, match=r"no mutant of family `lod`.*families: .*load"):
        find_mutants(MUTANTS, "lod")


def test_a_mutant_is_caught_by_the_right_verdict_with_a_finding_that_names_it(mutant: Mutant) -> None:
    assert score(mutant, verdict(finding()), "run").caught


@pytest.mark.parametrize(
    "missed",
    [
        verdict(finding(), outcome=Outcome.PASS),
        verdict(finding(rule="load/latency")),
        verdict(finding(subject="GET /b")),
        verdict(finding(), taken_back="invalid"),
        verdict(),
    ],
)
def test_anything_less_is_a_miss(mutant: Mutant, missed: Verdict) -> None:
    assert not score(mutant, missed, "run").caught


def test_the_gate_is_good_only_with_mutants_caught_and_clean_runs_without_alarm(mutant: Mutant) -> None:
    caught = score(mutant, verdict(finding()), "run")
    missed = score(mutant, verdict(), "run")
    quiet = clean_run(verdict(finding(severity=Severity.WARNING), outcome=Outcome.PASS), "run")
    untrusted = clean_run(verdict(outcome=Outcome.INVALID), "run")
    alarm = clean_run(verdict(finding()), "run")
    assert Detection(rows=(caught,), clean=(quiet,)).good
    assert not Detection(rows=(caught, missed), clean=(quiet,)).good
    assert not Detection(rows=(caught,), clean=(quiet, alarm)).good
    assert not Detection(rows=(), clean=(quiet,)).good
    assert not Detection(rows=(caught,), clean=(untrusted,)).good
    assert not Detection(rows=(caught,), clean=()).good


def test_the_bound_on_false_alarms_shrinks_with_clean_runs() -> None:
    quiet = CleanRun(outcome="pass", alarms=(), run="")
    assert Detection(rows=(), clean=(quiet,)).false_alarm_bound == pytest.approx(0.95)
    assert Detection(rows=(), clean=(quiet,) * 59).false_alarm_bound == pytest.approx(0.0495, abs=1e-4)
    untrusted = CleanRun(outcome="invalid", alarms=(), run="")
    assert Detection(rows=(), clean=(untrusted,) * 59).false_alarm_bound == 1.0


def test_several_rules_may_lead_to_one_cause(tmp_path: Path) -> None:
    mutant = read_mutant(written(tmp_path, GOOD.replace("load/errors", "load/errors | load/stalls")))
    assert mutant.rules == ("load/errors", "load/stalls")
    assert score(mutant, verdict(finding("load/stalls")), "r").caught
    assert not score(mutant, verdict(finding("load/freeze")), "r").caught


def test_a_rule_that_is_no_rule_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"RULE is `check/rule`.*'errors'"):
        read_mutant(written(tmp_path, GOOD.replace("load/errors", "load/stalls | errors")))


def test_a_rule_merged_into_the_finding_of_another_has_spoken(mutant: Mutant) -> None:
    merged = finding("load/stalls")
    merged = msgspec.structs.replace(merged, evidence=("also load/errors: 3 of 60 requests failed",))
    assert score(mutant, verdict(merged), "r").caught
    other = msgspec.structs.replace(
        merged, evidence=("see also load/errors: no", "also load/errors-of-others: 1")
    )
    assert not score(mutant, verdict(other), "r").caught


def test_a_warning_that_names_the_fault_has_not_turned_the_verdict(mutant: Mutant) -> None:
    warning = msgspec.structs.replace(finding(severity=Severity.WARNING), effect=Effect.NONE)
    elsewhere = finding("load/stalls", subject="GET /b")
    assert not score(mutant, verdict(warning, elsewhere), "r").caught


def test_several_families_are_chosen_at_once_and_every_unknown_one_is_named(tmp_path: Path) -> None:
    for family in ("load", "plans", "indexes"):
        written(tmp_path, GOOD.replace('"load"', f'"{family}"'), f"{family}/one.py")
    assert [one.id for one in find_mutants(tmp_path, "plans, indexes")] == ["indexes/one", "plans/one"]
    with pytest.raises(ConfigurationError) as raised:
        find_mutants(tmp_path, "plans,cash,drill")
    assert [line.split("`")[1] for line in raised.value.mistakes] == ["cash", "drill"]
