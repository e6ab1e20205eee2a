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


class NoAnswerError(Exception):
    """One attempt got no answer, or the wrong one; the message says what came instead."""


class NotReadyError(Exception):
    """It ended or stayed silent; the message says which, and ends with the last lines of its log."""


async def answer(
    what: str, probe: Callable[[], Awaitable[str]], child: Child | None, timeout_s: float
) -> str:
    """Probe until it does not raise NoAnswerError; what it returned then.

    Between probes the child's end is awaited, so that its death is noticed at once. Raises
    NotReadyError when it ends, or after `timeout_s`.
    """
    died = asyncio.ensure_future(child.wait()) if child else None
    pause_s = FIRST_PAUSE_S
    came = "nothing"
    try:
        async with asyncio.timeout(timeout_s):
            while True:
                try:
                    return await probe()
                except NoAnswerError as error:
                    came = str(error)
                if died is None:
                    # Nobody tells when a server that is not ours begins to listen.
                    await asyncio.sleep(pause_s)
                else:
                    await asyncio.wait({died}, timeout=pause_s)
                    if died.done():
                        raise NotReadyError(f"{what} ended with status {died.result()}{tail(child)}")
                pause_s = min(pause_s * 1.5, LONGEST_PAUSE_S)
    except TimeoutError as error:
        message = f"{what} did not answer within {timeout_s:g} s (last: {came}){tail(child)}"
        raise NotReadyError(message) from error
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
    return f". Last lines of {log}:\n" + "\n".join(f"    {line.rstrip()}" for line in last)
