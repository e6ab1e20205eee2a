"""The harness's side of one wire: its faults, its counters, and what it has seen."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Final, cast

import msgspec

from harness.errors import ServiceFailed
from harness.wires.log import LogReader
from harness.wires.model import Counters, Event, Fault
from harness.wires.orders import ANSWER, Answer, Order

ANSWER_S: Final = 30.0
"""A relay answers within milliseconds; more than this means that it hangs."""
LAST_LINES: Final = 12


class Line(asyncio.Protocol):
    """The connection to a relay's control: answers find those who asked."""

    def __init__(self) -> None:
        self.waiting: dict[int, asyncio.Future[Answer]] = {}
        self.transport: asyncio.Transport | None = None
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The relay is there."""
        self.transport = cast("asyncio.Transport", transport)  # uvloop's does not inherit from it

    def data_received(self, data: bytes) -> None:
        """Hand each answer to who waits for it, if anybody still does."""
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        for line in lines:
            answer = ANSWER.decode(line)
            future = self.waiting.pop(answer.id, None)
            if future is not None and not future.done():
                future.set_result(answer)

    def connection_lost(self, _: Exception | None) -> None:
        """The relay has gone: nobody will be answered."""
        self.transport = None
        for future in self.waiting.values():
            if not future.done():
                future.set_exception(ConnectionResetError("the connection to its control was closed"))
        self.waiting.clear()


class Wire:
    """A relay process that is running; `address` is what the target connects to.

    `kind` is postgres or redis; `log` the file of its events, None where it only relays;
    `process_log` what the process itself has said, for messages. Whoever asks a relay that has died
    gets ServiceFailed.
    """

    def __init__(
        self, kind: str, address: str, control_port: int, log: Path | None, process_log: Path | None = None
    ) -> None:
        self.kind = kind
        self.address = address
        self.log = log
        self._control_port = control_port
        self._process_log = process_log
        self._reader = LogReader(log) if log is not None else None
        self._line: Line | None = None
        self._connecting = asyncio.Lock()
        self._ids = count(1)

    async def counters(self) -> Counters:
        """Where the wire stands; all events up to here are in the log when this returns."""
        return await self._ask(Order(id=next(self._ids), do="counters"))

    async def settle(self, quiet_s: float, within_s: float) -> Counters:
        """Await that nothing is in flight and no byte has crossed for `quiet_s`, at most `within_s`.

        Where the time is over first, `in_flight` and `last_s` of the counters say what was going on.
        """
        order = Order(id=next(self._ids), do="settle", quiet_s=quiet_s, within_s=within_s)
        return await self._ask(order, within_s)

    @asynccontextmanager
    async def broken(self, *faults: Fault) -> AsyncIterator[None]:
        """Break the wire while the block runs; mended after it, however it ends. Blocks may nest."""
        number = next(self._ids)
        try:
            await self._ask(Order(id=number, do="break", number=number, faults=faults))
            yield
        finally:
            await asyncio.shield(self._ask(Order(id=next(self._ids), do="mend", number=number)))

    async def events(self, skip: int = 0) -> list[Event]:
        """What the wire has seen, in order of completion, without the first `skip` events."""
        await self.counters()
        if self._reader is None:
            return []
        try:
            return await asyncio.to_thread(self._reader.read, skip)
        except (OSError, msgspec.MsgspecError) as error:
            raise ServiceFailed(f"The log of the wire to {self.kind} cannot be read: {error}") from error

    async def close(self) -> None:
        """Close the connection to the relay; the relay itself lives on."""
        if self._line is not None and self._line.transport is not None:
            self._line.transport.close()
        self._line = None

    async def _ask(self, order: Order, within_s: float = 0.0) -> Counters:
        try:
            async with asyncio.timeout(within_s + ANSWER_S):
                answer = await self._answer(order)
        except OSError as error:
            reason = str(error) or f"it did not answer within {within_s + ANSWER_S:.0f} s"
            raise ServiceFailed(
                f"The wire to {self.kind} (control port {self._control_port}) is gone: {reason}. "
                f"What went over it since is not known; run it again{self._last_words()}"
            ) from error
        if answer.counters is None:
            raise ServiceFailed(f"The wire to {self.kind} cannot {order.do}: {answer.error}")
        return answer.counters

    async def _answer(self, order: Order) -> Answer:
        loop = asyncio.get_running_loop()
        async with self._connecting:
            if self._line is None or self._line.transport is None:
                _, self._line = await loop.create_connection(Line, "127.0.0.1", self._control_port)
            line = self._line
        if line.transport is None:
            raise ConnectionResetError("the connection to its control was closed")
        future: asyncio.Future[Answer] = loop.create_future()
        line.waiting[order.id] = future
        try:
            line.transport.write(msgspec.json.encode(order) + b"\n")
            return await future
        finally:
            line.waiting.pop(order.id, None)

    def _last_words(self) -> str:
        """The end of a message: the last lines that the process has written."""
        if self._process_log is None:
            return ""
        try:
            with self._process_log.open(errors="replace") as lines:
                last = deque(lines, LAST_LINES)
        except OSError as error:
            return f". Its log {self._process_log} cannot be read: {error.strerror}"
        if not last:
            return f". Its log {self._process_log} is empty"
        return f". Last lines of {self._process_log}:\n" + "\n".join(f"    {line.rstrip()}" for line in last)
