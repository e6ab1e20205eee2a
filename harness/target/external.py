"""Services that run already, by address: asked once whether they answer, never started or stopped."""

from pathlib import Path
from typing import Final

from harness.config.settings import ServiceSettings
from harness.errors import ConfigurationError, ServiceFailed
from harness.model.record import ProcessFacts
from harness.target.readiness import NotReadyError, answer
from harness.target.services.probes import PROBES

ANSWER_S: Final = 10.0


class External:
    """A service of someone else's."""

    log: Path | None = None
    pid: int | None = None

    def __init__(self, kind: str, settings: ServiceSettings) -> None:
        if not settings.address:
            raise ConfigurationError(
                f'[services.{kind}] provider = "external" needs an address: set address = "…"'
            )
        self.kind = kind
        self.version = ""
        self._address = settings.address

    async def start(self) -> str:
        """See that it answers; its address as it is configured."""
        probe = PROBES[self.kind]
        try:
            self.version = await answer(
                f"[services.{self.kind}] at {hidden(self._address)}",
                lambda: probe(self._address),
                None,
                ANSWER_S,
            )
        except NotReadyError as error:
            raise ServiceFailed(f"{error}; start it, or mend the address in harness.toml") from error
        return self._address

    async def stop(self) -> None:
        """Leave it alone."""

    def facts(self) -> tuple[ProcessFacts, ...]:
        """One process, somewhere."""
        return (
            ProcessFacts(
                name=self.kind,
                role="service",
                version=self.version,
                cores=(),
                nice=0,
                log="",
                provider="external",
            ),
        )


def hidden(address: str) -> str:
    """The address without what stands before an @: passwords do not belong into logs."""
    scheme, separator, rest = address.partition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}" if separator else "its address"
