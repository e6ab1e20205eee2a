"""How many requests the exercise may send, and for how long."""

import time
from typing import Final

REQUESTS: Final = 1_500
PER_OPERATION: Final = 25
SECONDS: Final = 90.0
SECONDS_PER_OPERATION: Final = 1.5
"""60 operations are done within the five minutes of a change's checks; greater contracts get as much each."""
SHARE: Final = 4.0
LEAST_SHARE_S: Final = 6.0
"""A slow operation may take four times its part of the time, and leaves the rest to the others."""


class Bound:
    """What is left of both. `cut` collects, in sentences, what was not sent for lack of them."""

    def __init__(self, operations: int) -> None:
        self._requests = max(REQUESTS, PER_OPERATION * operations)
        self._seconds = max(SECONDS, SECONDS_PER_OPERATION * operations)
        self._share_s = max(LEAST_SHARE_S, SHARE * self._seconds / max(operations, 1))
        self._began_s = time.monotonic()
        self.sent = 0
        self._left_out: dict[str, int] = {}

    @property
    def is_reached(self) -> bool:
        """Whether nothing more may be sent."""
        return self.sent >= self._requests or time.monotonic() - self._began_s >= self._seconds

    def allows(self, operation: str, took_s: float) -> bool:
        """Whether one more form of an operation may be sent that has taken so long; notes where not."""
        if self.is_reached or took_s >= self._share_s:
            self._left_out[operation] = self._left_out.get(operation, 0) + 1
            return False
        return True

    def cut(self) -> tuple[str, ...]:
        """One sentence for each operation of which something was left out."""
        limit = f"{self._requests:,} requests or {self._seconds:g} s in all, {self._share_s:g} s for one"
        return tuple(
            f"{operation}: {count} of its requests were not sent (bound: {limit})"
            for operation, count in self._left_out.items()
        )
