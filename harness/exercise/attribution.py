"""Which statements belong to which request: a wire's log, cut afterwards, in whole transactions.

The exercise sends one request at a time, so a transaction that began between a request and its answer is
the route's, unless it is something that the target does unasked. Three kinds of evidence tell those apart:
the connection it came over, how often the idle target does the same, and whether it usually begins after
the answer.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from harness.exercise.pieces import Piece, Span, work
from harness.exercise.unasked import Idleness, exceeds, move_workers, without_clocks, without_pollers
from harness.wires.model import Statement

MOSTLY: Final = 0.7
SELDOM: Final = 0.4
"""A job is seen after the answer in most windows that have it, and before it, by a race, in few."""


class Share(NamedTuple):
    """What belongs to one request: sent for it, and set off by it after its answer."""

    inside: tuple[Piece, ...]
    after: tuple[Piece, ...]


def attribute(
    pieces: Sequence[Piece], spans: Sequence[Span], idle: Idleness, kind: Callable[[Statement], str]
) -> list[Share]:
    """For every span what belongs to it, less what the idle target does; `kind` is a statement's fingerprint.

    Pieces from before the first span are the idle target's own and belong to none.
    """
    starts = [span.started_s for span in spans]
    ours = without_pollers(pieces, idle, kind)
    ours = without_clocks(ours, spans, starts, kind)
    inside: list[list[Piece]] = [[] for _ in spans]
    after: list[list[Piece]] = [[] for _ in spans]
    for piece in ours:
        began_s = piece.statements[0].sent_s
        index = bisect_right(starts, began_s) - 1
        if index >= 0:
            (inside if began_s <= spans[index].ended_s else after)[index].append(piece)
    move_workers(inside, after, spans, idle, kind)
    by_operation: dict[str, list[int]] = defaultdict(list)
    for index, span in enumerate(spans):
        by_operation[span.operation].append(index)
    for indexes in by_operation.values():
        asked_s = sum(spans[i].ended_s - spans[i].started_s for i in indexes)
        quiet_s = sum(spans[i].next_s - spans[i].ended_s for i in indexes)
        _subtract(inside, indexes, asked_s, idle, kind)
        _subtract(after, indexes, quiet_s, idle, kind)
        _move_jobs(inside, after, indexes, kind)
    return [Share(tuple(a), tuple(b)) for a, b in zip(inside, after, strict=True)]


def _subtract(
    groups: list[list[Piece]],
    indexes: Sequence[int],
    within_s: float,
    idle: Idleness,
    kind: Callable[[Statement], str],
) -> None:
    counts = Counter(name for i in indexes for piece in groups[i] for name in work(piece, kind))
    own = {
        name for name, count in counts.items() if exceeds(count, idle.counts[name], idle.watched_s, within_s)
    }
    for i in indexes:
        groups[i] = [piece for piece in groups[i] if own.intersection(work(piece, kind))]


def _move_jobs(
    inside: list[list[Piece]],
    after: list[list[Piece]],
    indexes: Sequence[int],
    kind: Callable[[Statement], str],
) -> None:
    """What mostly begins after the answer is a job, also where it won the race once."""
    before: Counter[str] = Counter()
    later: Counter[str] = Counter()
    either: Counter[str] = Counter()
    for i in indexes:
        first = {name for piece in inside[i] for name in work(piece, kind)}
        second = {name for piece in after[i] for name in work(piece, kind)}
        before.update(first)
        later.update(second)
        either.update(first | second)
    jobs = {
        name
        for name, count in either.items()
        if later[name] >= MOSTLY * count and before[name] <= SELDOM * count
    }
    for i in indexes:
        moved = [piece for piece in inside[i] if jobs.issuperset(work(piece, kind))]
        if moved:
            inside[i] = [piece for piece in inside[i] if piece not in moved]
            after[i] = [*moved, *after[i]]
