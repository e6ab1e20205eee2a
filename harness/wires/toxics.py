"""Toxics: what takes the bytes of one direction of one connection, and gives them on otherwise.

Each gives them to the next, later, cut, replaced or not at all. Mending lets go of what a toxic holds,
in order and intact; then it is taken out of the chain.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterator
from math import inf
from random import Random
from typing import Final, Protocol

from harness.wires.model import Fault

TICK_S: Final = 0.001
"""The event loop's clock has milliseconds."""
GARBAGE_BYTES: Final = 64
"""Where a fault of kind garbage does not say how many."""


class Stage(Protocol):
    """Where bytes go next: another toxic, or the connection's other leg."""

    def take(self, data: bytes) -> None:
        """Bytes, in order."""

    def end(self) -> None:
        """There are no more."""


class Broken(Protocol):
    """The connection that a toxic works on."""

    def reset(self) -> None:
        """Close both legs at once, the target's with RST."""

    def close_at_end(self) -> None:
        """Close both legs as soon as the end has come through the chain."""

    def pace(self) -> None:
        """Look again whether the source may go on: bytes held have become fewer."""


class Toxic:
    """Gives everything on as it is; the others differ where they must. `held` counts bytes inside."""

    def __init__(self, link: Broken) -> None:
        self.held = 0
        self.onward: Stage = NOWHERE
        self._link = link

    def take(self, data: bytes) -> None:
        """Take bytes from the stage before."""
        self.onward.take(data)

    def end(self) -> None:
        """Take note that no more will come."""
        self.onward.end()

    def turn(self) -> None:
        """Bytes have crossed the other way: what comes now answers something new."""

    def mend(self) -> None:
        """Let go of what is held, in order, and hold nothing any more."""

    def drop(self) -> None:
        """The connection is gone: forget what is held."""


class Nowhere:
    """The stage of a toxic that is in no chain yet."""

    def take(self, data: bytes) -> None:
        """Nothing can come."""

    def end(self) -> None:
        """Nothing can end."""


NOWHERE: Final = Nowhere()

Timing = Callable[[bytes, float, float], Iterator[tuple[bytes, float]]]
"""Bytes, the time now, the time at which the piece before is due -> pieces with their due times."""


class Delayed(Toxic):
    """Holds pieces until they are due; what that is makes latency, bandwidth, slicer and stall."""

    def __init__(self, link: Broken, timing: Timing) -> None:
        super().__init__(link)
        self._timing = timing
        self._queue: deque[tuple[bytes | None, float]] = deque()
        self._given_s = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def take(self, data: bytes) -> None:
        """Queue the pieces of these bytes."""
        self.held += len(data)
        self._queue.extend(self._timing(data, time.monotonic(), self._last_due_s()))
        self._arm()

    def end(self) -> None:
        """The end keeps its place behind the bytes; where nothing is held it waits as a byte would."""
        for _, due_s in self._timing(b"\0", time.monotonic(), self._last_due_s()):
            self._queue.append((None, due_s))
        self._arm()

    def mend(self) -> None:
        """Give on all that is held."""
        self._release(inf)

    def drop(self) -> None:
        """Forget what is held, and the timer with it."""
        self._queue.clear()
        self.held = 0
        self._disarm()

    def _last_due_s(self) -> float:
        """When the piece before the next one is due, or was."""
        return self._queue[-1][1] if self._queue else self._given_s

    def _arm(self) -> None:
        if self._timer is None and self._queue and self._queue[0][1] < inf:
            wait_s = max(self._queue[0][1] - time.monotonic(), TICK_S)
            self._timer = asyncio.get_running_loop().call_later(wait_s, self._due)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _due(self) -> None:
        self._timer = None
        self._release(time.monotonic() + TICK_S / 2)
        self._arm()

    def _release(self, until_s: float) -> None:
        self._disarm()
        while self._queue and self._queue[0][1] <= until_s:
            piece, self._given_s = self._queue.popleft()
            if piece is None:
                self.onward.end()
            else:
                self.held -= len(piece)
                self.onward.take(piece)
        self._link.pace()


class ResetPeer(Toxic):
    """Both legs reset `after_s` from here; until then bytes pass."""

    def __init__(self, link: Broken, fault: Fault) -> None:
        super().__init__(link)
        self._timer = asyncio.get_running_loop().call_later(fault.after_s, link.reset)

    def mend(self) -> None:
        """What has not been reset yet never will be."""
        self._timer.cancel()

    drop = mend


class LimitData(Toxic):
    """`limit_bytes` pass, then the connection closes."""

    def __init__(self, link: Broken, fault: Fault) -> None:
        super().__init__(link)
        self._left = fault.limit_bytes
        self._over = False

    def take(self, data: bytes) -> None:
        """Pass what the limit leaves; at the limit, end."""
        if self._over:
            return
        passed = data[: self._left]
        self._left -= len(passed)
        if passed:
            self.onward.take(passed)
        if self._left == 0:
            self._over = True
            self._link.close_at_end()
            self.onward.end()

    def end(self) -> None:
        """Take note that no more will come, unless it has been said already."""
        if not self._over:
            self.onward.end()


class Garbage(Toxic):
    """Random bytes instead of what answers; the rest of that answer is swallowed."""

    def __init__(self, link: Broken, fault: Fault) -> None:
        super().__init__(link)
        size = fault.limit_bytes or GARBAGE_BYTES
        self._bytes = Random(1).randbytes(size)  # noqa: S311 - the same each time, on purpose
        self._fresh = True

    def take(self, data: bytes) -> None:
        """Replace the beginning, swallow the rest."""
        del data
        if self._fresh:
            self._fresh = False
            self.onward.take(self._bytes)

    def turn(self) -> None:
        """The next bytes answer another request: they get their own garbage."""
        self._fresh = True
