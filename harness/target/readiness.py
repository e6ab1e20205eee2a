"""Waiting for a process to answer, no longer than it lives."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from harness.target.keeper import Child

FIRST_PAUSE_S: Final = 0.02
LONGEST_PAUSE_S: Final = 0.25
TAIL_LINES: Final = 15


class NotReadyError(Exception):
    """It ended or stayed silent; the message says which, `log` has its last lines."""


async def answer(
    what: str, probe: Callable[[], Awaitable[bool]], child: Child | None, timeout_s: float
) -> None:
    """Probe until the answer is True.

    Between probes the child's end is awaited, so that its death is noticed at once. Probes handle
    their own refusals. Raises NotReadyError.
    """
    died = asyncio.ensure_future(child.wait()) if child else None
    pause_s = FIRST_PAUSE_S
    try:
        async with asyncio.timeout(timeout_s):
            while not await probe():
                if died is None:
                    # Nobody tells when a server that is not ours begins to listen.
                    await asyncio.sleep(pause_s)
                else:
                    await asyncio.wait({died}, timeout=pause_s)
                    if died.done():
                        raise NotReadyError(f"{what} ended with status {died.result()}{tail(child)}")
                pause_s = min(pause_s * 1.5, LONGEST_PAUSE_S)
    except TimeoutError as error:
        raise NotReadyError(f"{what} did not answer within {timeout_s:g} s{tail(child)}") from error
    finally:
        if died is not None and not died.done():
            died.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await died


def tail(child: Child | None) -> str:
    """The end of a message: the last lines of the child's log, or that there are none."""
    return log_tail(child.log) if child else ""


def log_tail(log: Path) -> str:
    """`. Last lines of LOG:` and the lines."""
    try:
        with log.open(errors="replace") as lines:
            last = deque(lines, TAIL_LINES)
    except OSError as error:
        return f". Its log {log} cannot be read: {error.strerror}"
    if not last:
        return f". Its log {log} is empty"
    return f". Last lines of {log}:\n" + "".join(f"    {line.rstrip()}\n" for line in last).rstrip("\n")
