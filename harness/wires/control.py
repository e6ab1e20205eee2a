"""The control of a relay: one JSON document a line over loopback TCP, answers by number.

Questions are answered side by side, so that counters can be asked for while another awaits quiet.
"""

import asyncio
from typing import Final, cast

import msgspec

from harness.wires.faults import mistakes
from harness.wires.orders import ORDER, Answer, Order
from harness.wires.relay import Relay

LINE_BYTES: Final = 1 << 20


class Control(asyncio.Protocol):
    """One connection of the harness's."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._tasks: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The harness is there."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's does not inherit from it

    def connection_lost(self, _: Exception | None) -> None:
        """The harness has gone, or has connected anew."""
        self._transport = None
        for task in self._tasks:
            task.cancel()

    def data_received(self, data: bytes) -> None:
        """Take each whole line as an order; what is none ends the connection."""
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        for line in lines:
            try:
                order = ORDER.decode(line)
            except msgspec.MsgspecError:
                self._end()
                return
            task = asyncio.get_running_loop().create_task(self._do(order))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        if len(self._buffer) > LINE_BYTES:
            self._end()

    def _end(self) -> None:
        if self._transport is not None:
            self._transport.close()

    async def _do(self, order: Order) -> None:
        answer = await carried_out(self._relay, order)
        if self._transport is not None:
            self._transport.write(msgspec.json.encode(answer) + b"\n")


async def carried_out(relay: Relay, order: Order) -> Answer:
    """Do it, and answer with the counters after it."""
    try:
        if order.do == "settle":
            return Answer(id=order.id, counters=await relay.settle(order.quiet_s, order.within_s))
        if order.do == "break":
            if wrong := [word for fault in order.faults for word in mistakes(fault)]:
                return Answer(id=order.id, error="; ".join(wrong))
            await relay.break_(order.number, order.faults)
        if order.do == "mend":
            await relay.mend(order.number)
        return Answer(id=order.id, counters=relay.counters())
    except OSError as error:
        return Answer(id=order.id, error=str(error))
