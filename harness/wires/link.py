"""One connection of a relay: two legs, and between them a channel for each direction."""

import asyncio
import socket
import struct
from typing import Final, Protocol, cast

from harness.wires.channel import Channel
from harness.wires.decoder import Decoder
from harness.wires.faults import toxic
from harness.wires.model import Fault

LINGER_RESET: Final = struct.pack("ii", 1, 0)
"""SO_LINGER with 0 s: closing sends RST."""
NEGOTIATIONS: Final = (b"\0\0\0\x08\x04\xd2\x16\x2f", b"\0\0\0\x08\x04\xd2\x16\x30")
"""Postgres's SSLRequest and GSSENCRequest: length 8, codes 80877103 and 80877104."""


class Traffic(Protocol):
    """Who wants to know what happens on a connection: the relay."""

    def crossed(self, link: "Link", data: bytes, *, to_service: bool) -> None:
        """These bytes have come in on one leg."""

    def gone(self, link: "Link") -> None:
        """Both legs are closed."""


class Leg(asyncio.Protocol):
    """One socket: feeds one channel, and is the sink of the other."""

    def __init__(self, link: "Link", feeds: Channel, sinks: Channel) -> None:
        self.transport: asyncio.Transport | None = None
        self._link = link
        self._feeds = feeds
        self._sinks = sinks

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is connected."""
        self.transport = tcp = cast("asyncio.Transport", transport)  # uvloop's does not inherit from it
        self._feeds.attach(source=tcp)
        self._sinks.attach(sink=tcp)
        self._link.made(self)

    def data_received(self, data: bytes) -> None:
        """Bytes have come in."""
        self._link.received(self._feeds, data)

    def eof_received(self) -> bool:
        """The peer will send no more, and may still read: the socket stays open."""
        self._feeds.feed_end()
        return True

    def pause_writing(self) -> None:
        """The socket's buffer is full."""
        self._sinks.sink_full(full=True)

    def resume_writing(self) -> None:
        """The socket's buffer has room again."""
        self._sinks.sink_full(full=False)

    def connection_lost(self, error: Exception | None) -> None:
        """The socket is closed."""
        self._link.lost(self, error)


class Link:
    """A connection of the target's with its own connection to the service.

    `number` counts the relay's connections from 1. `decoder` is None where nothing is decoded, or can
    be any more.
    """

    def __init__(self, number: int, traffic: Traffic, decoder: Decoder | None, *, negotiates: bool) -> None:
        self.number = number
        self.decoder = decoder
        self.to = Channel(self, to_service=True)
        self.back = Channel(self, to_service=False)
        self.client = Leg(self, feeds=self.to, sinks=self.back)
        self.service = Leg(self, feeds=self.back, sinks=self.to)
        self._traffic = traffic
        self._opening = b"" if negotiates else None
        self._close_at_end = False
        self._gone = False

    @property
    def held(self) -> int:
        """Bytes inside toxics, both ways."""
        return self.to.held + self.back.held

    def break_(self, number: int, faults: tuple[Fault, ...]) -> None:
        """Put the faults' toxics on this connection, as far as they are meant for it."""
        for channel in (self.to, self.back):
            for fault in faults:
                made = toxic(fault, self, connection=self.number, to_service=channel.to_service)
                if made is not None:
                    channel.add(number, made)

    def mend(self, number: int) -> None:
        """Take the toxics of one order away."""
        self.to.remove(number)
        self.back.remove(number)

    def received(self, channel: Channel, data: bytes) -> None:
        """Bytes have come in on one leg."""
        if self._opening is not None and channel is self.to:
            data = self._negotiate(self._opening + data)
            if not data:
                return
        channel.feed(data)
        other = self.back if channel is self.to else self.to
        other.turn()
        self._traffic.crossed(self, data, to_service=channel.to_service)

    def _negotiate(self, data: bytes) -> bytes:
        """Answer N to requests for encryption, which is not read; the bytes after them.

        A client waits for that answer before it sends its startup, so that the service never hears of
        it. Whatever else comes first ends this.
        """
        while data.startswith(NEGOTIATIONS):
            data = data[8:]
            self.back.feed(b"N")
        if any(each.startswith(data) for each in NEGOTIATIONS):
            self._opening = data
            return b""
        self._opening = None
        return data

    def made(self, leg: Leg) -> None:
        """One leg is connected."""
        if self._gone and leg.transport is not None:
            leg.transport.abort()

    def ended(self) -> None:
        """One direction has ended; with both, or where a toxic wants it, the legs are closed."""
        if self._close_at_end or (self.to.ended and self.back.ended):
            self.close()

    def close_at_end(self) -> None:
        """Close as soon as one direction's end has come through."""
        self._close_at_end = True

    def pace(self) -> None:
        """Look again whether both sources may go on: bytes held have become fewer."""
        self.to.pace()
        self.back.pace()

    def close(self) -> None:
        """Close both legs when what is written has been sent."""
        for leg in (self.client, self.service):
            if leg.transport is not None:
                leg.transport.close()

    def reset(self) -> None:
        """Close both legs at once; the target gets an RST, as from a service that was killed."""
        for leg in (self.client, self.service):
            if leg.transport is not None and not leg.transport.is_closing():
                linger_none(leg.transport)
                leg.transport.abort()

    def lost(self, leg: Leg, error: Exception | None) -> None:
        """One leg is closed: the other follows, with an RST where this one had got one."""
        leg.transport = None
        other = self.client if leg is self.service else self.service
        if other.transport is not None:
            if isinstance(error, ConnectionError):
                self.reset()
            else:
                other.transport.close()
        elif not self._gone:
            self._gone = True
            self.to.drop()
            self.back.drop()
            self._traffic.gone(self)


def linger_none(transport: asyncio.Transport) -> None:
    """Have the socket's close send RST instead of FIN."""
    handle = transport.get_extra_info("socket")
    if handle is not None:
        handle.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_RESET)
