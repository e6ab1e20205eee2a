"""Embedded Postgres: one cluster per run, cloned from a template, gone with the run."""

import asyncio
from collections.abc import Mapping
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Final

import psutil
import psycopg

from harness.config.settings import ServiceSettings
from harness.errors import ServiceFailed
from harness.model.record import ProcessFacts
from harness.target.folders import User, unprivileged
from harness.target.keeper import Child, Spawn
from harness.target.readiness import NotReadyError, answer
from harness.target.services.cluster import binaries, clone, environment, template
from harness.target.services.probes import postgres_version
from harness.target.services.site import Site

DEFAULT_VERSION: Final = "18"
READY_S: Final = 30.0
MOST_BUFFERS_BYTES: Final = 512 << 20
"""The reference data of the full load is about 200 MB; an eighth of the memory on small machines."""


class EmbeddedPostgres:
    """A cluster on 127.0.0.1 with a database `target`; the superuser `postgres` needs no password.

    `settings` of the server beyond the files are given as `extra`, name to value.
    """

    kind = "postgres"
    log: Path | None

    def __init__(self, site: Site, settings: ServiceSettings, extra: dict[str, str] | None = None) -> None:
        self.log = site.logs / "postgres.log"
        self.version = settings.version or DEFAULT_VERSION
        self._site = site
        self._port = settings.port
        self._extra = extra or {}
        self._child: Child | None = None

    @property
    def pid(self) -> int | None:
        """The postmaster."""
        return self._child.pid if self._child else None

    async def start(self) -> str:
        """Clone, start and await the cluster; `postgresql://postgres@127.0.0.1:PORT/target`."""
        site, user = self._site, unprivileged()
        log = site.logs / "postgres.log"
        install = await binaries(site.cache, self.version, user)
        source = await template(site.keeper, site.cache, self.version, install, user)
        port = site.ports.take("Postgres", self._port)
        data = site.data / "postgres"
        await clone(site.keeper, source, data, log, user)
        self._configure(data, port)
        self._child, self.version = await serve(site, "postgres", install, data, port, log=log, user=user)
        address = f"postgresql://postgres@127.0.0.1:{port}"
        await create_target(f"{address}/postgres")
        return f"{address}/target"

    async def stop(self) -> None:
        """Stop the cluster; its folder goes with the run."""
        if self._child:
            await self._child.stop()

    def facts(self) -> tuple[ProcessFacts, ...]:
        """One process: the postmaster and its children on the services' cores."""
        return (
            ProcessFacts(
                name=self.kind,
                role="service",
                version=self.version,
                cores=self._site.cores,
                nice=0,
                log="logs/postgres.log",
                provider="embedded",
            ),
        )

    def _configure(self, data: Path, port: int) -> None:
        """Write access rules and settings; in Postgres the last line for a setting counts."""
        here = files("harness.target.services")
        profile = "postgres_load.conf" if self._site.load else "postgres_test.conf"
        lines = [here.joinpath("postgres.conf").read_text(), here.joinpath(profile).read_text()]
        if self._site.load:
            buffers = min(MOST_BUFFERS_BYTES, psutil.virtual_memory().total // 8)
            lines.append(f"shared_buffers = {buffers >> 20}MB")
        lines.append(f"port = {port}")
        lines.extend(f"{name} = '{value}'" for name, value in self._extra.items())
        with (data / "postgresql.conf").open("a") as configuration:
            configuration.write("\n" + "\n".join(lines) + "\n")
        (data / "pg_hba.conf").write_bytes(here.joinpath("pg_hba.conf").read_bytes())


async def serve(
    site: Site,
    name: str,
    install: Path,
    data: Path,
    port: int,
    *,
    log: Path,
    user: User | None,
    settings: Mapping[str, str] | None = None,
) -> tuple[Child, str]:
    """Start a server on a data folder and await it: its process, and its version, `18.4`.

    `settings` win over every file of the folder. Raises ServiceFailed with the log's last lines.
    """
    options = tuple(word for key, value in (settings or {}).items() for word in ("-c", f"{key}={value}"))
    child = await site.keeper.spawn(
        Spawn(
            name=name,
            argv=(str(install / "bin" / "postgres"), "-D", str(data), *options),
            env=environment(),
            cwd=data,
            log=log,
            cores=site.cores,
            uid=user.uid if user else None,
            gid=user.gid if user else None,
            # Immediate shutdown: a checkpoint of data that is thrown away may take seconds.
            stop_signal="SIGQUIT",
            grace_s=1.0,
        )
    )
    probe = partial(postgres_version, f"postgresql://postgres@127.0.0.1:{port}/postgres")
    try:
        return child, await answer("Postgres", probe, child, READY_S)
    except NotReadyError as error:
        raise ServiceFailed(str(error)) from error
    except asyncio.CancelledError:
        await child.stop()
        raise


async def create_target(address: str) -> None:
    """Create the database that the target's address names."""
    statement = files("harness.target.services").joinpath("create_target.sql").read_bytes()
    async with await psycopg.AsyncConnection.connect(address, autocommit=True) as connection:
        await connection.execute(statement)
