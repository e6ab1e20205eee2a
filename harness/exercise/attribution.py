"""Which statements belong to which request: a wire's log, cut afterwards, in whole transactions.

The exercise sends one request at a time, so a transaction that began between a request and its answer is
the route's, unless it is something that the target does unasked. Three kinds of evidence tell those apart:
the connection it came over, how often the idle target does the same, and whether it usually begins after
the answer.
"""

import math
import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from harness.wires.model import Closed, Event, Statement, TransactionEnded

PAUSE_S: Final = 0.002
"""A transaction that has been silent for so long before a request is idle, not at work: what it does next
is done for that request. Statements of one piece of work follow each other within a millisecond."""
CHANCE: Final = 0.001
"""How seldom the idle target may look like a route that really sends the statement."""
MOSTLY: Final = 0.7
SELDOM: Final = 0.4
"""A job is seen after the answer in most windows that have it, and before it, by a race, in few."""
ENOUGH: Final = 5
"""Reading requests that must have used the database before a connection that served none is a worker's."""
CONTROL: Final = re.compile(
    r"\s*(?:BEGIN|START\s+TRANSACTION|COMMIT|END|ROLLBACK|ABORT|SAVEPOINT|RELEASE|SET|RESET|DISCARD|DEALLOCATE"
    r"|SHOW)\b",
    re.IGNORECASE,
)


class Span(NamedTuple):
    """From a request's start to its answer's end, and to the next request's start."""

    started_s: float
    ended_s: float
    next_s: float
    operation: str
    safe: bool


class Piece(NamedTuple):
    """Statements of one transaction that belong to the same request, in order.

    `explicit` where it is a BEGIN … COMMIT block; `closed_s` when that ended, infinity while it has not.
    """

    statements: tuple[Statement, ...]
    explicit: bool
    closed_s: float

    @property
    def connection(self) -> int:
        """Where it was sent."""
        return self.statements[0].connection


class Share(NamedTuple):
    """What belongs to one request: sent for it, and set off by it after its answer."""

    inside: tuple[Piece, ...]
    after: tuple[Piece, ...]


class Idleness(NamedTuple):
    """How often each kind was seen in `watched_s` seconds in which nothing was asked, and where."""

    counts: Counter[str]
    connections: frozenset[int]
    watched_s: float


def is_control(statement: Statement) -> bool:
    """Whether it only begins, ends or sets something."""
    return CONTROL.match(statement.sql) is not None


def exceeds(count: int, seen_idle: int, watched_s: float, within_s: float) -> bool:
    """Whether `count` in `within_s` seconds is more than the idle target would do, at level CHANCE.

    The idle rate is at most (seen_idle + 1) / watched_s; under it the number of runs within the windows is
    Poisson with λ = rate x within_s, and the count exceeds where P(X >= count) < CHANCE: the conditional
    test of two Poisson rates in its simple form (Gu et al., Testing the ratio of two Poisson rates, 2008).
    """
    if seen_idle == 0:
        return True
    rate = (seen_idle + 1) / max(watched_s, 1e-9) * within_s
    term = below = math.exp(-rate)
    for k in range(1, count):
        term *= rate / k
        below += term
    return count > 0 and 1.0 - below < CHANCE


def pieces_of(events: Iterable[Event], starts: Sequence[float]) -> list[Piece]:
    """Transactions, cut where they were left open and silent when the next request started."""
    closed: dict[tuple[int, int], float] = {}
    gone: dict[int, float] = {}
    grouped: dict[tuple[int, int], list[Statement]] = defaultdict(list)
    for event in events:
        if isinstance(event, Statement):
            grouped[event.connection, event.transaction].append(event)
        elif isinstance(event, TransactionEnded):
            closed[event.connection, event.transaction] = event.at_s
        elif isinstance(event, Closed):
            gone[event.connection] = event.at_s
    pieces: list[Piece] = []
    for key, statements in grouped.items():
        statements.sort(key=lambda one: one.sent_s)
        explicit = any(one.block for one in statements)
        ended_s = closed.get(key, gone.get(key[0], math.inf))
        pieces += [Piece(tuple(part), explicit, ended_s) for part in _cut(statements, starts)]
    return sorted(pieces, key=lambda piece: piece.statements[0].sent_s)


def _cut(statements: Sequence[Statement], starts: Sequence[float]) -> Iterable[list[Statement]]:
    part: list[Statement] = []
    for one in statements:
        if part:
            begun = bisect_right(starts, one.sent_s)
            since = starts[begun - 1] if begun else -math.inf
            # A request began meanwhile, and the transaction was at rest then: it serves that one now.
            if part[0].sent_s < since and max(each.done_s for each in part) < since - PAUSE_S:
                yield part
                part = []
        part.append(one)
    if part:
        yield part


def attribute(
    pieces: Sequence[Piece], spans: Sequence[Span], idle: Idleness, kind: Callable[[Statement], str]
) -> list[Share]:
    """For every span what belongs to it, less what the idle target does; `kind` is a statement's fingerprint.

    Pieces from before the first span are the idle target's own and belong to none.
    """
    ours = _without_pollers(pieces, idle, kind)
    starts = [span.started_s for span in spans]
    inside: list[list[Piece]] = [[] for _ in spans]
    after: list[list[Piece]] = [[] for _ in spans]
    for piece in ours:
        began_s = piece.statements[0].sent_s
        index = bisect_right(starts, began_s) - 1
        if index >= 0:
            (inside if began_s <= spans[index].ended_s else after)[index].append(piece)
    _move_workers(inside, after, spans, idle, kind)
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


def work(piece: Piece, kind: Callable[[Statement], str]) -> tuple[str, ...]:
    """The kinds of its statements that do something; of all where none does."""
    doing = [one for one in piece.statements if not is_control(one)]
    return tuple(kind(one) for one in doing or piece.statements)


def _without_pollers(
    pieces: Sequence[Piece], idle: Idleness, kind: Callable[[Statement], str]
) -> list[Piece]:
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


def _move_workers(
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
    for i in range(len(spans)):
        moved = [piece for piece in inside[i] if piece.connection in workers]
        if moved:
            inside[i] = [piece for piece in inside[i] if piece.connection not in workers]
            after[i] = [*moved, *after[i]]


def _is_work(piece: Piece, idle: Idleness, kind: Callable[[Statement], str]) -> bool:
    """Whether it does more than to begin, end, set, or repeat what the idle target does."""
    return any(not is_control(one) and kind(one) not in idle.counts for one in piece.statements)
