"""The one interface of every service, whatever provider it comes from."""

from pathlib import Path
from typing import Protocol

from harness.model.record import ProcessFacts


class Service(Protocol):
    """A Postgres, Redis or model server the target uses."""

    kind: str
    """`postgres`, `redis` or `model`."""
    log: Path | None
    """Where its log goes; None where it is out of reach (external)."""

    @property
    def pid(self) -> int | None:
        """Its main process; None while there is none, or where it is not ours to watch."""
        ...

    async def start(self) -> str:
        """Start it, wait until it answers, return its address (a URL or DSN for the target).

        Raises ServiceFailed with its log's last lines, EnvironmentLimit where the machine refuses.
        """
        ...

    async def stop(self) -> None:
        """Stop it and remove what it left; a second call does nothing."""
        ...

    def facts(self) -> tuple[ProcessFacts, ...]:
        """What runs, where; for the record."""
        ...
