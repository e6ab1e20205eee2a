"""What the command line does with errors and signals: a message, an exit code, nothing left running."""

import asyncio
import errno
import signal
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import typer

from harness.errors import EnvironmentLimit, HarnessError

T = TypeVar("T")

INTERRUPTED = 130
"""What a shell says of a command that Ctrl-C ended: 128 + SIGINT."""
MEND = {
    errno.ENOSPC: "free some space, or name another folder with --out or HARNESS_CACHE",
    errno.EDQUOT: "the quota is used up: free some space, or name another folder with --out",
    errno.EMFILE: "too many open files: raise the limit (ulimit -n)",
    errno.ENFILE: "the machine has too many open files: end something",
    errno.EACCES: "name a folder that you may write with --out",
    errno.EROFS: "name a folder that can be written with --out",
    errno.EEXIST: "it is no folder: name another with --out",
    errno.ENOTDIR: "a part of the path is no folder: name another with --out",
}
"""The machine refused; anything else is a defect of the harness, and shows its traceback."""


def interruptible(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end; SIGTERM, as Ctrl-C, cancels it, so that everything started is ended first."""

    async def cancellable() -> T:
        task = asyncio.ensure_future(work)
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        return await task

    return asyncio.run(cancellable())


def guarded(work: Callable[[], T]) -> T:
    """Call it; an error that the harness raises on purpose becomes its message and its exit code."""
    try:
        return work()
    except HarnessError as error:
        failed: HarnessError = error
    except (ExceptionGroup, OSError) as error:
        failed = _understood(error)
    except (KeyboardInterrupt, asyncio.CancelledError):
        typer.secho("interrupted; everything that was started has been ended", err=True)
        raise SystemExit(INTERRUPTED) from None
    typer.secho(f"error: {failed}", fg="red", err=True)
    raise SystemExit(int(failed.exit_code))


def _understood(error: Exception) -> HarnessError:
    """Our error among those of tasks that broke together, or the machine's refusal; others are raised."""
    ours = error.subgroup((HarnessError, OSError)) if isinstance(error, ExceptionGroup) else error
    while isinstance(ours, ExceptionGroup):
        ours = ours.exceptions[0]
    if isinstance(ours, HarnessError):
        return ours
    if isinstance(ours, OSError) and ours.errno in MEND:
        return EnvironmentLimit(f"{ours.strerror}: {ours.filename or 'while writing'}; {MEND[ours.errno]}")
    raise error
