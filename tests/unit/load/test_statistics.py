import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.load.statistics import (
    Standing,
    blocks_needed,
    estimate_share,
    least_samples,
    standing,
)

BLOCKS = st.lists(
    st.integers(0, 400).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))), max_size=60
)


@given(BLOCKS)
def test_a_share_lies_between_its_bounds_and_they_within_0_and_1(blocks) -> None:
    share = estimate_share(blocks)
    assert 0 <= share.lower <= share.share + 1e-12
    assert share.share - 1e-12 <= share.upper <= 1
    assert share.blocks == sum(1 for _, of in blocks if of)


@given(BLOCKS, st.floats(0, 1))
def test_a_share_is_never_surely_within_and_surely_beyond_a_limit(blocks, allowed) -> None:
    share = estimate_share(blocks)
    if standing(share, allowed) is Standing.WITHIN:
        assert share.share <= allowed
    if standing(share, allowed) is Standing.BEYOND:
        assert share.share > allowed


@given(BLOCKS, st.integers(0, 10))
def test_empty_blocks_say_nothing(blocks, empty) -> None:
    assert estimate_share([*blocks, *[(0, 0)] * empty]) == estimate_share(blocks)


@pytest.mark.parametrize(("allowed", "least"), [(0.05, 59), (0.01, 299), (0.001, 2995), (0.02, 149)])
def test_the_least_samples_are_those_of_the_textbook(allowed, least) -> None:
    assert least_samples(allowed) == least


def test_none_over_among_the_least_samples_is_just_enough() -> None:
    assert standing(estimate_share([(0, 3)] * 20), 0.05) is Standing.WITHIN
    assert standing(estimate_share([(0, 2)] * 29), 0.05) is Standing.OPEN


def test_nineteen_blocks_say_nothing_however_many_samples_they_have() -> None:
    assert standing(estimate_share([(0, 1000)] * 19), 0.05) is Standing.OPEN
    assert standing(estimate_share([(1000, 1000)] * 19), 0.05) is Standing.OPEN
    assert standing(estimate_share([(0, 1000)] * 20), 0.05) is Standing.WITHIN
    assert standing(estimate_share([(1000, 1000)] * 20), 0.05) is Standing.BEYOND


def test_the_bounds_are_those_of_cochrans_ratio_estimator() -> None:
    # 20 blocks of 100, half with 4 and half with 8 over: share 0.06, s = 2·√(20/19), t(19) = 1.7291.
    share = estimate_share([(4, 100), (8, 100)] * 10)
    assert share.share == pytest.approx(0.06)
    half = 1.7291 * (2 * (20 / 19) ** 0.5 / 100) / 20**0.5
    assert share.upper == pytest.approx(0.06 + half, rel=0.05)
    assert share.upper >= 0.06 + half - 1e-6


def test_where_nothing_is_over_the_exact_binomial_bound_is_taken() -> None:
    assert estimate_share([(0, 100)] * 20).upper == pytest.approx(1 - 0.05 ** (1 / 2000))
    assert estimate_share([(100, 100)] * 20).lower == pytest.approx(0.05 ** (1 / 2000))


def test_a_burst_widens_the_bounds_beyond_those_of_independent_requests() -> None:
    spread = estimate_share([(6, 100)] * 20)
    burst = estimate_share([(0, 100)] * 18 + [(60, 100)] * 2)
    assert burst.share == spread.share
    assert burst.upper > spread.upper + 0.02


def test_a_service_on_its_limit_is_rarely_called_within() -> None:
    random = np.random.default_rng(11)
    wrong = 0
    for _ in range(400):
        share = estimate_share((int(over), 200) for over in random.binomial(200, 0.05, 20))
        wrong += standing(share, 0.05) is Standing.WITHIN
    assert wrong / 400 <= 0.05 + 1.645 * (0.05 * 0.95 / 400) ** 0.5


def test_a_promise_of_nothing_is_held_until_one_is_seen() -> None:
    assert standing(estimate_share([(0, 10)] * 20), 0.0) is Standing.WITHIN
    assert standing(estimate_share([(0, 10)] * 19 + [(1, 10)]), 0.0) is Standing.BEYOND
    assert standing(estimate_share([(10, 10)] * 20), 1.0) is Standing.WITHIN


def test_the_blocks_needed_decide_when_they_are_there() -> None:
    blocks = [(3, 100), (6, 100)] * 10
    share = estimate_share(blocks)
    assert standing(share, 0.05) is Standing.OPEN
    needed = blocks_needed(share, 0.05)
    assert needed is not None
    assert standing(estimate_share([*blocks * (needed // 20 + 1)]), 0.05) is Standing.WITHIN


def test_no_number_of_blocks_decides_a_share_on_its_limit() -> None:
    assert blocks_needed(estimate_share([(4, 100), (6, 100)] * 10), 0.05) is None
    assert blocks_needed(estimate_share([]), 0.05) is None
