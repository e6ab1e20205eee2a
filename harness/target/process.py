"""The target as processes of ours: prepared once, then its instances, then its workers."""

import asyncio
import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Final

import httpx

from harness.config.settings import ProcessSettings, TargetSettings, WorkerSettings
from harness.errors import ServiceFailed, TargetFailed
from harness.model.progress import Progress
from harness.target.keeper import Child, Keeper, Spawn
from harness.target.placeholders import Values
from harness.target.ports import Ports
from harness.target.readiness import NoAnswerError, NotReadyError, answer, tail

PASSED_ON: Final = ("PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH")
"""All that the target sees of the harness's environment: its measurements must not depend on more."""
ATTEMPT_S: Final = 5.0


class TargetProcess:
    """Starts and stops the target's own processes; `children` are instances, then workers.

    `values` fill what they are started with, `prepare_values` what prepares them: that goes past any wire.
    """

    def __init__(
        self,
        settings: TargetSettings,
        process: ProcessSettings,
        *,
        keeper: Keeper,
        ports: Ports,
        values: Values,
        prepare_values: Values,
        config_folder: Path,
        logs: Path,
        cores: tuple[int, ...],
    ) -> None:
        self.children: list[Child] = []
        self._settings = settings
        self._process = process
        self._keeper = keeper
        self._ports = ports
        self._values = values
        self._prepare_values = prepare_values
        self._config_folder = config_folder
        self._logs = logs
        self._cores = cores

    async def prepare(self, progress: Progress) -> None:
        """Run the commands of `prepare`, in their order, on all cores: they are not timed.

        Raises TargetFailed with the last lines of the one that fails or takes over `prepare_s`.
        """
        for number, command in enumerate(self._process.prepare, 1):
            filled = self._prepare_values.fill_all(command, "[target.process] prepare")
            shown = " ".join((Path(filled[0]).name, *filled[1:]))
            progress.stage(f"prepare: {shown}")
            step = WorkerSettings(command=command)
            child = await self._spawn(
                f"prepare-{number}", "[target.process] prepare", step, (), values=self._prepare_values
            )
            try:
                status = await asyncio.wait_for(child.wait(), self._process.prepare_s)
            except TimeoutError as error:
                raise TargetFailed(
                    f"prepare `{shown}` took over prepare_s = {self._process.prepare_s:g} s{tail(child)}"
                ) from error
            finally:
                await child.stop()
            if status != 0:
                raise TargetFailed(f"prepare `{shown}` ended with status {status}{tail(child)}")

    async def start(self, progress: Progress) -> tuple[str, ...]:
        """Start the instances, await them, start the workers; the instances' base URLs.

        Raises TargetFailed with the last lines of one that ends or is not ready within `ready_s`.
        """
        count = self._process.instances
        progress.stage(f"target: {count} instance{'s' if count > 1 else ''}")
        urls = []
        instance = WorkerSettings(command=self._process.command)
        for number in range(1, count + 1):
            name, where = f"target-{number}", "[target.process] command"
            port = self._ports.take(f"instance {number} of the target")
            self.children.append(await self._spawn(name, where, instance, self._cores, port))
            urls.append(f"http://127.0.0.1:{port}")
        for child, url in zip(self.children, urls, strict=True):
            await ready(url + self._process.ready, self._process.ready_s, child)
        for name, worker in self._settings.workers.items():
            where = f"[target.workers.{name}]"
            self.children.append(await self._spawn(f"worker-{name}", where, worker, self._cores))
        for child in self.children:
            if child.returncode is not None:
                raise TargetFailed(f"{child.name} ended with status {child.returncode}{tail(child)}")
        return tuple(urls)

    async def stop(self) -> None:
        """Stop all of them at once."""
        await asyncio.gather(*(child.stop() for child in self.children))

    async def _spawn(
        self,
        name: str,
        where: str,
        worker: WorkerSettings,
        cores: tuple[int, ...],
        port: int = 0,
        *,
        values: Values | None = None,
    ) -> Child:
        tables = (self._process.env, worker.env)
        if not port and mentions_port(worker.command, *tables):
            port = self._ports.take(name)
        values = values or self._values
        if port:
            values = values.extended(port=str(port))
        passed = {key: os.environ[key] for key in PASSED_ON if key in os.environ}
        declared = values.fill_table(self._process.env, "[target.process.env]")
        own = values.fill_table(worker.env, f"{where} env")
        spawn = Spawn(
            name=name,
            argv=values.fill_all(worker.command, where),
            env=passed | declared | own,
            cwd=self._config_folder,
            log=self._logs / f"{name}.log",
            cores=cores,
        )
        try:
            return await self._keeper.spawn(spawn)
        except ServiceFailed as error:
            raise TargetFailed(f"{where}: {error}") from error


def mentions_port(command: tuple[str, ...], *tables: Mapping[str, str]) -> bool:
    """Whether a process that is no instance asks for a port of its own all the same."""
    return any(
        "{port}" in text for text in (*command, *(text for table in tables for text in table.values()))
    )


async def ready(url: str, within_s: float, child: Child | None) -> None:
    """Await a 2xx answer. Raises TargetFailed with what came instead and the log's last lines."""
    async with httpx.AsyncClient(timeout=ATTEMPT_S, trust_env=False) as client:
        try:
            await answer(f"The target (GET {url})", partial(healthy, client, url), child, within_s)
        except NotReadyError as error:
            raise TargetFailed(str(error)) from error


async def healthy(client: httpx.AsyncClient, url: str) -> str:
    """The status of a 2xx answer. Raises NoAnswerError."""
    try:
        reply = await client.get(url)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NoAnswerError(str(error) or type(error).__name__) from error
    if not reply.is_success:
        raise NoAnswerError(f"status {reply.status_code}")
    return str(reply.status_code)
