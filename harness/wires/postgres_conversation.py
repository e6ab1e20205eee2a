"""The session of one Postgres connection, request by answer: what was prepared, bound and run.

Requests wait in a queue and are understood when the server answers them, in its order: a pipeline may
prepare, bind and execute before the first answer, and after an error the server skips up to the Sync.
"""

from collections import deque
from collections.abc import Callable
from typing import Final

from harness.wires.postgres_events import Events
from harness.wires.postgres_held import Held, named
from harness.wires.postgres_messages import (
    Malformed,
    completed,
    declared_oids,
    described_columns,
    sqlstate,
)
from harness.wires.postgres_requests import (
    BIND,
    CLOSE,
    DESCRIBE,
    ENDS,
    EXECUTE,
    PARSE,
    QUERY,
    RUNS,
    SYNC,
    Sent,
)
from harness.wires.postgres_result import Described, Result
from harness.wires.tokens import split

CONNECTION_FAILURE: Final = "08006"
"""The SQLSTATE given to a statement whose connection ended before its answer."""

Handle = Callable[[bytes, float], None]


class Conversation:
    """What crosses a connection after its startup message, told to `events`.

    `waiting` are the requests without an answer, `starting` until the session's first ReadyForQuery.
    """

    def __init__(self, events: Events) -> None:
        self.waiting: deque[Sent] = deque()
        self.starting = False
        self._events = events
        self._held = Held()
        self._runs = 0
        self._skipping = False
        self._copying = False
        self._answers: dict[int, Handle] = {
            ord("D"): self._row,
            ord("C"): self._complete,
            ord("Z"): self._ready,
            ord("T"): lambda body, _: self._described(described_columns(body)),
            ord("n"): lambda _body, _at: self._described([]),
            ord("t"): self._parameters_described,
            ord("1"): self._parse_complete,
            ord("2"): self._bind_complete,
            ord("3"): self._close_complete,
            ord("s"): self._suspended,
            ord("I"): self._empty,
            ord("E"): self._error,
            ord("G"): self._copy_in,
            ord("S"): lambda body, _: self._held.report(body),
        }

    def ask(self, kind: int, body: bytes, at_s: float) -> None:
        """A request that has an answer: one of ANSWERED."""
        if kind == SYNC:
            self._skipping = False
            if self._copying:  # while the server is fed a COPY it ignores a Sync
                return
        elif self._skipping:
            return
        self.waiting.append(Sent(kind, body, at_s, pipelined=self._runs > 0))
        self._runs += kind in RUNS

    def end_copy(self) -> None:
        """The target has sent all of a COPY, or given it up."""
        self._copying = False

    def answer(self, kind: int, body: bytes, at_s: float) -> None:
        """A message of the server's. Those that answer nothing and change nothing are passed over."""
        handle = self._answers.get(kind)
        if handle is not None:
            handle(body, at_s)

    def end(self, at_s: float) -> None:
        """The connection's end: a statement that was running is told as failed."""
        for portal in self._held.portals.values():
            self._events.parts(portal)
        if self.waiting and self.waiting[0].kind in RUNS and not self.waiting[0].failed:
            self._fail(self.waiting[0], CONNECTION_FAILURE, at_s)

    # Requests in their order

    def _head(self, *kinds: int) -> Sent:
        if not self.waiting or self.waiting[0].kind not in kinds:
            raise Malformed("an answer without its request")
        return self.waiting[0]

    def _take(self, *kinds: int) -> Sent:
        sent = self._head(*kinds)
        self.waiting.popleft()
        self._runs -= sent.kind in RUNS
        return sent

    def _parse_complete(self, _body: bytes, _at_s: float) -> None:
        prepared = self._held.parsed(self._take(PARSE))
        self._held.prepared[prepared.key] = prepared

    def _bind_complete(self, _body: bytes, _at_s: float) -> None:
        sent = self._take(BIND)
        name, portal = self._held.bound(sent)
        self._drop_portal(name)
        self._held.portals[name] = portal

    def _parameters_described(self, body: bytes, _at_s: float) -> None:
        prepared = self._held.prepared.get(named(self._head(DESCRIBE)))
        if prepared is not None:
            prepared.oids = declared_oids(body, 0)

    def _described(self, columns: Described) -> None:
        sent = self._head(DESCRIBE, QUERY)
        if sent.kind == QUERY:
            sent.result = Result(columns)
            return
        self._held.describe(self._take(DESCRIBE), columns)

    def _close_complete(self, _body: bytes, _at_s: float) -> None:
        sent = self._take(CLOSE)
        if sent.body[:1] == b"S":
            self._held.prepared.pop(named(sent), None)
        else:
            self._drop_portal(named(sent))

    def _drop_portal(self, name: bytes) -> None:
        portal = self._held.portals.pop(name, None)
        if portal is not None:
            self._events.parts(portal)

    # Rows and ends of statements

    def _row(self, body: bytes, _at_s: float) -> None:
        sent = self._head(EXECUTE, QUERY)
        if sent.result is None:
            sent.result = self._held.portal_of(sent).open_result() if sent.kind == EXECUTE else Result(None)
        sent.result.add(body)

    def _suspended(self, _body: bytes, at_s: float) -> None:
        sent = self._take(EXECUTE)
        portal = self._held.portal_of(sent)
        portal.suspended = True
        portal.pipelined |= sent.pipelined or self._runs > 0
        portal.fetched = portal.open_result().rows
        portal.done_s = at_s

    def _empty(self, _body: bytes, _at_s: float) -> None:
        if self._head(EXECUTE, QUERY).kind == EXECUTE:
            self._take(EXECUTE)

    def _complete(self, body: bytes, at_s: float) -> None:
        tag, rows = completed(body)
        sent = self._head(EXECUTE, QUERY)
        if sent.kind == EXECUTE:
            self._take(EXECUTE)
            portal = self._held.portal_of(sent)
            self._tell_parts(portal.prepared.sql, tag)
            again, portal.finished = portal.finished, True
            portal.done_s = at_s
            portal.pipelined |= sent.pipelined or self._runs > 0
            if rows or not again:
                self._events.portal(portal, tag=tag, rows=portal.fetched + rows)
            return
        parts = self._parts(sent)
        if len(parts) == 1:
            self._tell_parts(parts[0], tag)
            sent.pipelined |= self._runs > 1
            self._events.simple(sent, parts[0], at_s, tag=tag, rows=rows)
        else:
            sent.done.append((tag, rows, sent.result, at_s))
        sent.result = None

    def _tell_parts(self, sql: str, tag: str) -> None:
        """Before the end of a block: portals end with it, and their statements belong to it."""
        if self._events.transaction.ends(tag, sql):
            for portal in self._held.portals.values():
                self._events.parts(portal)

    def _parts(self, sent: Sent) -> list[str]:
        if sent.texts is None:
            sent.texts = split(self._whole(sent))
        return sent.texts

    def _whole(self, sent: Sent) -> str:
        return self._held.text(sent.body.removesuffix(b"\0"))

    def _copy_in(self, _body: bytes, _at_s: float) -> None:
        if self._head(EXECUTE, QUERY).kind == EXECUTE:
            # The Sync that went with the Execute is ignored; another one follows the data.
            self._copying = True
            while len(self.waiting) > 1 and self.waiting[1].kind == SYNC:
                del self.waiting[1]

    def _error(self, body: bytes, at_s: float) -> None:
        code = sqlstate(body)
        self._copying = False
        if not self.waiting:  # the server ends an idle session
            return
        sent = self.waiting[0]
        self._fail(sent, code, at_s)
        if sent.kind in ENDS:
            return
        while self.waiting and self.waiting[0].kind != SYNC:
            self._runs -= self.waiting.popleft().kind in RUNS
        self._skipping = not self.waiting

    def _ready(self, body: bytes, at_s: float) -> None:
        if self.starting:
            self.starting = False
            return
        sent = self._take(*ENDS)
        self._copying = False
        # A target may go on with a named portal; the unnamed one is done for all drivers that are known.
        for name in list(self._held.portals) if body[:1] == b"I" else [b""]:
            self._drop_portal(name)
        if sent.kind == QUERY and sent.done:
            sent.pipelined |= self._runs > 0
            self._events.several(sent, self._whole(sent), self._parts(sent), done_s=at_s)
        self._events.ready(body[:1], at_s)

    # Failures

    def _fail(self, sent: Sent, code: str, at_s: float) -> None:
        """Tell the statement of the request that an error answers; Close and Sync have none."""
        sent.failed = True
        if sent.kind == QUERY:
            parts, whole = self._parts(sent), self._whole(sent)
            if sent.done or len(parts) > 1:
                self._events.several(sent, whole, parts, done_s=at_s, error=code)
                sent.done = []
            else:
                self._events.simple(sent, parts[0] if parts else whole, at_s, error=code)
        elif sent.kind in {PARSE, BIND, DESCRIBE, EXECUTE}:
            portal = self._held.portal_of(sent)
            portal.done_s = at_s
            portal.finished = True
            self._events.portal(portal, error=code)
