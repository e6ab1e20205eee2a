"""What proving came to: one row per mutant and per clean run, and whether the gate is good enough."""

from typing import Final

from msgspec import Struct

from harness.model.finding import Finding, Severity
from harness.model.verdict import Outcome, Verdict
from harness.prove.mutant import Mutant

LEAST_CAUGHT: Final = 0.95
"""The share of mutants that must be caught and named: DESIGN.md §9, detection."""
NO_VERDICT: Final = "no verdict"


class Row(Struct, frozen=True, kw_only=True):
    """One mutant: caught when the verdict turned as it must and a finding of its rule names it."""

    mutant: str
    sentence: str
    expected: str
    outcome: str
    caught: bool
    found: tuple[str, ...]
    run: str


class CleanRun(Struct, frozen=True, kw_only=True):
    """One run of the unchanged target; its findings of severity error are false alarms."""

    outcome: str
    alarms: tuple[str, ...]
    run: str


class Detection(Struct, frozen=True, kw_only=True):
    """The whole table."""

    rows: tuple[Row, ...]
    clean: tuple[CleanRun, ...]

    @property
    def quiet(self) -> int:
        """How many clean runs passed; an invalid or inconclusive one says nothing of false alarms."""
        return sum(run.outcome == Outcome.PASS for run in self.clean)

    @property
    def caught(self) -> int:
        """How many mutants were caught and named."""
        return sum(row.caught for row in self.rows)

    @property
    def alarms(self) -> int:
        """How many findings of severity error the clean runs had."""
        return sum(len(run.alarms) for run in self.clean)

    @property
    def good(self) -> bool:
        """Whether the gate holds its promise; nothing tried is not good."""
        return (
            bool(self.rows)
            and bool(self.quiet)
            and self.caught >= LEAST_CAUGHT * len(self.rows)
            and self.alarms == 0
        )

    @property
    def false_alarm_bound(self) -> float:
        """The highest rate of red clean runs that this many passed ones do not exclude, at 95 %.

        Exact for zero alarms (Clopper and Pearson 1934): 1 − 0.05^(1/n); 1.0 where one was red or none ran.
        """
        if not self.quiet or self.alarms:
            return 1.0
        return float(1 - 0.05 ** (1 / self.quiet))


def score(mutant: Mutant, verdict: Verdict, run: str) -> Row:
    """Whether this verdict caught the mutant: its outcome, and a finding of its rule that names it.

    The finding must itself call for that outcome: what a warning sees did not turn the verdict.
    """
    counting = [judged.finding for judged in verdict.findings if judged.counts]
    named = any(
        finding.effect.value == mutant.outcome.value
        and _speaks(finding, mutant.rules)
        and mutant.names in _words(finding)
        for finding in counting
    )
    return Row(
        mutant=mutant.id,
        sentence=mutant.sentence,
        expected=f"{mutant.outcome} by {mutant.rule}",
        outcome=verdict.outcome,
        caught=named and verdict.outcome == mutant.outcome,
        found=tuple(f"{finding.rule} {finding.subject}" for finding in counting),
        run=run,
    )


def missed(mutant: Mutant, error: str) -> Row:
    """A mutant whose run came to no verdict at all: that is no detection, whatever broke."""
    return Row(
        mutant=mutant.id,
        sentence=mutant.sentence,
        expected=f"{mutant.outcome} by {mutant.rule}",
        outcome=NO_VERDICT,
        caught=False,
        found=(error,),
        run="",
    )


def clean_run(verdict: Verdict, run: str) -> CleanRun:
    """What an unchanged target was blamed for."""
    alarms = (
        judged.finding
        for judged in verdict.findings
        if judged.counts and judged.finding.severity is Severity.ERROR
    )
    return CleanRun(
        outcome=verdict.outcome,
        alarms=tuple(f"{finding.rule} {finding.subject}: {finding.detail}" for finding in alarms),
        run=run,
    )


def _speaks(finding: Finding, rules: tuple[str, ...]) -> bool:
    """Whether a finding is of one of these rules, or was merged with one: `also plans/growth: …`."""
    if finding.rule in rules:
        return True
    also = (
        line.removeprefix("also ").split(":")[0].strip() for line in finding.evidence if line[:5] == "also "
    )
    return any(rule in rules for rule in also)


def _words(finding: Finding) -> str:
    return "\n".join((finding.subject, finding.aspect, finding.detail, *finding.evidence))
