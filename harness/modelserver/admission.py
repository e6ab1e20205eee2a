"""Who may use the engine now, who waits, and who is sent away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from harness.modelserver.errors import RequestRefused

BUSY = "server busy, please try again.  maximum pending requests exceeded"
"""Ollama's words, two spaces included: clients match on them."""


class Admission:
    """`slots` at once, at most `queue` waiting in order of arrival, 503 for the rest.

    Ollama bounds its queue only while a model is cold; requests for a loaded model wait without
    limit (ollama issue 7758). Here the bound always holds.
    """

    def __init__(self, slots: int, queue: int) -> None:
        self._slots = asyncio.Semaphore(slots)
        self._queue = queue
        self.running = 0
        self.waiting = 0

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Hold a slot; raises RequestRefused(503) at once where the queue is full."""
        if self._slots.locked() and self.waiting >= self._queue:
            raise RequestRefused(503, BUSY)
        self.waiting += 1
        try:
            await self._slots.acquire()
        finally:
            self.waiting -= 1
        self.running += 1
        try:
            yield
        finally:
            self.running -= 1
            self._slots.release()
