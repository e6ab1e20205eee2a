"""The timetable: steady begins on a block, and every time has one phase."""

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.driver.clock import between, constant, exponential, timetable
from harness.driver.plan import BLOCKS, PhaseLengths

lengths = st.builds(
    PhaseLengths,
    warm_up_s=st.floats(0, 100),
    ramp_s=st.floats(0, 100),
    steady_s=st.floats(0.5, 200),
    drain_s=st.floats(0, 20),
)


@given(lengths)
def test_steady_begins_on_a_block_and_has_as_many_as_planned(plan: PhaseLengths) -> None:
    table = timetable(plan)
    assert table.steady_s == pytest.approx(table.first_block * table.block_s)
    assert table.drain_s - table.steady_s == pytest.approx(plan.steady_s)
    assert table.last_block - table.first_block == BLOCKS


@given(lengths)
def test_phases_follow_on_each_other_and_the_warm_up_grows_by_less_than_a_block(plan: PhaseLengths) -> None:
    phases = timetable(plan).phases()
    assert [phase.name for phase in phases] == ["warm_up", "ramp", "steady", "drain"]
    assert phases[0].start_s == 0
    assert all(one.end_s == other.start_s for one, other in pairwise(phases))
    assert -1e-6 <= phases[0].end_s - plan.warm_up_s <= plan.steady_s / BLOCKS + 1e-6


@given(lengths, st.floats(-1, 400))
def test_a_time_is_steady_exactly_where_its_block_is(plan: PhaseLengths, at_s: float) -> None:
    table = timetable(plan)
    block = table.block(at_s)
    is_steady = table.phase(at_s, block) == "steady"
    assert is_steady == (table.first_block <= block < table.last_block)


def test_think_times_have_the_mean_that_they_state() -> None:
    for think in (between(10, 20), constant(4), exponential(3), between(10, 20).scaled(3)):
        random = Random(7)
        mean_s = sum(think.draw(random) for _ in range(20_000)) / 20_000
        assert mean_s == pytest.approx(think.mean_s, rel=0.03)


def test_think_times_are_the_same_for_the_same_seed() -> None:
    think = between(10, 20)
    assert [think.draw(Random(3)) for _ in range(3)] == [think.draw(Random(3)) for _ in range(3)]
