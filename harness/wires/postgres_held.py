"""What one Postgres connection holds on the server by name: prepared statements and portals."""

import codecs

from harness.wires.postgres_messages import Bound, declared_oids, texts
from harness.wires.postgres_requests import BIND, DESCRIBE, EXECUTE, PARSE, Portal, Prepared, Sent
from harness.wires.postgres_result import Described

STATEMENT = b"S"
"""How Describe and Close say that they name a statement, and no portal."""


class Held:
    """The names in use, as the server's answers made them; and the encoding of the connection's texts.

    What the target did not prepare over the protocol (PREPARE and DECLARE in SQL) is not known here: it
    has a stand-in without a text.
    """

    def __init__(self) -> None:
        self.prepared: dict[bytes, Prepared] = {}
        self.portals: dict[bytes, Portal] = {}
        self._encoding = "utf-8"

    def report(self, status: bytes) -> None:
        """A ParameterStatus; the client's encoding is kept, by the name that Python has for it."""
        (name, value), _ = texts(status, 2)
        if name == b"client_encoding":
            try:
                self._encoding = codecs.lookup(value.decode().lower().replace("win", "cp")).name
            except LookupError:
                self._encoding = "utf-8"

    def text(self, sql: bytes) -> str:
        """A text of the target's."""
        return sql.decode(self._encoding, errors="replace")

    def parsed(self, sent: Sent) -> Prepared:
        """What a Parse prepares."""
        (name, sql), end = texts(sent.body, 2)
        return Prepared(name, self.text(sql), declared_oids(sent.body, end))

    def bound(self, sent: Sent) -> tuple[bytes, Portal]:
        """What a Bind makes, with its name."""
        bound = Bound(sent.body)
        return bound.portal, Portal(self._known(bound.prepared), bound, sent.sent_s)

    def portal_of(self, sent: Sent) -> Portal:
        """The portal of a request, or one that stands for the statement that it would have run."""
        if sent.kind == PARSE:
            return Portal(self.parsed(sent), None, sent.sent_s)
        if sent.kind == BIND:
            return self.bound(sent)[1]
        name = named(sent)
        if sent.kind == DESCRIBE and sent.body[:1] == STATEMENT:
            return Portal(self._known(name), None, sent.sent_s)
        return self.portals.get(name) or Portal(Prepared(b"", "", ()), None, sent.sent_s)

    def describe(self, sent: Sent, columns: Described) -> None:
        """The answer to a Describe."""
        held = self.prepared if sent.body[:1] == STATEMENT else self.portals
        described = held.get(named(sent))
        if described is not None:
            described.columns = columns

    def _known(self, name: bytes) -> Prepared:
        return self.prepared.get(name) or Prepared(name, "", ())


def named(sent: Sent) -> bytes:
    """The name in an Execute, a Describe or a Close."""
    (name,), _ = texts(sent.body if sent.kind == EXECUTE else sent.body[1:], 1)
    return name
