"""Messages of Postgres's frontend/backend protocol 3: where they end, and what their bodies hold.

The protocol: https://www.postgresql.org/docs/current/protocol-message-formats.html
"""

from collections.abc import Iterator
from struct import Struct, unpack_from
from typing import Final

STARTUP: Final = 0
"""The kind given to messages that have none: those before a session starts."""

PROTOCOL_MAJOR: Final = 3
CANCEL_REQUEST: Final = 80877102
SSL_REQUEST: Final = 80877103
GSSENC_REQUEST: Final = 80877104
REQUEST_BYTES: Final = 8

MAX_STARTUP_BYTES: Final = 10_000
"""MAX_STARTUP_PACKET_LENGTH of the server."""

MAX_MESSAGE_BYTES: Final = 1 << 30
"""A gibibyte: the server accepts and makes no longer ones."""

FROM_TARGET: Final = frozenset(b"BCcDdEFfHPpQSX")
FROM_SERVER: Final = frozenset(b"RKSZTtDC123nsINAEGHWdcVv")
COPY_DATA: Final = ord("d")
TLS_HANDSHAKE: Final = 0x16

_header = Struct("!Bi").unpack_from
_integer = Struct("!i").unpack_from
_short = Struct("!H").unpack_from
_field = Struct("!IHIhiH").unpack_from


class Malformed(Exception):
    """Bytes that are no message of the protocol; the text says what was met."""


class Frames:
    """Cuts one direction of a connection into messages, however it was cut into chunks.

    `kinds` are the type bytes of that direction. The contents of COPY are counted off and never kept.
    """

    def __init__(self, kinds: frozenset[int], *, startup: bool) -> None:
        self.startup = startup
        self._kinds = kinds
        self._held = bytearray()
        self._wanted = 0
        self._skip = 0

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Kind and body of every message that is complete now; to be walked to its end. Raises Malformed."""
        if self._skip:
            skipped = min(self._skip, len(data))
            self._skip -= skipped
            data = data[skipped:]
        if self._held:
            self._held += data
            if len(self._held) < self._wanted:
                return
            data = bytes(self._held)
            self._held.clear()
        start, end = 0, len(data)
        while True:
            head = 4 if self.startup else 5
            if end - start < head:
                self._wanted = head
                break
            kind, stop = self._bounds(data, start)
            if stop > end:
                if kind == COPY_DATA:
                    self._skip = stop - end
                    return
                self._wanted = stop - start
                break
            if kind != COPY_DATA:
                yield kind, data[start + head : stop]
            start = stop
        if start < end:
            self._held += data[start:]

    def _bounds(self, data: bytes, start: int) -> tuple[int, int]:
        if self.startup:
            (length,) = _integer(data, start)
            if data[start] == TLS_HANDSHAKE:
                raise Malformed("TLS without a request for it")
            if not REQUEST_BYTES <= length <= MAX_STARTUP_BYTES:
                raise Malformed("no startup message")
            return STARTUP, start + length
        kind, length = _header(data, start)
        if kind not in self._kinds:
            raise Malformed(f"unknown message type {bytes([kind])!r}")
        if not 4 <= length <= MAX_MESSAGE_BYTES:  # noqa: PLR2004 - the length counts itself
            raise Malformed(f"message type {chr(kind)!r} of {length} bytes")
        return kind, start + 1 + length


def startup_code(body: bytes) -> int:
    """The protocol's version, or the code of a request that takes a startup message's place."""
    return int(_integer(body)[0])


def startup_options(body: bytes) -> dict[str, str]:
    """The parameters of a startup message, user and database among them."""
    texts = body[4:].split(b"\0")
    pairs = zip(texts[::2], texts[1::2], strict=False)
    return {name.decode(errors="replace"): value.decode(errors="replace") for name, value in pairs if name}


def texts(body: bytes, count: int) -> tuple[list[bytes], int]:
    """The first `count` zero-terminated texts of a body, and where they end."""
    found = []
    start = 0
    for _ in range(count):
        stop = body.index(b"\0", start)
        found.append(body[start:stop])
        start = stop + 1
    return found, start


def declared_oids(body: bytes, start: int) -> tuple[int, ...]:
    """Types of parameters as Parse and ParameterDescription list them, from `start` on."""
    (count,) = _short(body, start)
    return unpack_from(f"!{count}I", body, start + 2)


class Bound:
    """What a Bind message holds. `formats` has no entry, one for all, or one for each parameter."""

    __slots__ = ("formats", "portal", "prepared", "result_formats", "values")

    def __init__(self, body: bytes) -> None:
        (self.portal, self.prepared), start = texts(body, 2)
        self.formats, start = _shorts(body, start)
        (count,) = _short(body, start)
        start += 2
        self.values: list[bytes | None] = []
        for _ in range(count):
            (size,) = _integer(body, start)
            start += 4
            if size < 0:
                self.values.append(None)
                continue
            self.values.append(body[start : start + size])
            start += size
        self.result_formats, start = _shorts(body, start)


def _shorts(body: bytes, start: int) -> tuple[tuple[int, ...], int]:
    (count,) = _short(body, start)
    return unpack_from(f"!{count}H", body, start + 2), start + 2 + 2 * count


def described_columns(body: bytes) -> list[tuple[bytes, int, int]]:
    """Name, type and format of every column of a RowDescription."""
    (count,) = _short(body)
    start = 2
    columns = []
    for _ in range(count):
        stop = body.index(b"\0", start)
        _table, _attribute, oid, _size, _modifier, form = _field(body, stop + 1)
        columns.append((body[start:stop], oid, form))
        start = stop + 19
    return columns


def completed(body: bytes) -> tuple[str, int]:
    """The words of a CommandComplete and the rows it counts: `INSERT 0 5` is INSERT, 5."""
    words = body[:-1].decode("ascii", errors="replace").split()
    rows = int(words[-1]) if words and words[-1].isdecimal() else 0
    return " ".join(word for word in words if not word.isdecimal()), rows


def sqlstate(body: bytes) -> str:
    """The code of an ErrorResponse."""
    for field in body.split(b"\0"):
        if field[:1] == b"C":
            return field[1:].decode("ascii", errors="replace")
    raise Malformed("an error without a code")
