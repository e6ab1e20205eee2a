"""Real services for tests, started once and never shared with another run of the suite."""

import asyncio
import os
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from harness.config.settings import ServiceSettings
from harness.target.folders import Cache
from harness.target.keeper import Keeper
from harness.target.ports import Ports
from harness.target.services.postgres import EmbeddedPostgres
from harness.target.services.redis import EmbeddedRedis
from harness.target.services.service import Service
from harness.target.services.site import Site


@asynccontextmanager
async def site(logs: Path, *, load: bool = False):
    """A place for embedded services of one test, or of a session's fixture."""
    cache = Cache.open()
    name = f"test-{os.getpid()}-{logs.name}"
    with cache.run(name) as folder, Ports(cache.ports, name) as ports:
        async with Keeper(holds=(folder.lock,)) as keeper:
            keeper.remove_at_end(folder.path)
            yield Site(
                keeper=keeper,
                cache=cache,
                ports=ports,
                data=folder.path,
                logs=logs,
                cores=(),
                model_nice=0,
                load=load,
                python=sys.executable,
            )


def held(logs: Path, make: Callable[[Site], Service]) -> Iterator[str]:
    """Run a service on a loop of its own, since a session outlives the loop of any test."""
    started = threading.Event()
    outcome: list[str | BaseException] = []
    loop = asyncio.new_event_loop()
    done = asyncio.Event()

    async def hold() -> None:
        try:
            async with site(logs) as place:
                outcome.append(await make(place).start())
                started.set()
                await done.wait()
        except BaseException as error:  # noqa: BLE001 - it is raised again in the thread of the fixture
            outcome.append(error)
            started.set()

    thread = threading.Thread(target=run_on, args=(loop, hold), daemon=True)
    thread.start()
    started.wait()
    if isinstance(outcome[0], BaseException):
        raise outcome[0]
    yield outcome[0]
    loop.call_soon_threadsafe(done.set)
    thread.join()


def run_on(loop: asyncio.AbstractEventLoop, work: Callable[[], Awaitable[None]]) -> None:
    try:
        loop.run_until_complete(work())
    finally:
        loop.close()


@pytest.fixture
def open_site(tmp_path: Path):
    """Sites of one test: `async with open_site("a") as place`; logs are in tmp_path/a."""

    def opened(name: str = "site", *, load: bool = False):
        logs = tmp_path / name
        logs.mkdir()
        return site(logs, load=load)

    return opened


@pytest.fixture(scope="session")
def session_site():
    """Sites for fixtures that outlive a test: `async with session_site(logs) as place`."""
    return site


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An embedded Postgres 18 with test settings: the address of its empty database `target`."""
    logs = tmp_path_factory.mktemp("postgres")
    yield from held(logs, lambda place: EmbeddedPostgres(place, ServiceSettings(version="18")))


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An embedded, empty Redis: the address of its database 0."""
    logs = tmp_path_factory.mktemp("redis")
    yield from held(logs, lambda place: EmbeddedRedis(place, ServiceSettings()))
