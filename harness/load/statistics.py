"""What a sample says of a share, block by block of time, and what it does not say yet."""

import math
from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from msgspec import Struct
from scipy import special  # scipy.stats has the same by other names, and takes a second to import

CONFIDENCE: Final = 0.95
"""One-sided, of every bound: DESIGN.md §6.4."""
SMALLEST: Final = 1e-12
"""Promises below it are counted as it: no run has 10^12 requests, and floats end."""
LEAST_BLOCKS: Final = 20
"""Blocks with samples below which nothing is said: neighbouring requests are not independent, and the
t bound needs blocks that are (Cochran, Sampling Techniques, 3rd ed. 1977, §6.4, asks for large n)."""


class Standing(StrEnum):
    """Where a share stands to what is allowed: surely within, surely beyond, or not known yet."""

    WITHIN = "within"
    BEYOND = "beyond"
    OPEN = "open"


class Share(Struct, frozen=True, kw_only=True):
    """A share of requests with its one-sided 95 % bounds, 0 to 1; `blocks` are those with samples.

    `variance` is that of the share as an estimate; 0 where all blocks agree.
    """

    over: int
    of: int
    blocks: int
    share: float
    lower: float
    upper: float
    variance: float


NOTHING: Final = Share(over=0, of=0, blocks=0, share=0.0, lower=0.0, upper=1.0, variance=0.0)


def estimate_share(blocks: Iterable[tuple[int, int]]) -> Share:
    """The share Σover/Σof of (over, of) per block, with bounds; blocks without samples are left out.

    The ratio estimator with the variance between blocks: B/(B−1) · Σ(over − share·of)² / (Σof)²
    (Cochran 1977, §6.4, by the delta method), and Student's t with B−1 degrees of freedom. Where few
    requests are over, or few are not, blocks hardly differ and t promises too much, so the exact
    binomial bound (Clopper and Pearson 1934) is taken where it is the more cautious one.
    """
    filled = [(over, of) for over, of in blocks if of]
    over, of, count = sum(one[0] for one in filled), sum(one[1] for one in filled), len(filled)
    if not of:
        return NOTHING
    share = over / of
    lower = float(special.betaincinv(over, of - over + 1, 1 - CONFIDENCE)) if over else 0.0
    upper = float(special.betaincinv(over + 1, of - over, CONFIDENCE)) if over < of else 1.0
    variance = 0.0
    if count > 1:
        squares = math.fsum((hits - share * total) ** 2 for hits, total in filled)
        variance = count / (count - 1) * squares / of**2
        half = float(special.stdtrit(count - 1, CONFIDENCE)) * math.sqrt(variance)
        lower, upper = min(lower, share - half), max(upper, share + half)
    return Share(
        over=over,
        of=of,
        blocks=count,
        share=share,
        lower=max(0.0, lower),
        upper=min(1.0, upper),
        variance=variance,
    )


def standing(share: Share, allowed: float) -> Standing:
    """Three-way: PASS needs the upper bound within, FAIL the lower bound beyond, and enough of both.

    A promise of nothing at all (`allowed` 0) no sample can prove; it is held while none was seen.
    """
    if allowed >= 1:
        return Standing.WITHIN
    if share.blocks < LEAST_BLOCKS or share.of < least_samples(allowed):
        return Standing.OPEN
    if allowed <= 0:
        return Standing.BEYOND if share.over else Standing.WITHIN
    if share.upper <= allowed:
        return Standing.WITHIN
    return Standing.BEYOND if share.lower > allowed else Standing.OPEN


def least_samples(allowed: float) -> int:
    """So many samples with none over are needed to say that at most `allowed` are: ⌈ln 0.05 / ln(1−allowed)⌉.

    59 for 5 %, 299 for 1 %, 2,995 for 0.1 %. For 0 the 59 of a p95: more would not prove it either.
    """
    if not 0 < allowed < 1:
        return 59
    return math.ceil(math.log(1 - CONFIDENCE) / math.log1p(-max(allowed, SMALLEST)))


def blocks_needed(share: Share, allowed: float) -> int | None:
    """How many blocks like these decide a share that is open; None where no number would.

    The distance of a bound shrinks with the square root of the blocks: it must shrink to the distance
    between share and allowance. None where the share is on its limit, so that a thousandfold would be needed.
    """
    if not share.of or not share.blocks:
        return None
    by_samples = math.ceil(least_samples(allowed) * share.blocks / share.of)
    gap = abs(allowed - share.share)
    reach = share.upper - share.share if share.share <= allowed else share.share - share.lower
    if not gap or reach / gap > math.sqrt(1000):
        return None
    return max(LEAST_BLOCKS, by_samples, math.ceil(share.blocks * (reach / gap) ** 2))
