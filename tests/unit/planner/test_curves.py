"""Slopes of costs over scales."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.planner.model import Way
from harness.planner.rules.curves import growth_of
from tests.fakes.plans import case, index_scan, plans, seq_scan


@given(exponent=st.floats(0.2, 2.0), cost=st.floats(100.0, 1e6))
def test_a_power_law_has_its_own_exponent(exponent: float, cost: float) -> None:
    slope = growth_of(case(lambda scale: seq_scan(cost=cost * scale**exponent)), Way.BIGGER)
    assert slope is not None
    assert slope.exponent == pytest.approx(exponent, abs=0.01)


@given(costs=st.tuples(*[st.floats(0.01, 99.0)] * 3))
def test_what_stays_cheap_has_none(costs: tuple[float, ...]) -> None:
    by_scale = dict(zip((1, 10, 100), costs, strict=True))
    slope = growth_of(case(lambda scale: index_scan(cost=by_scale[scale])), Way.BIGGER)
    assert slope is not None
    assert slope.exponent == 0.0


def test_the_generic_plan_and_the_median_real_one_must_agree() -> None:
    generic = plans(lambda _: index_scan(), binding="generic")
    slope = growth_of(case(lambda scale: seq_scan(cost=900.0 * scale), *generic), Way.BIGGER)
    assert slope is not None
    assert slope.exponent == 0.0


def test_without_two_sizes_there_is_no_slope() -> None:
    assert growth_of(case(None), Way.BIGGER) is None
