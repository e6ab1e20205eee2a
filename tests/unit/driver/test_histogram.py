"""The histogram: buckets that are never wider than they may be, and merges that lose nothing."""

from hypothesis import given
from hypothesis import strategies as st

from harness.driver.histogram import (
    HIGHEST_US,
    Histogram,
    bucket_of,
    highest_us,
    lowest_us,
    merged,
    steps,
)

times_us = st.integers(min_value=0, max_value=HIGHEST_US)
samples = st.lists(times_us, max_size=200)


def recorded(values: list[int]) -> Histogram:
    histogram = Histogram()
    for value in values:
        histogram.record(value)
    return histogram


@given(times_us)
def test_a_value_lies_within_its_bucket(value_us: int) -> None:
    bucket = bucket_of(value_us)
    assert lowest_us(bucket) <= value_us <= highest_us(bucket)


@given(times_us)
def test_a_bucket_is_at_most_a_1024th_of_its_value_wide(value_us: int) -> None:
    bucket = bucket_of(value_us)
    assert highest_us(bucket) - lowest_us(bucket) <= value_us / 1024


@given(times_us, times_us)
def test_buckets_are_in_the_order_of_their_values(one: int, other: int) -> None:
    low, high = sorted((one, other))
    assert bucket_of(low) <= bucket_of(high)


def test_values_out_of_range_count_at_its_ends() -> None:
    assert bucket_of(-5) == bucket_of(0)
    assert bucket_of(HIGHEST_US * 9) == bucket_of(HIGHEST_US)


@given(samples, samples)
def test_a_merge_is_the_histogram_of_both_samples(one: list[int], other: list[int]) -> None:
    both = merged((recorded(one).buckets(), recorded(other).buckets()))
    assert both.buckets() == recorded(one + other).buckets()
    assert both.total == len(one) + len(other)


@given(samples.filter(bool), st.floats(min_value=0.01, max_value=1.0))
def test_a_quantile_is_the_top_of_the_bucket_of_the_value_at_its_rank(
    values: list[int], share: float
) -> None:
    ordered = sorted(values)
    rank = max(1, -(-int(share * len(values) * 1_000_000) // 1_000_000))
    assert recorded(values).quantile_us(share) == highest_us(bucket_of(ordered[rank - 1]))


@given(samples, times_us)
def test_what_is_counted_over_a_limit_is_surely_over_it(values: list[int], limit_us: int) -> None:
    over = recorded(values).count_over(limit_us)
    assert over <= sum(value > limit_us for value in values)
    assert over >= sum(value > limit_us * (1 + 1 / 512) + 1 for value in values)


@given(samples.filter(bool))
def test_a_percentile_curve_rises_to_one(values: list[int]) -> None:
    curve = list(steps(recorded(values).buckets()))
    assert curve == sorted(curve)
    assert curve[-1][1] == 1
