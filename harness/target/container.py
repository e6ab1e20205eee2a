"""Services and targets as containers, through testcontainers; its reaper ends them with the harness."""

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

from harness.config.settings import ContainerSettings, ServiceSettings
from harness.errors import ConfigurationError, EnvironmentLimit, ServiceFailed
from harness.model.record import ProcessFacts
from harness.target.readiness import NotReadyError, answer
from harness.target.services.probes import PROBES
from harness.target.services.site import Site

IMAGES: Final = {
    ("postgres", ""): "postgres:18.4",
    ("postgres", "18"): "postgres:18.4",
    ("postgres", "16"): "postgres:16.14",
    ("redis", ""): "redis:8.2.2",
    ("redis", "8"): "redis:8.2.2",
    ("redis", "7"): "redis:7.4.6",
    ("model", ""): "ollama/ollama:0.33.0",
}
INNER_PORTS: Final = {"postgres": 5432, "redis": 6379, "model": 11434}
READY_S: Final = 60.0
UNSAFE_BUT_QUICK: Final = "postgres -c fsync=off -c synchronous_commit=off -c full_page_writes=off"


def image(kind: str, settings: ServiceSettings) -> str:
    """The configured image, or the pinned one of the version. Raises ConfigurationError without either."""
    found = settings.image or IMAGES.get((kind, settings.version))
    if not found:
        raise ConfigurationError(
            f'[services.{kind}] version = "{settings.version}" has no pinned image; set image = "…"'
        )
    return found


def made(kind: str, name: str) -> Any:
    """A container of testcontainers' class for the service. Blocks; talks to the engine.

    Raises ConfigurationError without testcontainers, EnvironmentLimit without an engine.
    """
    return reached(lambda: _classes()[kind](name))


def _classes() -> dict[str, Callable[[str], Any]]:
    # An extra: embedded services need none of it, and its import takes half a second.
    from testcontainers.community.ollama import OllamaContainer  # noqa: PLC0415
    from testcontainers.community.postgres import PostgresContainer  # noqa: PLC0415
    from testcontainers.community.redis import RedisContainer  # noqa: PLC0415
    from testcontainers.core.container import DockerContainer  # noqa: PLC0415

    return {
        "postgres": lambda name: PostgresContainer(
            name,
            username="postgres",
            password="harness",  # noqa: S106 - of a container that lives as long as its run
            dbname="target",
            driver=None,
        ),
        "redis": RedisContainer,
        "model": OllamaContainer,
        "target": DockerContainer,
    }


def reached(work: Callable[[], Any]) -> Any:
    """Do something with the engine, and say clearly when there is none."""
    try:
        from docker.errors import APIError, DockerException  # noqa: PLC0415 - comes with the extra

        return _said(work, APIError, DockerException)
    except ImportError as error:
        raise ConfigurationError(
            'provider = "container" needs testcontainers: pip install "harness[containers]"'
        ) from error


def _said(work: Callable[[], Any], refused: type[Exception], absent: type[Exception]) -> Any:
    try:
        return work()
    except refused as error:
        raise ServiceFailed(f"The container engine refused: {error}") from error
    except absent as error:
        raise EnvironmentLimit(
            f"No container engine answers ({error}); start Docker or Podman, set DOCKER_HOST, "
            'or use provider = "embedded"'
        ) from error


class Contained:
    """A service in a container, on the services' cores."""

    pid: int | None = None
    log: Path | None

    def __init__(self, kind: str, site: Site, settings: ServiceSettings) -> None:
        self.kind = kind
        self.log = site.logs / f"{kind}.log"
        self.version = ""
        self._image = image(kind, settings)
        self._port = settings.port
        self._pull = settings.pull
        self._site = site
        self._container: Any = None

    async def start(self) -> str:
        """Pull, start and await it; its address on this machine."""
        port = self._site.ports.take(f"the {self.kind} container", self._port)
        self._container = await asyncio.to_thread(made, self.kind, self._image)
        await asyncio.to_thread(reached, lambda: self._run(port))
        host = self._container.get_container_host_ip()
        address = {
            "postgres": f"postgresql://postgres:harness@{host}:{port}/target",
            "redis": f"redis://{host}:{port}/0",
            "model": f"http://{host}:{port}",
        }[self.kind]
        try:
            self.version = await answer(
                f"The container {self._image}", lambda: PROBES[self.kind](address), None, READY_S
            )
        except NotReadyError as error:
            await self._save_log()
            raise ServiceFailed(f"{error}; its log is {self.log}") from error
        for model in self._pull:
            await asyncio.to_thread(reached, partial(self._container.pull_model, model))
        return address

    async def stop(self) -> None:
        """Save its log and remove it."""
        if self._container is not None:
            container, self._container = self._container, None
            await self._save_log(container)
            await asyncio.to_thread(reached, container.stop)

    def facts(self) -> tuple[ProcessFacts, ...]:
        """One container; its version is the image and what the server says."""
        return (
            ProcessFacts(
                name=self.kind,
                role="service",
                version=f"{self.version} ({self._image})",
                cores=self._site.cores,
                nice=0,
                log=f"logs/{self.kind}.log",
                provider="container",
            ),
        )

    def _run(self, port: int) -> None:
        self._container.with_bind_ports(INNER_PORTS[self.kind], port)
        self._container.with_kwargs(cpuset_cpus=",".join(map(str, self._site.cores)))
        if self.kind == "postgres" and not self._site.load:
            self._container.with_command(UNSAFE_BUT_QUICK)
        self._container.start()

    async def _save_log(self, container: Any = None) -> None:
        source = container or self._container
        output, errors = await asyncio.to_thread(reached, source.get_logs)
        (self._site.logs / f"{self.kind}.log").write_bytes(output + errors)


class ContainedTarget:
    """The target as a container on the host's network, where the services' addresses hold."""

    def __init__(self, settings: ContainerSettings, cores: tuple[int, ...], log: Path) -> None:
        self.log = log
        self._settings = settings
        self._cores = cores
        self._container: Any = None

    async def start(self, env: dict[str, str]) -> str:
        """Start it; its base URL. It need not be ready yet."""
        self._container = await asyncio.to_thread(made, "target", self._settings.image)
        await asyncio.to_thread(reached, lambda: self._run(env))
        return f"http://127.0.0.1:{self._settings.port}"

    async def stop(self) -> None:
        """Save its log and remove it."""
        if self._container is not None:
            container, self._container = self._container, None
            output, errors = await asyncio.to_thread(reached, container.get_logs)
            self.log.write_bytes(output + errors)
            await asyncio.to_thread(reached, container.stop)

    def _run(self, env: dict[str, str]) -> None:
        cores = ",".join(map(str, self._cores))
        self._container.with_envs(**env).with_kwargs(network_mode="host", cpuset_cpus=cores).start()
