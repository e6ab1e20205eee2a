"""What a judge says: one finding for one thing that one person can mend."""

import hashlib
from enum import StrEnum
from typing import Final

from msgspec import Struct


class Severity(StrEnum):
    """How much a finding matters to the person who reads it."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Effect(StrEnum):
    """What a finding does to the verdict.

    `FAIL` says the target breaks a budget or a promise; `INCONCLUSIVE` that the evidence does not
    suffice to say either; `INVALID` that the measurement itself is not to be trusted, which takes
    back the timing findings of its run and nothing else; `NONE` is for reading.
    """

    NONE = "none"
    INCONCLUSIVE = "inconclusive"
    INVALID = "invalid"
    FAIL = "fail"


BY_WEIGHT: Final = (Effect.FAIL, Effect.INVALID, Effect.INCONCLUSIVE, Effect.NONE)
"""What decides first: a target that surely breaks a promise fails, however the rest was measured."""


class Finding(Struct, frozen=True, kw_only=True):
    """One thing that was found, in words for the person who must mend it.

    `rule` is `check/rule` and names a page `docs/rules/<check>-<rule>.md`; `subject` is what the
    finding is about (an operation, a table, the generator); `aspect` tells findings of one rule on
    one subject apart and is part of the fingerprint; `timing` marks what rests on clocks, and
    with `INVALID` what invalidates only that: it decides where such a finding is left.
    """

    rule: str
    severity: Severity
    effect: Effect
    subject: str
    detail: str
    remedy: str
    aspect: str = ""
    evidence: tuple[str, ...] = ()
    timing: bool = False

    @property
    def fingerprint(self) -> str:
        """16 hex digits that stay the same from run to run: of rule, subject and aspect alone."""
        identity = f"{self.rule}\0{self.subject}\0{self.aspect}"
        return hashlib.sha256(identity.encode()).hexdigest()[:16]
