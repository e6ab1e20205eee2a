"""What the page shows of exercise, plans and indexes, put together for its templates."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from markupsafe import Markup

from harness.model.finding import Finding
from harness.model.record import Record
from harness.model.verdict import Verdict
from harness.report.costs import LIKELY_ZERO, StatementCost, cost_in_words, growth_in_words
from harness.report.reached import ExerciseView, exercise_of
from harness.report.routes import PlansView, RouteView, plans_of
from harness.report.scale import (
    exercise_in_a_line,
    indexes_in_a_line,
    plans_in_a_line,
    statements_in_words,
)
from harness.report.sparkline import ceiling_of, spark
from harness.report.statements import Group, groups_of
from harness.report.worth import IndexesView, indexes_of

SIGNS: Final = {
    "error": ("✗ error", "beyond"),
    "warning": ("! warning", "open"),
    "": ("✓ nothing", "within"),
}
KIB: Final = 1024


@dataclass(frozen=True, kw_only=True)
class Steepest:
    """The route whose cost grows fastest, and with which way of growing."""

    route: str
    growth: float
    way: str


@dataclass(frozen=True, kw_only=True)
class ScaleView:
    """Everything but the load. `ceiling` is the greatest cost that is drawn; counts are of findings."""

    exercise: ExerciseView | None
    plans: PlansView | None
    indexes: IndexesView | None
    groups: tuple[Group, ...]
    steepest: Steepest | None
    ceiling: float
    errors: int
    warnings: int
    notes: int

    def place_of(self, finding: Finding) -> str:
        """The id of the statement that a finding is about; empty where it is about none that is shown."""
        about = finding.aspect.partition(" ")[0]
        return self.places.get(about, "")

    @cached_property
    def places(self) -> dict[str, str]:
        """The ids of the statements that are shown, by fingerprint."""
        return {
            card.view.statement.fingerprint: card.anchor
            for group in self.groups
            for card in group.cards
            if card.shown
        }

    @property
    def exercise_line(self) -> str:
        """The exercise in a line, without its name."""
        return exercise_in_a_line(self.exercise).partition(": ")[2] if self.exercise else ""

    @property
    def plans_line(self) -> str:
        """The plans in a line, without their name."""
        return plans_in_a_line(self.plans).partition(": ")[2] if self.plans else ""

    @property
    def indexes_line(self) -> str:
        """The indexes in a line, without their name."""
        return indexes_in_a_line(self.indexes).partition(": ")[2] if self.indexes else ""


def small_bytes(size_bytes: int) -> str:
    """`96 KiB`, `1.4 MiB`, `2.0 GiB`."""
    if size_bytes < KIB**2:
        return f"{size_bytes / KIB:,.0f} KiB"
    return f"{size_bytes / KIB**2:,.1f} MiB" if size_bytes < KIB**3 else f"{size_bytes / KIB**3:,.1f} GiB"


FILTERS: Final[dict[str, Callable[..., Any]]] = {
    "cost": cost_in_words,
    "growth": growth_in_words,
    "statements": statements_in_words,
    "sign": lambda route: ("? no answer", "open") if _is_unknown(route) else SIGNS[route.mark],
    "spark": lambda cost, ceiling: Markup(spark(cost, ceiling)),  # noqa: S704 - its label is escaped there
    "small": small_bytes,
}
"""What the templates of these sections write values with."""


def scale_of(record: Record, verdict: Verdict) -> ScaleView | None:
    """All functional checks of a record; None where it has none. Raises RecordUnreadable."""
    exercise, plans, indexes = exercise_of(record), plans_of(record, verdict), indexes_of(record)
    if exercise is None and plans is None and indexes is None:
        return None
    severities = Counter(judged.finding.severity.value for judged in verdict.findings)
    return ScaleView(
        exercise=exercise,
        plans=plans,
        indexes=indexes,
        groups=groups_of(plans) if plans else (),
        steepest=_steepest(plans) if plans else None,
        ceiling=ceiling_of(_costs(plans)) if plans else 1.0,
        errors=severities["error"],
        warnings=severities["warning"],
        notes=severities["info"],
    )


def _costs(plans: PlansView) -> list[StatementCost]:
    return [cost for route in plans.routes if (cost := route.dearest) is not None]


def _steepest(plans: PlansView) -> Steepest | None:
    found = [
        Steepest(route=route.route, growth=growth, way=way)
        for route in plans.routes
        for growth, way in (
            (route.growth_bigger, "with bigger tenants"),
            (route.growth_more, "with more tenants"),
        )
        if growth is not None and growth >= LIKELY_ZERO
    ]
    return max(found, key=lambda one: one.growth, default=None)


def _is_unknown(route: RouteView) -> bool:
    return not route.mark and not route.answered
