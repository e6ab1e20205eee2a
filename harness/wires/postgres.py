"""Postgres's wire read: statements with their parameters, rows, errors and transactions."""

from collections.abc import Iterable, Iterator
from typing import Final

from harness.wires.model import Closed, Connected, Event, Undecodable
from harness.wires.postgres_conversation import Conversation
from harness.wires.postgres_events import Events
from harness.wires.postgres_messages import (
    CANCEL_REQUEST,
    FROM_SERVER,
    FROM_TARGET,
    GSSENC_REQUEST,
    PROTOCOL_MAJOR,
    SSL_REQUEST,
    STARTUP,
    Frames,
    Malformed,
    startup_code,
    startup_options,
)
from harness.wires.postgres_requests import ANSWERED

COPY_ENDS: Final = frozenset(b"cf")
NO: Final = frozenset({"false", "off", "no", "0"})


class PostgresDecoder:
    """Reads one connection of a Postgres wire; see `harness.wires.decoder.Decoder`.

    A portal that is fetched in parts is one statement, told when it completes, is closed or replaced,
    or its transaction ends; an unnamed one also at the next ReadyForQuery. Several statements of one
    simple query are told together, when the query ends. Empty queries and function calls are no
    statements; replication and cancel requests are relayed and not read. A statement that was running
    when its connection ended has failed with 08006, connection_failure.
    """

    def __init__(self, connection: int, transactions: Iterator[int]) -> None:
        self._connection = connection
        self._events = Events(connection, transactions)
        self._conversation = Conversation(self._events)
        self._to = Frames(FROM_TARGET, startup=True)
        self._from = Frames(FROM_SERVER, startup=False)
        self._silent = False
        self._refusals = 0

    @property
    def in_flight(self) -> int:
        """Requests that the server has not answered yet, the session's start among them."""
        return 0 if self._silent else len(self._conversation.waiting) + self._conversation.starting

    def to_service(self, data: bytes, at_s: float) -> Iterable[Event]:
        """Bytes from the target to the server."""
        if self._silent:
            return ()
        conversation = self._conversation
        try:
            for kind, body in self._to.feed(data):
                if kind in ANSWERED:
                    conversation.ask(kind, body, at_s)
                elif kind in COPY_ENDS:
                    conversation.end_copy()
                elif kind == STARTUP and not self._started(body, at_s):
                    self._silent = True
                    break
        except Exception as error:  # noqa: BLE001 - whatever the bytes are, the relay goes on
            self._give_up("to", error, at_s)
        return self._taken()

    def from_service(self, data: bytes, at_s: float) -> Iterable[Event]:
        """Bytes from the server to the target."""
        if self._silent:
            return ()
        answer = self._conversation.answer
        try:
            for kind, body in self._from.feed(self._without_refusals(data)):
                answer(kind, body, at_s)
        except Exception as error:  # noqa: BLE001 - whatever the bytes are, the relay goes on
            self._give_up("from", error, at_s)
        return self._taken()

    def closed(self, at_s: float) -> Iterable[Event]:
        """The connection's end."""
        if not self._silent:
            self._conversation.end(at_s)
        block = self._events.transaction.block
        return [*self._taken(), Closed(connection=self._connection, at_s=at_s, open_transaction=block)]

    def _taken(self) -> list[Event]:
        told = self._events.told
        if told:
            self._events.told = []
        return told

    def _started(self, body: bytes, at_s: float) -> bool:
        """Whether what follows is to be read: after a cancel request and in replication it is not."""
        code = startup_code(body)
        if code in {SSL_REQUEST, GSSENC_REQUEST}:
            self._refusals += 1
            return True
        if code == CANCEL_REQUEST:
            return False
        if code >> 16 != PROTOCOL_MAJOR:
            raise Malformed(f"protocol {code >> 16}.{code & 0xFFFF}")
        options = startup_options(body)
        user = options.pop("user", "")
        database = options.pop("database", user)
        self._to.startup = False
        self._conversation.starting = True
        self._events.told.append(
            Connected(connection=self._connection, at_s=at_s, user=user, database=database, options=options)
        )
        return options.get("replication", "off").lower() in NO

    def _without_refusals(self, data: bytes) -> bytes:
        """The server's one-byte answers to requests for encryption, taken off where it gave them itself."""
        while self._refusals and data:
            if data[:1] in {b"S", b"G"}:
                raise Malformed("the server accepted encryption")
            self._refusals = self._refusals - 1 if data[:1] == b"N" else 0
            data = data.removeprefix(b"N")
        return data

    def _give_up(self, direction: str, error: Exception, at_s: float) -> None:
        reason = str(error) if isinstance(error, Malformed) else f"a message that ends too early: {error!r}"
        self._events.told.append(
            Undecodable(connection=self._connection, at_s=at_s, direction=direction, reason=reason)
        )
        self._silent = True
