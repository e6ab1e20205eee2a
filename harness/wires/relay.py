"""The relay: listens for the target, connects to the service, and passes on what either sends.

Bytes are written first and decoded after, while the service is already at work on them. Nothing a
decoder does can hold up or change what is relayed.
"""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable, Iterator
from itertools import count
from typing import Final

from harness.wires.decoder import Decoder
from harness.wires.faults import hits
from harness.wires.link import Link
from harness.wires.log import LogWriter
from harness.wires.model import Closed, Counters, Event, Fault, Undecodable

FLUSH_S: Final = 0.05
"""Events are on disk at most so much later than they happened."""
CONNECT_S: Final = 10.0
"""For connecting to the service: on a loopback or a near network it takes milliseconds or never ends."""
BACKLOG: Final = 1024
END_S: Final = 1.0
"""For connections that are cut to be gone; it takes one turn of the loop."""

MakeDecoder = Callable[[int, Iterator[int]], Decoder]
"""Connection number and the wire's counter of transactions -> the decoder of one connection."""


class Relay:
    """One wire. `log` and `decoder` are None where bytes are only passed on."""

    def __init__(
        self,
        *,
        listen: tuple[str, int],
        upstream: tuple[str, int],
        negotiates: bool = False,
        decoder: MakeDecoder | None = None,
        log: LogWriter | None = None,
    ) -> None:
        self._listen = listen
        self._upstream = upstream
        self._negotiates = negotiates
        self._decoder = decoder if log is not None else None
        self._log = log
        self._server: asyncio.Server | None = None
        self._links: dict[int, Link] = {}
        self._orders: dict[int, tuple[Fault, ...]] = {}
        self._transactions = count(1)
        self._connections = 0
        self._refused = 0
        self._undecodable = 0
        self._bytes = [0, 0]
        self._last_s = 0.0
        self._unread: deque[tuple[Link, bytes, bool, float]] = deque()
        self._flush: asyncio.TimerHandle | None = None
        self._moved = asyncio.Event()
        self._connecting: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen. Raises OSError where the port is taken."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            self._accept, *self._listen, reuse_address=True, backlog=BACKLOG
        )

    async def close(self) -> None:
        """Stop listening, cut every connection, close the log."""
        self._refuse()
        for link in tuple(self._links.values()):
            link.reset()
        for task in tuple(self._connecting):
            task.cancel()
        await asyncio.gather(*self._connecting, return_exceptions=True)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(END_S):
                while self._links:  # each tells its end to the log
                    self._moved.clear()
                    await self._moved.wait()
        self.read()
        if self._flush is not None:
            self._flush.cancel()
        if self._log is not None:
            self._log.close()

    def counters(self) -> Counters:
        """Where the wire stands, with all events up to here on disk. Raises OSError where it is full."""
        self.read()
        if self._log is not None:
            self._log.flush()
        return Counters(
            connections=self._connections,
            open=len(self._links),
            in_flight=self._in_flight(),
            events=self._log.count if self._log is not None else 0,
            undecodable=self._undecodable,
            bytes_to=self._bytes[True],
            bytes_from=self._bytes[False],
            last_s=self._last_s,
            unconnected=self._refused,
        )

    async def settle(self, quiet_s: float, within_s: float) -> Counters:
        """Await that nothing is in flight and nothing crosses for `quiet_s`; at most `within_s`."""
        begun_s = time.monotonic()
        until_s = begun_s + within_s
        while (now_s := time.monotonic()) < until_s:
            self.read()
            busy = self._in_flight() > 0
            # What crossed before the question counts too: quiet is quiet.
            quiet_at_s = self._last_s + quiet_s
            if not busy and now_s >= quiet_at_s:
                break
            self._moved.clear()
            wait_s = until_s - now_s if busy else min(quiet_at_s, until_s) - now_s
            try:
                async with asyncio.timeout(wait_s):
                    await self._moved.wait()
            except TimeoutError:
                continue
        return self.counters()

    async def break_(self, number: int, faults: tuple[Fault, ...]) -> None:
        """Break the wire, on connections that are open and those to come, until `mend(number)`."""
        self._orders[number] = faults
        if self._refusing():
            self._refuse()
        for link in tuple(self._links.values()):
            link.break_(number, faults)

    async def mend(self, number: int) -> None:
        """Take the faults of one order away; a number that is not known does nothing.

        Raises OSError where another process has taken the port of a wire that refused.
        """
        self._orders.pop(number, None)
        for link in tuple(self._links.values()):
            link.mend(number)
        if self._server is None and not self._refusing():
            await self.start()

    def crossed(self, link: Link, data: bytes, *, to_service: bool) -> None:
        """Count bytes that a link has relayed, and have them decoded when there is time."""
        self._last_s = time.monotonic()
        self._bytes[to_service] += len(data)
        if link.decoder is not None:
            if not self._unread:
                asyncio.get_running_loop().call_soon(self.read)
            self._unread.append((link, data, to_service, self._last_s))
        elif self._decoder is not None:
            self._undecodable += len(data)
        self._moved.set()

    def gone(self, link: Link) -> None:
        """Take note that both legs of a link are closed."""
        self.read()
        del self._links[link.number]
        now_s = time.monotonic()
        if link.decoder is not None:
            decoder, link.decoder = link.decoder, None
            try:
                self._record(tuple(decoder.closed(now_s)))
            except Exception as error:  # noqa: BLE001 - whatever a decoder does, the relay lives on
                self._record((failed(link, now_s, "to", error), Closed(connection=link.number, at_s=now_s)))
        elif self._decoder is not None:
            self._record((Closed(connection=link.number, at_s=now_s),))
        self._moved.set()

    def read(self) -> None:
        """Decode what has crossed so far."""
        while self._unread:
            link, data, to_service, at_s = self._unread.popleft()
            decoder = link.decoder
            if decoder is None:
                self._undecodable += len(data)
                continue
            try:
                events = tuple((decoder.to_service if to_service else decoder.from_service)(data, at_s))
            except Exception as error:  # noqa: BLE001 - whatever a decoder does, bytes are relayed
                events = (failed(link, at_s, "to" if to_service else "from", error),)
            self._record(events)
            if any(isinstance(event, Undecodable) for event in events):
                link.decoder = None
                self._undecodable += len(data)

    def _record(self, events: tuple[Event, ...]) -> None:
        if self._log is None or not events:
            return
        for event in events:
            self._log.add(event)
        if self._flush is None:
            self._flush = asyncio.get_running_loop().call_later(FLUSH_S, self._flush_late)

    def _flush_late(self) -> None:
        self._flush = None
        if self._log is not None:
            try:
                self._log.flush()
            except OSError:
                # It stays in memory; whoever asks for the counters is told.
                return

    def _in_flight(self) -> int:
        """Requests without an answer; a link whose bytes a toxic holds has at least one."""
        return sum(
            max(link.decoder.in_flight if link.decoder else 0, link.held > 0) for link in self._links.values()
        )

    def _refusing(self) -> bool:
        return any(
            fault.kind == "refuse" and fault.share >= 1
            for faults in self._orders.values()
            for fault in faults
        )

    def _refuse(self) -> None:
        if self._server is not None:
            self._server.close()  # the listener only: connections stay
            self._server = None

    def _accept(self) -> asyncio.Protocol:
        self._connections += 1
        decoder = self._decoder(self._connections, self._transactions) if self._decoder else None
        link = Link(self._connections, self, decoder, negotiates=self._negotiates)
        self._links[link.number] = link
        for number, faults in self._orders.items():
            link.break_(number, faults)
        task = asyncio.get_running_loop().create_task(self._connect(link))
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)
        return link.client

    async def _connect(self, link: Link) -> None:
        """Join a new link to the service; one that refuses, or a fault that does, resets it."""
        refused = any(
            fault.kind == "refuse" and hits(link.number, fault.share)
            for faults in self._orders.values()
            for fault in faults
        )
        try:
            if not refused:
                async with asyncio.timeout(CONNECT_S):
                    await asyncio.get_running_loop().create_connection(lambda: link.service, *self._upstream)
                return
        except OSError:
            self._refused += 1  # TimeoutError and failed look-ups are OSErrors too
        link.reset()


def failed(link: Link, at_s: float, direction: str, error: Exception) -> Undecodable:
    """The event of a decoder that broke."""
    reason = f"the decoder failed: {type(error).__name__}: {error}"
    return Undecodable(connection=link.number, at_s=at_s, direction=direction, reason=reason)
