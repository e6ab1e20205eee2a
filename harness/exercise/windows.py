"""Windows: what each call of the exercise set off, cut from the log of the wires."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from harness.exercise.attribution import attribute
from harness.exercise.model import Call, Idle, Seen, Warmth, Window
from harness.exercise.pieces import PAUSE_S, Piece, Span, pieces_of
from harness.exercise.unasked import Idleness, exceeds
from harness.exercise.unused import unused
from harness.wires.fingerprint import fingerprint, normalized, route_comment
from harness.wires.model import Command, Event, Statement

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "QUERY"})
FIRST_ERROR = 400


class Answered(NamedTuple):
    """A call with the texts that it exchanged, as far as they are needed to cut windows."""

    call: Call
    answer: str = ""
    sent: str = ""


class Cut(NamedTuple):
    """All windows, and what the target did while nothing was asked."""

    windows: tuple[Window, ...]
    idle: tuple[Idle, ...]


class Texts:
    """Fingerprints and route comments of statements, each text once."""

    def __init__(self) -> None:
        self._prints: dict[str, str] = {}
        self._routes: dict[str, str] = {}

    def kind(self, statement: Statement) -> str:
        """Its fingerprint."""
        if statement.sql not in self._prints:
            self._prints[statement.sql] = fingerprint(statement.sql)
        return self._prints[statement.sql]

    def seen(self, statement: Statement) -> Seen:
        """The statement as windows hold it."""
        if statement.sql not in self._routes:
            self._routes[statement.sql] = route_comment(statement.sql)
        return Seen(fingerprint=self.kind(statement), statement=statement, route=self._routes[statement.sql])


def cut(
    postgres: Sequence[Event],
    redis: Sequence[Event],
    answered: Sequence[Answered],
    watched: tuple[float, float],
    until_s: float,
) -> Cut:
    """Windows of all calls, which are in the order in which they were sent.

    `watched` is from when to when the target was left alone; `until_s` when the target was last known to
    be quiet. Events of earlier times serve to know transactions that were open already.
    """
    texts = Texts()
    spans = spans_of([one.call for one in answered], until_s)
    starts = [span.started_s for span in spans]
    pieces = [piece for piece in pieces_of(postgres, starts) if piece.statements[-1].sent_s >= watched[0]]
    idle, unasked = _idle(pieces, watched, texts)
    shares = attribute(pieces, spans, idle, texts.kind)
    commands = _commands(redis, spans, watched)
    windows = []
    for one, span, share, said in zip(answered, spans, shares, commands, strict=True):
        inside = _statements(share.inside)
        seen = tuple(texts.seen(each) for each in inside)
        looked_at = one.call.warmth is Warmth.COLD and one.call.status < FIRST_ERROR and one.answer
        windows.append(
            Window(
                call=one.call,
                statements=seen,
                after=tuple(texts.seen(each) for each in _statements(share.after)),
                commands=said,
                unused=unused([(each.fingerprint, each.statement) for each in seen], one.answer, one.sent)
                if looked_at
                else (),
                left_open=sum(_is_left_open(piece, span) for piece in share.inside),
                waited_s=max((_waited_s(piece) for piece in share.inside), default=0.0),
            )
        )
    return Cut(tuple(windows), unasked)


def spans_of(calls: Sequence[Call], until_s: float) -> list[Span]:
    """The calls' times: each lasts until the next one starts, the last until `until_s`."""
    following = [*(call.started_s for call in calls[1:]), until_s]
    return [
        Span(call.started_s, call.ended_s, after_s, call.operation, call.operation.split(" ")[0] in SAFE)
        for call, after_s in zip(calls, following, strict=True)
    ]


def _idle(
    pieces: Iterable[Piece], watched: tuple[float, float], texts: Texts
) -> tuple[Idleness, tuple[Idle, ...]]:
    counts: Counter[str] = Counter()
    sql: dict[str, str] = {}
    connections: set[int] = set()
    for piece in pieces:
        for one in piece.statements:
            if watched[0] <= one.sent_s < watched[1]:
                name = texts.kind(one)
                counts[name] += 1
                sql.setdefault(name, normalized(one.sql))
                connections.add(one.connection)
    watched_s = watched[1] - watched[0]
    idle = tuple(
        Idle(fingerprint=name, sql=sql[name], count=count, watched_s=watched_s)
        for name, count in counts.most_common()
    )
    return Idleness(counts, frozenset(connections), watched_s), idle


def _statements(pieces: Iterable[Piece]) -> list[Statement]:
    return sorted((one for piece in pieces for one in piece.statements), key=lambda one: one.sent_s)


def _is_left_open(piece: Piece, span: Span) -> bool:
    """Whether the transaction was at rest and not ended when the target had become quiet again."""
    at_rest = max(one.done_s for one in piece.statements) <= span.next_s - PAUSE_S
    return piece.explicit and piece.closed_s >= span.next_s and at_rest


def _waited_s(piece: Piece) -> float:
    """The longest time from one statement's end to the next one's start within an open transaction."""
    if not piece.explicit:
        return 0.0
    pairs = zip(piece.statements, piece.statements[1:], strict=False)
    return max((later.sent_s - earlier.done_s for earlier, later in pairs), default=0.0)


def _commands(
    events: Sequence[Event], spans: Sequence[Span], watched: tuple[float, float]
) -> list[tuple[Command, ...]]:
    """Redis commands sent between request and answer, less those that the idle target sends as often."""
    commands = sorted((event for event in events if isinstance(event, Command)), key=lambda each: each.sent_s)
    unasked = [one for one in commands if watched[0] <= one.sent_s < watched[1]]
    idle: Counter[str] = Counter(one.name for one in unasked)
    pollers = {one.connection for one in unasked}
    pollers -= {one.connection for one in commands if one.name not in idle}
    starts = [span.started_s for span in spans]
    found: list[list[Command]] = [[] for _ in spans]
    for one in commands:
        index = bisect_right(starts, one.sent_s) - 1
        if index >= 0 and one.sent_s <= spans[index].ended_s and one.connection not in pollers:
            found[index].append(one)
    groups: dict[str, list[int]] = defaultdict(list)
    for index, span in enumerate(spans):
        groups[span.operation].append(index)
    for indexes in groups.values():
        asked_s = sum(spans[i].ended_s - spans[i].started_s for i in indexes)
        counts = Counter(one.name for i in indexes for one in found[i])
        own = {
            name
            for name, count in counts.items()
            if exceeds(count, idle[name], watched[1] - watched[0], asked_s)
        }
        for i in indexes:
            found[i] = [one for one in found[i] if one.name in own]
    return [tuple(each) for each in found]
