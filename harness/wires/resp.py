"""Redis's serialization, RESP2 and RESP3, as it comes: values out of chunks of any size.

What is too long to matter is not kept: of a string the first KEPT_BYTES are, of a collection all its
members, since they tell what was found.
"""

from typing import Final

from msgspec import Struct

KEPT_BYTES: Final = 1024
LINE_BYTES: Final = 64 * 1024
"""Redis's own limit of an inline command; no line of an answer comes near it."""
LONGEST_STRING: Final = 1 << 32
MOST_ITEMS: Final = 1 << 31
DEEPEST: Final = 128
PRINTABLE: Final = 32


class Failure(bytes):
    """An error: its text."""

    __slots__ = ()


class Status(bytes):
    """A simple string: OK, QUEUED, PONG."""

    __slots__ = ()


class Push(list["Value"]):
    """What the server says by itself (RESP3)."""

    __slots__ = ()


class Attribute(list["Value"]):
    """What stands before a value and tells about it; never given out."""

    __slots__ = ()


Value = bytes | int | list["Value"] | None
"""A string (also Failure, Status), a number, null, or a collection (also Push; of a map its pairs)."""


class Whole(Struct, frozen=True):
    """A value with the bytes it took on the wire."""

    value: Value
    size_bytes: int


class MalformedError(Exception):
    """These bytes are no RESP; the message says what was met."""


class Frame(Struct):
    """A collection that still lacks `left` members."""

    left: int
    items: list[Value]


class Step:
    """What reading on may come to besides a value."""


MORE: Final = Step()
OPENED: Final = Step()


class Reader:
    """Reads one direction of a connection. `inline` takes requests as plain lines of words too.

    `malformed` is empty until bytes come that are no RESP; then it says what was met, and nothing more
    is read.
    """

    def __init__(self, *, inline: bool = False) -> None:
        self.malformed = ""
        self._inline = inline
        self._buffer = bytearray()
        self._position = 0
        self._size = 0
        self._frames: list[Frame] = []
        self._missing = 0
        self._kept = bytearray()
        self._failure = False

    def feed(self, data: bytes) -> list[Whole]:
        """The values that these bytes make whole, in order."""
        found: list[Whole] = []
        if self.malformed:
            return found
        self._buffer += data
        try:
            while (step := self._step()) is not MORE:
                if not isinstance(step, Step):
                    self._place(step, found)
        except MalformedError as error:
            self.malformed = str(error)
        del self._buffer[: self._position]
        self._position = 0
        return found

    def _step(self) -> Value | Step:
        """Read one line or one string's part."""
        buffer, position = self._buffer, self._position
        if position == len(buffer):
            return MORE
        if self._missing:
            return self._rest()
        if self._inline and not self._frames and buffer[position] != ord("*"):
            return self._words()
        end = buffer.find(b"\r\n", position)
        if end < 0:
            if len(buffer) - position > LINE_BYTES:
                raise MalformedError("a line without an end")
            return MORE
        line = bytes(buffer[position + 1 : end])
        self._advance(end + 2)
        return self._element(buffer[position], line)

    def _element(self, kind: int, line: bytes) -> Value | Step:
        match chr(kind):
            case "$" | "=" | "!":
                length = number(line, LONGEST_STRING)
                if length < 0:
                    return None
                self._missing, self._failure = length + 2, kind == ord("!")
                self._kept = bytearray()
                return OPENED
            case "*" | "~" | ">" | "%" | "|":
                return self._open(kind, number(line, MOST_ITEMS))
            case "+":
                return Status(line)
            case "-":
                return Failure(line)
            case ":":
                return number(line)
            case "#":
                return int(line == b"t")
            case "," | "(":
                return line
            case "_":
                return None
        raise MalformedError(f"no type of RESP begins with byte 0x{kind:02x}")

    def _open(self, kind: int, length: int) -> Value | Step:
        """Begin a collection; an empty one is whole at once."""
        if length < 0:
            return None
        items: list[Value] = Push() if kind == ord(">") else Attribute() if kind == ord("|") else []
        members = length * 2 if kind in b"%|" else length
        if not members:
            return OPENED if isinstance(items, Attribute) else items
        if len(self._frames) == DEEPEST:
            raise MalformedError(f"collections more than {DEEPEST} deep")
        self._frames.append(Frame(members, items))
        return OPENED

    def _rest(self) -> Value | Step:
        """Take what has come of a string; its end is two bytes, which are not looked at."""
        begin = self._position
        taken = min(self._missing, len(self._buffer) - begin)
        kept = min(taken, self._missing - 2, KEPT_BYTES - len(self._kept))
        if kept > 0:
            self._kept += self._buffer[begin : begin + kept]
        self._advance(begin + taken)
        self._missing -= taken
        if self._missing:
            return MORE
        return Failure(self._kept) if self._failure else bytes(self._kept)

    def _words(self) -> Value | Step:
        """Read a request as a line of words."""
        begin = self._position
        end = self._buffer.find(b"\n", begin)
        line = bytes(self._buffer[begin : end if end >= 0 else None])
        if end < 0 and len(line) > LINE_BYTES:
            raise MalformedError("a line without an end")
        if any(byte < PRINTABLE and byte not in b"\t\r" for byte in line):
            raise MalformedError(f"neither a command nor a line of words: it begins with 0x{line[0]:02x}")
        if end < 0:
            return MORE
        self._advance(end + 1)
        return [word for word in line.split() if word]

    def _advance(self, position: int) -> None:
        self._size += position - self._position
        self._position = position

    def _place(self, value: Value, found: list[Whole]) -> None:
        """Put a value where it belongs: into the collection that waits for it, or out."""
        while self._frames:
            frame = self._frames[-1]
            frame.items.append(value)
            frame.left -= 1
            if frame.left:
                return
            self._frames.pop()
            if isinstance(frame.items, Attribute):
                return
            value = frame.items
        found.append(Whole(value, self._size))
        self._size = 0


def number(line: bytes, most: int | None = None) -> int:
    """The number on a line; -1 stands for null where it is a length. Raises MalformedError."""
    try:
        value = int(line)
    except ValueError:
        raise MalformedError(f"a number was expected, {line[:32]!r} came") from None
    if most is not None and not -1 <= value <= most:
        raise MalformedError(f"a length of {value}")
    return value
