"""How findings and reports write shares, times and counts."""

from harness.load.statistics import LEAST_BLOCKS, Share, blocks_needed, least_samples

SECOND_MS = 1000
TWO_DIGITS = 10
"""From here on a number has two digits before the point, and needs fewer after it."""


def percent(share: float) -> str:
    """`5 %`, `0.13 %`, `97.5 %`: two significant digits below a tenth, never more than needed."""
    value = share * 100
    if value == 0:
        return "0 %"
    text = f"{value:.1f}" if value >= TWO_DIGITS else f"{value:.2g}"
    if "e" in text:
        text = f"{value:.5f}".rstrip("0")
    return f"{text.removesuffix('.0')} %"


def milliseconds(value_ms: float) -> str:
    """`4.2 ms`, `87 ms`, `3.04 s`."""
    if value_ms >= SECOND_MS:
        return f"{value_ms / SECOND_MS:.2f} s"
    return f"{value_ms:.0f} ms" if value_ms >= TWO_DIGITS else f"{value_ms:.1f} ms"


def bounds(share: Share) -> str:
    """A share with its 95 % bounds and what it was taken of."""
    return (
        f"{percent(share.share)} (95 % bounds {percent(share.lower)} to {percent(share.upper)}; "
        f"{share.over:,} of {share.of:,} in {share.blocks} blocks)"
    )


def too_few(share: Share, allowed: float) -> str:
    """Why a share of so few samples says nothing, or empty."""
    least = least_samples(allowed)
    if share.of < least:
        return f"{share.of:,} samples; at least {least:,} are needed to speak of {percent(allowed)}"
    if share.blocks < LEAST_BLOCKS:
        return f"samples in {share.blocks} blocks of time; at least {LEAST_BLOCKS} are needed"
    return ""


def more(share: Share, allowed: float, block_s: float) -> str:
    """How much longer steady must be to decide, at this variance."""
    blocks = blocks_needed(share, allowed)
    if blocks is None:
        return (
            "The share lies on its limit: no length of steady would decide; make it faster, or the "
            "limit wider."
        )
    return f"At this variance {blocks:,} blocks decide: a steady phase of {blocks * block_s:,.0f} s."


def undecided(share: Share, allowed: float, block_s: float) -> str:
    """What is missing to decide: samples, or else time."""
    return too_few(share, allowed) or more(share, allowed, block_s)
