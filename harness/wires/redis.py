"""Redis's protocol as events: RESP2 and RESP3, pipelines, transactions, pushes."""

from collections import deque
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from harness.wires.model import Closed, Command, Connected, Event, Undecodable
from harness.wires.redis_keys import SECRET, blocks, keys, outcome
from harness.wires.resp import Failure, Push, Reader, Status, Value, Whole

ARGUMENTS: Final = 16
ARGUMENT_BYTES: Final = 256
SUBSCRIBE: Final = frozenset({"SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE"})
UNSUBSCRIBE: Final = frozenset({"UNSUBSCRIBE", "PUNSUBSCRIBE", "SUNSUBSCRIBE"})
MESSAGES: Final = frozenset({b"message", b"pmessage", b"smessage"})
"""What comes unasked on a RESP2 connection that has subscribed."""


class Asked(Struct):
    """A command without an answer yet; `answers` is how many it gets."""

    name: str
    keys: tuple[str, ...]
    arguments: tuple[bytes, ...]
    sent_s: float
    transaction: bool
    blocking: bool
    answers: int = 1


class RedisDecoder:
    """Reads one connection. Commands that wait for others by their nature are not counted in flight."""

    def __init__(self, connection: int) -> None:
        self._connection = connection
        self._requests = Reader(inline=True)
        self._replies = Reader()
        self._asked: deque[Asked] = deque()
        self._queued: list[Asked] = []
        self._waiting = 0
        self._connected = False
        self._multi = False
        self._subscribed: dict[str, set[bytes]] = {name: set() for name in SUBSCRIBE}
        self._monitors = False
        self._mute = False
        self._skip = 0
        self._lost = False

    @property
    def in_flight(self) -> int:
        """Commands that the service has not answered yet."""
        return 0 if self._lost else self._waiting

    def to_service(self, data: bytes, at_s: float) -> Iterator[Event]:
        """Commands: those that get no answer are told at once."""
        if self._lost:
            return
        if not self._connected:
            self._connected = True
            yield Connected(connection=self._connection, at_s=at_s)
        for whole in self._requests.feed(data):
            words = whole.value
            if not isinstance(words, list) or not all(isinstance(word, bytes) for word in words):
                yield self._undecodable("to", at_s, "a command that is not made of strings")
                return
            if words:
                yield from self._ask([word for word in words if isinstance(word, bytes)], at_s)
        if self._requests.malformed:
            yield self._undecodable("to", at_s, self._requests.malformed)

    def from_service(self, data: bytes, at_s: float) -> Iterator[Event]:
        """Answers and pushes."""
        if self._lost:
            return
        for whole in self._replies.feed(data):
            yield from self._answer(whole, at_s)
        if self._replies.malformed:
            yield self._undecodable("from", at_s, self._replies.malformed)

    def closed(self, at_s: float) -> Iterator[Event]:
        """The end; commands without an answer are not told."""
        if not self._connected:
            yield Connected(connection=self._connection, at_s=at_s)
        yield Closed(connection=self._connection, at_s=at_s, open_transaction=self._multi)

    def _undecodable(self, direction: str, at_s: float, reason: str) -> Undecodable:
        self._lost = True
        return Undecodable(connection=self._connection, at_s=at_s, direction=direction, reason=reason)

    def _ask(self, words: list[bytes], at_s: float) -> Iterator[Event]:
        name = words[0].decode(errors="backslashreplace").upper()
        arguments = words[1:]
        if name in {"EXEC", "DISCARD", "RESET"}:
            self._multi = False
        asked = Asked(
            name=name,
            keys=keys(name, arguments),
            arguments=()
            if name in SECRET
            else tuple(word[:ARGUMENT_BYTES] for word in arguments[:ARGUMENTS]),
            sent_s=at_s,
            transaction=self._multi,
            blocking=blocks(name, arguments) and not self._multi,
        )
        if name == "MULTI":
            self._multi = True
        if name in SUBSCRIBE or name in UNSUBSCRIBE:
            asked.answers = self._confirmations(name, arguments)
        if self._silent(name, arguments):
            yield self._command(asked, at_s, "ok", 0)
            return
        self._asked.append(asked)
        self._waiting += not asked.blocking

    def _silent(self, name: str, arguments: list[bytes]) -> bool:
        """Whether this command gets no answer, by CLIENT REPLY."""
        mode = b""
        if name == "CLIENT" and len(arguments) == 2 and arguments[0].upper() == b"REPLY":  # noqa: PLR2004 - two words
            mode = arguments[1].upper()
        if mode == b"ON":
            self._mute, self._skip = False, 0
            return False
        if mode == b"OFF":
            self._mute = True
        elif mode == b"SKIP" and not self._mute:
            self._skip = 2  # itself and the next
        if self._skip:
            self._skip -= 1
            return True
        return self._mute

    def _confirmations(self, name: str, arguments: list[bytes]) -> int:
        """Answers of a command of subscriptions: one for each channel, at least one."""
        channels = self._subscribed[name.replace("UNSUB", "SUB")]
        if name in SUBSCRIBE:
            channels.update(arguments)
            return max(len(arguments), 1)
        gone = len(arguments) or len(channels)
        channels.difference_update(arguments or tuple(channels))
        return max(gone, 1)

    def _answer(self, whole: Whole, at_s: float) -> Iterator[Event]:
        if self._lost:
            return
        value = whole.value
        kind = value[0] if isinstance(value, list) and value else None
        confirms = self._asked and isinstance(kind, bytes) and kind.decode(errors="replace").upper()
        if confirms and confirms == self._asked[0].name and self._asked[0].answers > 1:
            self._asked[0].answers -= 1
            return
        unasked = isinstance(value, Push) and not (confirms and confirms == self._asked[0].name)
        if unasked or (isinstance(kind, bytes) and kind in MESSAGES and self._listens()):
            yield self._pushed(value, whole.size_bytes, at_s)
            return
        if self._monitors and isinstance(value, Status) and (not self._asked or value[:1].isdigit()):
            return
        if not self._asked:
            if not isinstance(value, Failure):  # a server that refuses or ends a connection says why
                yield self._undecodable("from", at_s, "an answer without a command")
            return
        asked = self._asked.popleft()
        self._waiting -= not asked.blocking
        if asked.transaction and isinstance(value, Status) and value == b"QUEUED":
            self._queued.append(asked)
            return
        if asked.name in {"EXEC", "DISCARD", "RESET"}:
            yield from self._ended(asked, whole, at_s)
            return
        if asked.name == "MONITOR" and not isinstance(value, Failure):
            self._monitors = True
        yield self._command(asked, at_s, outcome(asked.name, len(asked.keys), value), whole.size_bytes)

    def _listens(self) -> bool:
        return any(self._subscribed.values()) or any(asked.name in UNSUBSCRIBE for asked in self._asked)

    def _pushed(self, value: Value, size_bytes: int, at_s: float) -> Command:
        words = value if isinstance(value, list) else []
        texts = [word[:ARGUMENT_BYTES] for word in words if isinstance(word, bytes)]
        name = texts[0].decode(errors="backslashreplace") if texts else ""
        return Command(
            connection=self._connection,
            name=name,
            arguments=tuple(texts[1 : 1 + ARGUMENTS]),
            sent_s=at_s,
            done_s=at_s,
            outcome="push",
            size_bytes=size_bytes,
        )

    def _ended(self, asked: Asked, whole: Whole, at_s: float) -> Iterator[Event]:
        """A transaction's end: what was queued has its answers in the answer of EXEC, or never ran."""
        queued, self._queued = self._queued, []
        value = whole.value
        ran = asked.name == "EXEC" and isinstance(value, list) and len(value) == len(queued)
        replies: list[Value] = value if ran and isinstance(value, list) else [Failure()] * len(queued)
        for each, reply in zip(queued, replies, strict=True):
            yield self._command(each, at_s, outcome(each.name, len(each.keys), reply), 0)
        if asked.name == "RESET":
            self._subscribed = {name: set() for name in SUBSCRIBE}
            self._monitors = False
        failed = isinstance(value, Failure) or (asked.name == "EXEC" and not ran)
        yield self._command(asked, at_s, "error" if failed else "ok", whole.size_bytes)

    def _command(self, asked: Asked, at_s: float, outcome: str, size_bytes: int) -> Command:
        return Command(
            connection=self._connection,
            name=asked.name,
            keys=asked.keys,
            arguments=asked.arguments,
            sent_s=asked.sent_s,
            done_s=at_s,
            outcome=outcome,
            size_bytes=size_bytes,
            transaction=asked.transaction,
        )
