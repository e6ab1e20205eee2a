"""Where the time of one request goes: what Server-Timing says of it.

A context variable, because the parts that spend the time (pool, cache, model client) know no request.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal

Part = Literal["db", "cache", "model"]


class Timings:
    """Milliseconds per part of one request, waiting included; parts that overlap count twice."""

    __slots__ = ("cache", "db", "model", "request_id", "start")

    def __init__(self, request_id: str) -> None:
        self.request_id = request_id
        self.start = time.perf_counter()
        self.db = 0.0
        self.cache = 0.0
        self.model = 0.0

    def header(self) -> bytes:
        """Return the value of Server-Timing; `total` is everything up to the answer's first byte."""
        total = (time.perf_counter() - self.start) * 1000
        return (
            b"db;dur=%.2f, cache;dur=%.2f, model;dur=%.2f, total;dur=%.2f"
            % (self.db, self.cache, self.model, total)
        )  # fmt: skip


timings: ContextVar[Timings | None] = ContextVar("timings", default=None)


@contextmanager
def spent(part: Part) -> Iterator[None]:
    """Add the time of the block to a part of the current request; outside of one, to nothing."""
    began = time.perf_counter()
    try:
        yield
    finally:
        if (current := timings.get()) is not None:
            elapsed_ms = (time.perf_counter() - began) * 1000
            setattr(current, part, getattr(current, part) + elapsed_ms)
