"""What one statement costs now and as the data grows, by the curve that decides for it; judges nothing."""

from dataclasses import dataclass
from typing import Final

from harness.planner.model import Plan, Way
from harness.planner.rules.case import Case
from harness.planner.rules.curves import Slope, growth_of
from harness.planner.rules.reading import counted, executed

LIKELY_ZERO: Final = 0.005
"""An exponent that rounds to 0.00."""
TENTH: Final = 0.05
TEN: Final = 10
"""Between them costs have a digit after the point."""
WORDS: Final = {Way.NOW: "today’s data", Way.MORE: "more tenants", Way.BIGGER: "bigger tenants"}


@dataclass(frozen=True, kw_only=True)
class Curve:
    """The cost of one statement in one way, smallest scale first; planner units, not time.

    `exponent` is that of the steepest step that counts: cost ~ rows^exponent. `plan` is the one at the
    greatest scale.
    """

    way: Way
    scales: tuple[int, ...]
    costs: tuple[float, ...]
    exponent: float
    plan: Plan


@dataclass(frozen=True, kw_only=True)
class StatementCost:
    """Both curves of a statement; None where it was not planned at two sizes in that way.

    `plan` is the dearer one at the greatest scale, else that of now; `today` what the same parameters cost on
    the data of now.
    """

    today: float
    plan: Plan
    bigger: Curve | None
    more: Curve | None

    @property
    def dearer(self) -> Curve | None:
        """The curve that ends higher."""
        return _dearer(self.bigger, self.more)

    @property
    def greatest(self) -> float:
        """The cost at the greatest scale in the worse way; today's where nothing was planned at scale."""
        return self.dearer.costs[-1] if self.dearer else self.today


def cost_of(case: Case) -> StatementCost | None:
    """What a statement costs; None where it has no plan that counts."""
    bigger = _curve(growth_of(case, Way.BIGGER), Way.BIGGER)
    more = _curve(growth_of(case, Way.MORE), Way.MORE)
    dearer = _dearer(bigger, more)
    plans = [plan for plan in case.plans if plan.way == Way.NOW and not executed(plan)]
    if dearer is not None:
        now = next((plan for plan in plans if _body(plan) == _body(dearer.plan)), None)
        today = now.root.cost if now else dearer.costs[0]
        return StatementCost(today=today, plan=dearer.plan, bigger=bigger, more=more)
    found = [plan for group in counted(case, Way.NOW, 1) for plan in group]
    if not found:
        return None
    now = max(found, key=lambda plan: plan.root.cost)
    return StatementCost(today=now.root.cost, plan=now, bigger=None, more=None)


def cost_in_words(cost: float | None) -> str:
    """`7.4`, `1,941`; a dash where nothing was planned."""
    if cost is None:
        return "–"
    return f"{cost:,.0f}" if cost >= TEN or cost < TENTH else f"{cost:.1f}"


def growth_in_words(exponent: float | None) -> str:
    """`rows^0.93`; `none` for a cost that does not grow, a dash where it was not planned at two sizes."""
    if exponent is None:
        return "–"
    return "none" if abs(exponent) < LIKELY_ZERO else f"rows^{exponent:.2f}"


def _curve(slope: Slope | None, way: Way) -> Curve | None:
    if slope is None:
        return None
    plans = slope.curve.plans
    return Curve(
        way=way,
        scales=tuple(plan.scale for plan in plans),
        costs=slope.curve.costs,
        exponent=slope.exponent,
        plan=plans[-1],
    )


def _dearer(*curves: Curve | None) -> Curve | None:
    known = [curve for curve in curves if curve is not None]
    return max(known, key=lambda curve: curve.costs[-1], default=None)


def _body(plan: Plan) -> tuple[str, str, int]:
    return plan.within, plan.binding, plan.number
