"""One direction of a connection: what its source sends, through the toxics that break it, to its sink."""

import asyncio
from itertools import pairwise
from typing import Final, Protocol

from harness.wires.toxics import Stage, Toxic

HELD_BYTES: Final = 1 << 20
"""With more than this inside toxics the source is not read, so that a stalled wire costs no memory."""


class Ends(Protocol):
    """The connection that a channel is one direction of."""

    def ended(self) -> None:
        """One direction has ended."""


class Channel:
    """One direction: bytes of the source leg, through toxics, to the other leg.

    Until the other leg is there, what has come is kept for it.
    """

    def __init__(self, link: Ends, *, to_service: bool) -> None:
        self.to_service = to_service
        self.ended = False
        self._link = link
        self._source: asyncio.Transport | None = None
        self._sink: asyncio.Transport | None = None
        self._early: list[bytes] = []
        self._toxics: list[tuple[int, Toxic]] = []
        self._first: Stage = self
        self._full = False
        self._paused = False

    @property
    def held(self) -> int:
        """Bytes inside toxics."""
        return sum(each.held for _, each in self._toxics)

    def attach(
        self, *, source: asyncio.Transport | None = None, sink: asyncio.Transport | None = None
    ) -> None:
        """Join a leg to this channel."""
        self._source = source or self._source
        if sink is not None:
            self._sink = sink
            for data in self._early:
                sink.write(data)
            self._early.clear()
            if self.ended:
                sink.write_eof()
        self.pace()

    def feed(self, data: bytes) -> None:
        """Bytes have come from the source leg."""
        self._first.take(data)
        if self._toxics:
            self.pace()

    def feed_end(self) -> None:
        """The source leg says that no more will come."""
        self._first.end()

    def turn(self) -> None:
        """Bytes have crossed the other way."""
        for _, each in self._toxics:
            each.turn()

    def take(self, data: bytes) -> None:
        """Write what has come through all toxics."""
        if self._sink is None:
            self._early.append(data)
        elif not self.ended and not self._sink.is_closing():
            self._sink.write(data)

    def end(self) -> None:
        """Pass the end on to the other leg."""
        if self.ended:
            return
        self.ended = True
        if self._sink is not None and not self._sink.is_closing():
            self._sink.write_eof()
        self._link.ended()

    def sink_full(self, *, full: bool) -> None:
        """Take note whether the other leg can take no more for now."""
        self._full = full
        self.pace()

    def pace(self) -> None:
        """Read from the source only while there is room for what it sends."""
        wants_pause = self._full or self.held > HELD_BYTES or self._sink is None
        if self._source is None or self._source.is_closing() or wants_pause == self._paused:
            return
        self._paused = wants_pause
        if wants_pause:
            self._source.pause_reading()
        else:
            self._source.resume_reading()

    def add(self, number: int, each: Toxic) -> None:
        """Put a toxic at the end of the chain."""
        self._toxics.append((number, each))
        self._join()

    def remove(self, number: int) -> None:
        """Mend the toxics that came with one order: they let go of what they hold and leave."""
        for _, each in [pair for pair in self._toxics if pair[0] == number]:
            each.mend()
        self._toxics = [pair for pair in self._toxics if pair[0] != number]
        self._join()
        self.pace()

    def drop(self) -> None:
        """The connection is gone."""
        for _, each in self._toxics:
            each.drop()
        self._toxics.clear()
        self._first = self

    def _join(self) -> None:
        stages = [each for _, each in self._toxics]
        for before, after in pairwise(stages):
            before.onward = after
        if stages:
            stages[-1].onward = self
        self._first = stages[0] if stages else self
