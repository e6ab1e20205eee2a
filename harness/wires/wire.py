"""The harness's side of one wire: its faults, its counters, and what it has seen."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from harness.wires.model import Counters, Event, Fault


class Wire:
    """A relay process that is running; `address` is what the target connects to.

    `kind` is postgres or redis; `log` the file of its events, None where it only relays.
    """

    def __init__(self, kind: str, address: str, control_port: int, log: Path | None) -> None:
        self.kind = kind
        self.address = address
        self.log = log
        self._control_port = control_port

    async def counters(self) -> Counters:
        """Where the wire stands; all events up to here are in the log when this returns."""
        raise NotImplementedError

    async def settle(self, quiet_s: float, within_s: float) -> Counters:
        """Await that nothing is in flight and no byte has crossed for `quiet_s`, at most `within_s`."""
        raise NotImplementedError

    @asynccontextmanager
    async def broken(self, *faults: Fault) -> AsyncIterator[None]:
        """Break the wire while the block runs; mended after it, however it ends."""
        raise NotImplementedError
        yield

    async def events(self, skip: int = 0) -> list[Event]:
        """What the wire has seen, in order of completion, without the first `skip` events."""
        raise NotImplementedError
