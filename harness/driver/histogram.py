"""A latency histogram of three significant digits, in the layout of HdrHistogram.

Values are whole microseconds from 0 to 2^32 − 1 (71 minutes; greater ones count as that). The layout is
Gil Tene's HdrHistogram with 2048 sub-buckets: values below 2048 have a bucket each; above, every
doubling of the value has 1024 buckets, so a bucket is never wider than 1/1024 of its value. Adding the
counts of two histograms gives the histogram of both samples, exactly.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from harness.driver.result import Buckets

HIGHEST_US: Final = (1 << 32) - 1
LINEAR_US: Final = 2048
"""Below it every microsecond has a bucket of its own."""


def bucket_of(value_us: int) -> int:
    """The index of the bucket that holds a value in microseconds."""
    if value_us < LINEAR_US:
        return max(0, value_us)
    value_us = min(value_us, HIGHEST_US)
    shift = value_us.bit_length() - 11
    return (shift << 10) + (value_us >> shift)


def lowest_us(bucket: int) -> int:
    """The least value, in microseconds, that falls into a bucket."""
    if bucket < LINEAR_US:
        return bucket
    shift = (bucket >> 10) - 1
    return ((bucket & 1023) + 1024) << shift


def highest_us(bucket: int) -> int:
    """The greatest value, in microseconds, that falls into a bucket."""
    return lowest_us(bucket + 1) - 1


class Histogram:
    """Counts by bucket; `record` is the hot path."""

    __slots__ = ("counts",)

    def __init__(self, buckets: Buckets = ()) -> None:
        self.counts: dict[int, int] = dict(buckets)

    def record(self, value_us: int) -> None:
        """Count one value, in microseconds."""
        bucket = bucket_of(value_us)
        counts = self.counts
        counts[bucket] = counts.get(bucket, 0) + 1

    def add(self, buckets: Iterable[tuple[int, int]]) -> None:
        """Count all of another histogram's values."""
        counts = self.counts
        for bucket, count in buckets:
            counts[bucket] = counts.get(bucket, 0) + count

    def buckets(self) -> Buckets:
        """The sparse form, ascending."""
        return tuple(sorted(self.counts.items()))

    @property
    def total(self) -> int:
        """How many values were counted."""
        return sum(self.counts.values())

    def quantile_us(self, share: float) -> int:
        """The least bucket top, in microseconds, that at least `share` of the values do not exceed.

        As HdrHistogram does: the highest value equivalent to the one at rank ⌈share × total⌉; 0 where
        nothing was counted.
        """
        total = self.total
        rank = max(1, -(-int(share * total * 1_000_000) // 1_000_000))
        seen = 0
        for bucket, count in sorted(self.counts.items()):
            seen += count
            if seen >= rank:
                return highest_us(bucket)
        return 0

    def count_over(self, limit_us: int) -> int:
        """How many values lie in buckets whose least value is above the limit: surely over it."""
        return sum(count for bucket, count in self.counts.items() if lowest_us(bucket) > limit_us)


def merged(parts: Iterable[Buckets]) -> Histogram:
    """One histogram of many."""
    whole = Histogram()
    for part in parts:
        whole.add(part)
    return whole


def steps(buckets: Buckets) -> Iterator[tuple[float, float]]:
    """(milliseconds, share of values not above them) for each bucket, ascending: a percentile curve."""
    total = sum(count for _, count in buckets)
    seen = 0
    for bucket, count in buckets:
        seen += count
        yield highest_us(bucket) / 1000, seen / total
