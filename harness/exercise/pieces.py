"""Transactions as they crossed a wire, in pieces that each belong to one request."""

import math
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from harness.wires.model import Closed, Event, Statement, TransactionEnded

PAUSE_S: Final = 0.002
"""A transaction that has been silent for so long before a request is idle, not at work: what it does next
is done for that request. Statements of one piece of work follow each other within a millisecond."""
CONTROL: Final = re.compile(
    r"\s*(?:BEGIN|START\s+TRANSACTION|COMMIT|END|ROLLBACK|ABORT|SAVEPOINT|RELEASE|SET|RESET|DISCARD|DEALLOCATE|CLOSE|UNLISTEN"
    r"|SHOW|SELECT\s+pg_advisory_unlock_all)\b",
    re.IGNORECASE,
)


LEARNS: Final = re.compile(
    r"\b(?:FROM|JOIN)\s+(?:pg_catalog\.|pg_type\b|information_schema\.)", re.IGNORECASE
)
"""Drivers learn types over each of their connections; that says nothing of what a connection is for."""


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


def is_control(statement: Statement) -> bool:
    """Whether it only begins, ends or sets something, or learns types."""
    return CONTROL.match(statement.sql) is not None or LEARNS.search(statement.sql) is not None


def work(piece: Piece, kind: Callable[[Statement], str]) -> tuple[str, ...]:
    """The kinds of its statements that do something; of all where none does."""
    doing = [one for one in piece.statements if not is_control(one)]
    return tuple(kind(one) for one in doing or piece.statements)


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
