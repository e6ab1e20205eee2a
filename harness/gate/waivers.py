"""Leave to release with a known finding: who gave it, until when, and whether it still means anything."""

from collections.abc import Iterable, Iterator

from harness.model.finding import Effect, Finding, Severity
from harness.model.policy import Waiver
from harness.model.verdict import JudgedFinding


class Waivers:
    """The waivers of one judging; notes which of them were used.

    Only a broken promise can be waived. That a measurement is not to be trusted, or too thin to say, is
    no promise of the target's: leave to ignore it would let an unmeasured target pass.
    """

    def __init__(self, waivers: Iterable[Waiver], judged_at: str) -> None:
        # Both are ISO 8601 in UTC, so that their dates compare as text; a waiver ends when its day begins.
        today = judged_at[:10]
        self._valid: dict[str, Waiver] = {}
        self._expired: dict[str, Waiver] = {}
        for waiver in waivers:
            (self._expired if waiver.expires <= today else self._valid)[waiver.fingerprint] = waiver
        self._met: set[str] = set()
        self._void: dict[str, Finding] = {}

    def cover(self, findings: Iterable[Finding]) -> Iterator[JudgedFinding]:
        """Each finding, with the owner of the waiver that covers it."""
        for finding in findings:
            fingerprint = finding.fingerprint
            self._met.add(fingerprint)
            waiver = self._valid.get(fingerprint)
            if waiver and finding.effect is not Effect.FAIL:
                self._void[fingerprint] = finding
                waiver = None
            yield JudgedFinding(
                finding=finding, fingerprint=fingerprint, waived_by=waiver.owner if waiver else ""
            )

    def notes(self) -> Iterator[Finding]:
        """A note for each waiver that expired over a finding that is still there, or that covers nothing."""
        for fingerprint, waiver in (*self._expired.items(), *self._valid.items()):
            expired = fingerprint in self._expired
            if expired and fingerprint in self._valid:
                continue
            if expired and fingerprint in self._met:
                yield _note(
                    waiver,
                    "expired",
                    Severity.WARNING,
                    f"The waiver of {waiver.owner} expired on {waiver.expires}, and what it covers is "
                    "still found.",
                    "Mend the finding, or agree on a new day.",
                )
            elif not expired and fingerprint in self._void:
                found = self._void[fingerprint]
                yield _note(
                    waiver,
                    "void",
                    Severity.WARNING,
                    f"The waiver of {waiver.owner} is for {found.rule} {found.subject}, which "
                    f"cannot be waived: its effect is {found.effect.value}, and only `fail` can be.",
                    "Mend what it says, or take the waiver out of harness.toml.",
                )
            elif fingerprint not in self._met:
                yield _note(
                    waiver,
                    "unused",
                    Severity.INFO,
                    f"The waiver of {waiver.owner} (until {waiver.expires}) covers nothing that was found.",
                    "Take it out of harness.toml.",
                )


def _note(waiver: Waiver, aspect: str, severity: Severity, detail: str, remedy: str) -> Finding:
    return Finding(
        rule="gate/waiver",
        severity=severity,
        effect=Effect.NONE,
        subject=waiver.fingerprint,
        aspect=aspect,
        detail=detail,
        remedy=remedy,
        evidence=(f"reason given: {waiver.reason}",),
    )
