"""One verdict over all findings of a run."""

from enum import StrEnum

from msgspec import Struct

from harness.errors import ExitCode
from harness.model.finding import Finding


class Outcome(StrEnum):
    """Fit to release, not fit, not enough evidence, or evidence that is not to be trusted."""

    PASS = "pass"  # noqa: S105 - an outcome
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    INVALID = "invalid"

    @property
    def exit_code(self) -> ExitCode:
        """The process's exit code for this outcome."""
        return {
            Outcome.PASS: ExitCode.PASS,
            Outcome.FAIL: ExitCode.FAIL,
            Outcome.INCONCLUSIVE: ExitCode.INCONCLUSIVE,
            Outcome.INVALID: ExitCode.INCONCLUSIVE,
        }[self]


class JudgedFinding(Struct, frozen=True, kw_only=True):
    """A finding as the gate took it.

    `waived_by` is the owner of the waiver that covers it, or empty; `taken_back` is the reason why
    an invalid run took it back, or empty. Either keeps it from deciding the verdict.
    """

    finding: Finding
    fingerprint: str
    waived_by: str = ""
    taken_back: str = ""

    @property
    def counts(self) -> bool:
        """Whether it may decide the verdict."""
        return not (self.waived_by or self.taken_back)


class CheckVerdict(Struct, frozen=True, kw_only=True):
    """What one check came to; `skipped` says why it did not run, or is empty."""

    check: str
    outcome: Outcome
    required: bool
    skipped: str = ""


class Verdict(Struct, frozen=True, kw_only=True):
    """The one answer: outcome, the reasons that decided it, and everything that was found.

    `reasons` has one line per deciding finding, the most severe first; empty where the run passed.
    `judged_at` is an ISO 8601 UTC time: waivers are valid or expired at it.
    """

    outcome: Outcome
    judged_at: str
    reasons: tuple[str, ...]
    checks: tuple[CheckVerdict, ...]
    findings: tuple[JudgedFinding, ...]
