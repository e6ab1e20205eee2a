"""Embedded model server: this project's own, as a process of its own."""

import os
from functools import partial
from pathlib import Path
from typing import Final

from harness.config.settings import ServiceSettings
from harness.errors import ServiceFailed
from harness.model.record import ProcessFacts
from harness.target.keeper import Child, Spawn
from harness.target.readiness import NotReadyError, answer
from harness.target.services.probes import model_version
from harness.target.services.site import Site

READY_S: Final = 60.0
"""At first use it writes its weights, a few million random numbers."""


class EmbeddedModel:
    """`python -m harness.modelserver` on 127.0.0.1, known by its command line only."""

    kind = "model"
    log: Path | None

    def __init__(self, site: Site, settings: ServiceSettings) -> None:
        self.log = site.logs / "model.log"
        self.version = ""
        self._site = site
        self._port = settings.port
        self._child: Child | None = None

    @property
    def pid(self) -> int | None:
        """The server."""
        return self._child.pid if self._child else None

    async def start(self) -> str:
        """Start and await it; `http://127.0.0.1:PORT`."""
        site = self._site
        port = site.ports.take("the model server", self._port)
        arguments = ("--port", str(port), "--cache", str(site.cache.model))
        self._child = await site.keeper.spawn(
            Spawn(
                name="model",
                argv=(site.python, "-m", "harness.modelserver", *arguments),
                # What it would leave in a temporary folder when it is killed goes with the run's data.
                env=os.environ | {"TMPDIR": str(site.data)},
                cwd=site.data,
                log=site.logs / "model.log",
                cores=site.cores,
                nice=site.model_nice,
                grace_s=1.0,
            )
        )
        address = f"http://127.0.0.1:{port}"
        try:
            self.version = await answer(
                "The model server", partial(model_version, address), self._child, READY_S
            )
        except NotReadyError as error:
            raise ServiceFailed(str(error)) from error
        return address

    async def stop(self) -> None:
        """Stop it."""
        if self._child:
            await self._child.stop()

    def facts(self) -> tuple[ProcessFacts, ...]:
        """One process, at the placement's niceness."""
        return (
            ProcessFacts(
                name=self.kind,
                role="service",
                version=self.version,
                cores=self._site.cores,
                nice=self._site.model_nice,
                log="logs/model.log",
                provider="embedded",
            ),
        )
