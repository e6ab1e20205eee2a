"""What a target does unasked: pollers, clocks and workers, told by their connections and their rates."""

import math
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from harness.exercise.pieces import Piece, Span, is_control, work
from harness.wires.model import Statement

CHANCE: Final = 0.001
"""How seldom the idle target may look like a route that really sends the statement."""
CLOCK: Final = 0.2
"""What a clock sends falls into at most so many of an operation's windows."""
ENOUGH: Final = 5
"""Reading requests that must have used the database before a connection that served none is a worker's."""


class Idleness(NamedTuple):
    """How often each kind was seen in `watched_s` seconds in which nothing was asked, and where."""

    counts: Counter[str]
    connections: frozenset[int]
    watched_s: float


def exceeds(count: int, seen_idle: int, watched_s: float, within_s: float) -> bool:
    """Whether `count` in `within_s` seconds is more than the idle target would do, at level CHANCE.

    The idle rate is taken as (seen_idle + 1) / watched_s, the mean of what n events in T leave possible
    (Gamma(n + 1, T), from a flat prior): with few events it is well above n / T. Under it the number within
    the windows is Poisson with λ = rate x within_s, and `count` exceeds where P(X >= count) < CHANCE.
    """
    if seen_idle == 0:
        return True
    rate = (seen_idle + 1) / max(watched_s, 1e-9) * within_s
    term = below = math.exp(-rate)
    for k in range(1, count):
        term *= rate / k
        below += term
    return count > 0 and 1.0 - below < CHANCE


def without_pollers(pieces: Sequence[Piece], idle: Idleness, kind: Callable[[Statement], str]) -> list[Piece]:
    """Leave out connections that never did anything but what the idle target does.

    One that the idle target used at all must be among them: a route may send the same statement too.
    """
    if not idle.counts:
        return list(pieces)
    more: set[int] = set()
    for piece in pieces:
        if any(name not in idle.counts for name in work(piece, kind)):
            more.add(piece.connection)
    return [piece for piece in pieces if piece.connection in more or piece.connection not in idle.connections]


def without_clocks(
    pieces: Sequence[Piece], spans: Sequence[Span], starts: Sequence[float], kind: Callable[[Statement], str]
) -> list[Piece]:
    """Leave out connections that work by a clock slower than the idle watch is long.

    Such a one sends what no other connection sends, at times within requests and at times not, and in few
    of the windows of any operation.
    """
    sends: dict[int, set[str]] = defaultdict(set)
    senders: dict[str, set[int]] = defaultdict(set)
    where: dict[int, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    unasked: set[int] = set()
    for piece in pieces:
        index = bisect_right(starts, piece.statements[0].sent_s) - 1
        for one in piece.statements:
            if not is_control(one):
                sends[piece.connection].add(kind(one))
                senders[kind(one)].add(piece.connection)
        if index >= 0:
            where[piece.connection][spans[index].operation].add(index)
        if index < 0 or piece.statements[0].sent_s > spans[index].ended_s:
            unasked.add(piece.connection)
    windows = Counter(span.operation for span in spans)
    clocks = {
        connection
        for connection in unasked
        if all(senders[name] == {connection} for name in sends[connection])
        and all(len(seen) <= CLOCK * windows[operation] for operation, seen in where[connection].items())
    }
    return [piece for piece in pieces if piece.connection not in clocks]


def move_workers(
    inside: list[list[Piece]],
    after: list[list[Piece]],
    spans: Sequence[Span],
    idle: Idleness,
    kind: Callable[[Statement], str],
) -> None:
    """What a worker's connection does is set off by the request, also where it wins the race each time.

    A connection is a worker's where it works unasked or after answers, serves no reading route although
    others do, and begins within a request only after another connection has. A connection of the routes'
    own pool serves some reading route among so many; one made for a single request is seen in one only.
    A poller's that finds work (an outbox) meets any route by chance: see _of_pollers.
    """
    serves: Counter[int] = Counter()
    leads: set[int] = set()
    seen: Counter[int] = Counter()
    unasked = set(idle.connections)
    for i, span in enumerate(spans):
        working = [piece for piece in inside[i] if _is_work(piece, idle, kind)]
        first = working[0].connection if working else None
        for one in {piece.connection for piece in working}:
            seen[one] += 1
            serves[one] += span.safe
            if one == first:
                leads.add(one)
        for one in {piece.connection for piece in after[i] if _is_work(piece, idle, kind)}:
            seen[one] += 1
            unasked.add(one)
    reading = sum(serves.values())
    if reading < ENOUGH:
        return
    workers = {one for one in unasked - leads if not serves[one] and seen[one] > 1}
    workers |= _of_pollers(inside, spans, idle, kind)
    for i in range(len(spans)):
        moved = [piece for piece in inside[i] if piece.connection in workers]
        if moved:
            inside[i] = [piece for piece in inside[i] if piece.connection not in workers]
            after[i] = [*moved, *after[i]]


def _of_pollers(
    inside: list[list[Piece]], spans: Sequence[Span], idle: Idleness, kind: Callable[[Statement], str]
) -> set[int]:
    """Connections that poll while nothing is asked, and that no operation regularly works over.

    What they do beyond that no other connection does, and it falls into few windows of any operation: what
    a poller finds to do was left by requests before, and it finds it by its own clock.
    """
    senders: dict[str, set[int]] = defaultdict(set)
    works: dict[int, Counter[str]] = defaultdict(Counter)
    for i, span in enumerate(spans):
        working = [piece for piece in inside[i] if _is_work(piece, idle, kind)]
        for piece in working:
            for name in set(work(piece, kind)) - set(idle.counts):
                senders[name].add(piece.connection)
        for one in {piece.connection for piece in working}:
            works[one][span.operation] += 1
    windows = Counter(span.operation for span in spans)
    shared = {one for those in senders.values() if not those <= idle.connections for one in those}
    return {
        one
        for one in idle.connections - shared
        if all(count <= max(1.0, CLOCK * windows[name]) for name, count in works[one].items())
    }


def _is_work(piece: Piece, idle: Idleness, kind: Callable[[Statement], str]) -> bool:
    """Whether it does more than to begin, end, set, or repeat what the idle target does."""
    return any(not is_control(one) and kind(one) not in idle.counts for one in piece.statements)
