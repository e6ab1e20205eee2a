"""One HTTP/1.1 connection: bytes in, answers out, with the time of the first byte and of the last."""

import asyncio
import re
import time
from typing import Final, cast

import msgspec

from harness.driver.result import CacheClass

monotonic = time.monotonic

HEAD_END: Final = b"\r\n\r\n"
LARGEST_HEAD: Final = 65_536
NO_BODY: Final = frozenset({204, 304})
FIRST_FINAL_STATUS: Final = 200
FIRST_FAILED_STATUS: Final = 400
UNAVAILABLE: Final = 503
STRING: Final = re.compile(rb'"(?:[^"\\]|\\.)*"')
TRUE: Final = frozenset({b"", b"?1"})
"""How a parameter of a structured field says yes: by its name alone, or as a Boolean (RFC 8941, 3.3.6)."""


class Broken(Exception):
    """There is no answer: `kind` says in two words what happened, the message says it in full."""

    def __init__(self, kind: str, text: str) -> None:
        self.kind = kind
        super().__init__(text)


class Answer:
    """What came back. `status` is 0 where nothing did, and `problem` then says why.

    `first_byte` and `end` are on CLOCK_MONOTONIC; `parts` is the raw Server-Timing field.
    """

    __slots__ = ("body", "cache", "end", "first_byte", "parts", "problem", "retry_after", "status")

    def __init__(self, status: int, problem: str = "") -> None:
        self.status = status
        self.problem = problem
        self.body = b""
        self.cache: CacheClass = "none"
        self.parts = b""
        self.retry_after = b""
        self.first_byte = 0.0
        self.end = 0.0

    @property
    def ok(self) -> bool:
        """Whether it is an answer of the 2xx or 3xx kind."""
        return FIRST_FINAL_STATUS <= self.status < FIRST_FAILED_STATUS

    @property
    def refused(self) -> bool:
        """Whether it is a 503 that says when to come back."""
        return self.status == UNAVAILABLE and bool(self.retry_after)

    def json(self) -> object:
        """The body, decoded from JSON. Raises msgspec.DecodeError."""
        return msgspec.json.decode(self.body)


def field(head: bytes, lowered: bytes, name: bytes) -> bytes:
    """The last value of a header field, `name` being `CRLF name :` in lower case; empty without one."""
    start = lowered.rfind(name)
    if start < 0:
        return b""
    start += len(name)
    end = head.find(b"\r\n", start)
    return head[start : end if end >= 0 else len(head)].strip()


def cache_class(value: bytes) -> CacheClass:
    """What a Cache-Status field says (RFC 9211): its last member is the cache nearest to the caller.

    A field that is none by RFC 8941, with a string that does not end, counts as absent.
    """
    if b'"' in value:  # only strings may hold commas and semicolons that part nothing
        value = STRING.sub(b"", value)
        if b'"' in value:
            return "none"
    elif not value:
        return "none"
    hit = False
    for parameter in value.rsplit(b",", 1)[-1].split(b";")[1:]:
        key, _, flag = parameter.strip().partition(b"=")
        if key == b"hit":
            hit = flag in TRUE
    return "hit" if hit else "miss"


class Connection(asyncio.Protocol):
    """A keep-alive connection with at most one request in flight. `usable` until it is closed."""

    __slots__ = (
        "_answer", "_body", "_chunked", "_first", "_keep", "_left", "_pending", "_to_close", "_waiter",
        "transport", "usable",
    )  # fmt: skip

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.usable = False
        self._waiter: asyncio.Future[Answer] | None = None
        self._reset()

    def _reset(self) -> None:
        self._answer: Answer | None = None
        self._pending = b""
        self._first = 0.0
        self._body: list[bytes] = []
        self._left = 0
        self._chunked = False
        self._to_close = False
        self._keep = True

    async def exchange(self, request: bytes) -> Answer:
        """Send a whole request, return the whole answer. Raises Broken; cancelling it ends the connection."""
        if self.transport is None:
            raise Broken("not connected", "the connection was not made")
        self._reset()
        waiter: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiter = waiter
        self.transport.write(request)
        try:
            return await waiter
        except asyncio.CancelledError:
            self.abort()
            raise

    def expire(self, age_s: float) -> None:
        """Give the request in flight up, and the connection with it."""
        self.give_up("timed out", f"no answer within {age_s:g} s")

    def abort(self) -> None:
        """Close at once."""
        self.usable = False
        self._waiter = None
        if self.transport is not None:
            self.transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport; for the loop."""
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is none by its class
        self.usable = True

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the waiter; for the loop."""
        self.usable = False
        if self._waiter is None:
            return
        if self._answer is not None and self._to_close and exc is None:
            self._finish()
        elif exc is not None and not isinstance(exc, ConnectionResetError):
            self.give_up(type(exc).__name__, str(exc))
        elif self._answer is not None or self._pending:
            self.give_up("cut off", "the connection was closed in the middle of the answer")
        else:
            self.give_up("reset", "the connection was closed before an answer")

    def data_received(self, data: bytes) -> None:
        """Take what came; for the loop."""
        if self._waiter is None:
            self.abort()  # nobody asked: what comes now would pass for the next answer
            return
        try:
            if self._answer is None:
                data = self._head(data)
                if self._answer is None:
                    return
            self._take(data)
        except ValueError as error:
            self.give_up("garbage", f"not HTTP/1.1: {error}")

    def _head(self, data: bytes) -> bytes:
        """Read the head where it is complete; what is left belongs to the body."""
        if self._pending:
            data = self._pending + data
        else:
            self._first = monotonic()
        end = data.find(HEAD_END)
        if end < 0:
            if len(data) > LARGEST_HEAD or not b"HTTP/1.".startswith(data[:7]):
                raise ValueError(f"it begins with {data[:40]!r}")
            self._pending = data
            return b""
        if not data.startswith(b"HTTP/1."):
            raise ValueError(f"it begins with {data[:40]!r}")
        self._pending = b""
        head = data[:end]
        rest = data[end + 4 :]
        status = int(head[9:12])
        if status < FIRST_FINAL_STATUS:
            return self._head(rest) if rest else b""
        answer = Answer(status)
        answer.first_byte = self._first
        lowered = head.lower()
        answer.cache = cache_class(field(head, lowered, b"\r\ncache-status:"))
        answer.parts = field(head, lowered, b"\r\nserver-timing:")
        answer.retry_after = field(head, lowered, b"\r\nretry-after:")
        connection = field(lowered, lowered, b"\r\nconnection:")
        self._keep = connection != b"close" and (head[7:8] == b"1" or connection == b"keep-alive")
        length = field(head, lowered, b"\r\ncontent-length:")
        if status in NO_BODY:
            self._left = 0
        elif b"chunked" in field(lowered, lowered, b"\r\ntransfer-encoding:"):
            self._chunked = True
        elif length:
            self._left = int(length)
            if self._left < 0:
                raise ValueError(f"Content-Length is {self._left}")
        else:
            self._to_close = True
            self._keep = False
        self._answer = answer
        return rest

    def _take(self, data: bytes) -> None:
        """Add to the body, and finish where it is whole."""
        if self._chunked:
            self._chunks(data)
            return
        if self._to_close:
            self._body.append(data)
            return
        if data:
            self._body.append(data)
            self._left -= len(data)
        if self._left == 0:
            self._finish()
        elif self._left < 0:
            raise ValueError("more bytes than Content-Length says")

    def _chunks(self, data: bytes) -> None:
        data = self._pending + data if self._pending else data
        at = 0
        while True:
            line = data.find(b"\r\n", at)
            if line < 0:
                break
            size = int(data[at:line].split(b";", 1)[0], 16)
            start = line + 2
            if size == 0:
                # Trailers may follow; an empty line ends them.
                end = (
                    data.find(b"\r\n", start)
                    if data.startswith(b"\r\n", start)
                    else data.find(HEAD_END, start)
                )
                if end >= 0:
                    self._finish()
                    return
                break
            if len(data) < start + size + 2:
                break
            if data[start + size : start + size + 2] != b"\r\n":
                raise ValueError("a chunk is longer than its size says")
            self._body.append(data[start : start + size])
            at = start + size + 2
        self._pending = data[at:]

    def _finish(self) -> None:
        answer, waiter = self._answer, self._waiter
        if answer is None or waiter is None:
            return
        self._waiter = None
        answer.end = monotonic()
        answer.body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        if not self._keep and self.transport is not None:
            self.usable = False
            self.transport.close()
        if not waiter.done():
            waiter.set_result(answer)

    def give_up(self, kind: str, text: str) -> None:
        """End the connection; the request in flight gets this as its Broken."""
        waiter = self._waiter
        self.abort()
        if waiter is not None and not waiter.done():
            waiter.set_exception(Broken(kind, text))
