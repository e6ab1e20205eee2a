"""How long the steps of a measurement took; for reading, never judged."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def timed(took_s: dict[str, float], step: str) -> Iterator[None]:
    """Note the seconds that the block took under the name of its step."""
    began = time.monotonic()
    yield
    took_s[step] = round(time.monotonic() - began, 3)
