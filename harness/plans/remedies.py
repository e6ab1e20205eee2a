"""What to do, tried: the index that was built for a statement and what became of its plan."""

import re
from collections.abc import Sequence

from harness.planner.rules.case import Violation
from harness.planner.rules.wording import short_sql
from harness.plans.model import PlansMeasurement, Suggestion

MEGABYTE = 1_000_000


class Remedies:
    """Texts of statements and suggestions of one measurement, by fingerprint."""

    def __init__(self, measurement: PlansMeasurement) -> None:
        self._texts = {one.fingerprint: one.sql for one in measurement.statements}
        self._suggestions: dict[str, Suggestion] = {}
        self._scale = max(measurement.scales, default=1)
        for suggestion in measurement.suggestions:
            self._suggestions.setdefault(suggestion.fingerprint, suggestion)

    def sql(self, fingerprint: str) -> str:
        """The statement's text; empty where it is not known."""
        return self._texts.get(fingerprint, "")

    def remedy(self, leader: Violation, said: Sequence[Violation]) -> str:
        """The index that was tried, where a rule wants one and one was found; else the rule's own words."""
        suggestion = self._suggestions.get(leader.fingerprint)
        if suggestion is None or not any(one.wants_index for one in said):
            return leader.remedy
        return f"{_concurrently(suggestion.definition)};\n{self._tried(suggestion)}"

    def _tried(self, suggestion: Suggestion) -> str:
        size = suggestion.size_bytes / MEGABYTE
        loses = (
            f"dearer: {'; '.join(short_sql(self.sql(one), 80) for one in suggestion.loses)}"
            if suggestion.loses
            else "no other statement loses"
        )
        gains = f"; statements that gain too: {len(suggestion.gains)}" if suggestion.gains else ""
        return (
            f"planned again: cost {suggestion.cost_before:,.0f} -> {suggestion.cost_after:,.0f}, "
            f"rows^{suggestion.exponent_after:.2f}, {size:,.0f} MB at {self._scale}x; {loses}{gains}."
        )


def _concurrently(definition: str) -> str:
    return re.sub(
        r"(?im)^create (unique )?index (?!concurrently)",
        lambda match: f"CREATE {(match[1] or '').upper()}INDEX CONCURRENTLY ",
        definition.strip().rstrip(";"),
    )
