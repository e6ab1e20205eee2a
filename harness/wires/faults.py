"""Faults in toxiproxy's words: whom they hit, and which toxic each of them is."""

from collections.abc import Callable, Iterator
from math import floor, inf
from random import Random
from typing import Final

from harness.wires.model import Fault
from harness.wires.toxics import Broken, Delayed, Garbage, LimitData, ResetPeer, Timing, Toxic

STEP_S: Final = 0.05
"""Bandwidth is shared out in pieces of so long, as smooth as a client can notice."""
KINDS: Final = frozenset(
    {"latency", "stall", "reset_peer", "refuse", "bandwidth", "slicer", "limit_data", "garbage"}
)
DIRECTIONS: Final = frozenset({"to", "from", "both"})


def latency(fault: Fault, random: Random) -> Timing:
    """Each chunk later by `latency_s`, give or take `jitter_s`; the order is kept."""

    def timing(data: bytes, now_s: float, due_s: float) -> Iterator[tuple[bytes, float]]:
        jitter_s = random.uniform(-fault.jitter_s, fault.jitter_s) if fault.jitter_s else 0.0
        yield data, max(due_s, now_s + fault.latency_s + jitter_s)

    return timing


def bandwidth(fault: Fault, _: Random) -> Timing:
    """At most `bytes_per_s` on this connection in this direction."""
    rate = max(fault.bytes_per_s, 1)
    size = max(1, int(rate * STEP_S))

    def timing(data: bytes, now_s: float, due_s: float) -> Iterator[tuple[bytes, float]]:
        due_s = max(due_s, now_s)
        for piece in cut(data, size):
            due_s += len(piece) / rate
            yield piece, due_s

    return timing


def slicer(fault: Fault, _: Random) -> Timing:
    """Pieces of `slice_bytes`, each `latency_s` after the one before."""
    size = max(fault.slice_bytes, 1)

    def timing(data: bytes, now_s: float, due_s: float) -> Iterator[tuple[bytes, float]]:
        for piece in cut(data, size):
            due_s = max(due_s + fault.latency_s, now_s)
            yield piece, due_s

    return timing


def stall(_: Fault, __: Random) -> Timing:
    """Never due: held until mended."""

    def timing(data: bytes, _now_s: float, _due_s: float) -> Iterator[tuple[bytes, float]]:
        yield data, inf

    return timing


def cut(data: bytes, size: int) -> Iterator[bytes]:
    """Pieces of at most `size` bytes."""
    return (data[begin : begin + size] for begin in range(0, len(data), size))


TIMINGS: Final[dict[str, Callable[[Fault, Random], Timing]]] = {
    "latency": latency,
    "bandwidth": bandwidth,
    "slicer": slicer,
    "stall": stall,
}


def toxic(fault: Fault, link: Broken, *, connection: int, to_service: bool) -> Toxic | None:
    """The toxic of a fault for one direction of a connection; None where it leaves that one alone.

    Garbage without a direction replaces answers only; refuse is the listener's business.
    """
    wanted = fault.direction
    if fault.kind == "garbage" and wanted == "both":
        wanted = "from"
    if wanted not in {"both", "to" if to_service else "from"} or not hits(connection, fault.share):
        return None
    if fault.kind in TIMINGS:
        random = Random(connection * 2 + to_service)  # noqa: S311 - the same jitter in every run
        return Delayed(link, TIMINGS[fault.kind](fault, random))
    kinds: dict[str, Callable[[Broken, Fault], Toxic]] = {
        "reset_peer": ResetPeer,
        "limit_data": LimitData,
        "garbage": Garbage,
    }
    make = kinds.get(fault.kind)
    return make(link, fault) if make else None


def hits(connection: int, share: float) -> bool:
    """Whether a fault with this share hits the connection: spread evenly, the same in every run.

    Of the first n connections, from 1, floor(n × share) are hit.
    """
    return floor(connection * share) > floor((connection - 1) * share)


def mistakes(fault: Fault) -> Iterator[str]:
    """What is wrong with a fault, in words."""
    if fault.kind not in KINDS:
        yield f"`{fault.kind}` is no fault of a wire; there are {', '.join(sorted(KINDS))}"
    if fault.direction not in DIRECTIONS:
        yield f"`{fault.direction}` is no direction of a wire; there are both, from and to"
    if not 0 <= fault.share <= 1:
        yield f"a fault's share of connections is {fault.share:g}; it lies between 0 and 1"
