"""A running, seeded reference system: one for all tests of this folder."""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest

PASSWORD = "for-tests-only"


@pytest.fixture(scope="session")
def services(postgres_url: str, redis_url: str) -> dict[str, str]:
    """The environment of the system's processes; the model server is started by `model_url`."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE reference_system")
    database = psycopg.conninfo.make_conninfo(postgres_url, dbname="reference_system")
    parts = psycopg.conninfo.conninfo_to_dict(database)
    return {
        "DATABASE_URL": "postgresql://{user}@{host}:{port}/{dbname}".format(**{"user": "postgres", **parts}),
        "REDIS_URL": redis_url,
        "OLLAMA_URL": f"http://127.0.0.1:{free_port()}",
        "SYSTEM_JWT_SECRET": "only for tests, and long enough for HS256",
        "SEED_PASSWORD": PASSWORD,
    }


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def run(services: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "system", *arguments],
        env={**os.environ, **services},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture(scope="session")
def seeded(services: dict[str, str]) -> dict[str, str]:
    """The same, with a schema and the data of scale 1."""
    migrated = run(services, "migrate")
    assert migrated.returncode == 0, migrated.stderr
    filled = run(services, "seed", "--scale", "1")
    assert filled.returncode == 0, filled.stderr
    return services


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[dict[str, str]], str]]:
    """Start an instance with an environment; it ends with the session."""
    started: list[subprocess.Popen[bytes]] = []

    def begin(environment: dict[str, str]) -> str:
        port = free_port()
        log = tmp_path_factory.mktemp("system") / "serve.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "system", "serve", "--port", str(port)],
                env={**os.environ, **environment},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        started.append(process)
        wait_until_alive(f"http://127.0.0.1:{port}", process, log)
        return f"http://127.0.0.1:{port}"

    yield begin
    for process in started:
        process.terminate()
    for process in started:
        process.wait(timeout=20)


def wait_until_alive(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text()
        try:
            httpx.get(f"{url}/health", trust_env=False)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"not alive within 30 s: {log.read_text()}")


@pytest.fixture(scope="session")
def system_url(seeded: dict[str, str], start: Callable[[dict[str, str]], str]) -> str:
    return start(seeded)


@pytest.fixture(scope="session")
def sign_in(system_url: str) -> Iterator[Callable[..., httpx.Client]]:
    """Return a client for a role of an organization, signed in once."""
    clients: dict[tuple[str, str], httpx.Client] = {}

    def client(role: str = "owner", organization: str = "org-050", url: str = system_url) -> httpx.Client:
        if (role, organization + url) not in clients:
            made = httpx.Client(base_url=f"{url}/api/v1", trust_env=False, timeout=10)
            answer = made.post(
                "/session", json={"email": f"{role}@{organization}.example", "password": PASSWORD}
            )
            assert answer.status_code == 201, answer.text
            made.headers["Authorization"] = f"Bearer {answer.json()['token']}"
            clients[role, organization + url] = made
        return clients[role, organization + url]

    yield client
    for each in clients.values():
        each.close()


@pytest.fixture(scope="session")
def model_url(services: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A model server where the environment says that one is."""
    url = services["OLLAMA_URL"]
    folder = tmp_path_factory.mktemp("model")
    log = folder / "model.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "harness.modelserver",
                "--port",
                url.rpartition(":")[2],
                "--cache",
                str(folder),
            ],
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    wait_until_alive(url, process, log)
    yield url
    process.terminate()
    process.wait(timeout=20)


@pytest.fixture
def hanging_url() -> Iterator[str]:
    """A server that takes connections and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


class Relay:
    """A way to a service that can be cut.

    Once `lost` is set to some bytes, replies are swallowed, and the links cut when these are among them.
    """

    def __init__(self) -> None:
        self._links: set[asyncio.Task[None]] = set()
        self.lost: bytes | None = None

    async def open(self, url: str) -> str:
        """Listen; return the address of the same service by this way."""
        self._upstream = urlsplit(url)
        self._server = await asyncio.start_server(self._link, "127.0.0.1", 0)
        self._port = self._server.sockets[0].getsockname()[1]
        user = f"{self._upstream.username}@" if self._upstream.username else ""
        return self._upstream._replace(netloc=f"{user}127.0.0.1:{self._port}").geturl()

    async def reopen(self) -> None:
        self._server = await asyncio.start_server(self._link, "127.0.0.1", self._port)

    def close(self) -> None:
        self._server.close()
        for link in self._links:
            link.cancel()

    async def end(self) -> None:
        self.close()
        await asyncio.gather(*self._links, return_exceptions=True)

    async def _link(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._links.add(task)
        ends = [writer]
        try:
            out_reader, out_writer = await asyncio.open_connection(
                self._upstream.hostname, self._upstream.port
            )
            ends.append(out_writer)
            async with asyncio.TaskGroup() as both:
                both.create_task(copy(reader, out_writer))
                both.create_task(self._answer(out_reader, writer))
        except asyncio.CancelledError:
            pass
        finally:
            self._links.discard(task)
            for each in ends:
                each.close()
                with contextlib.suppress(OSError):
                    await each.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            if self.lost is None:
                writer.write(data)
            elif self.lost in data:
                self.lost = None
                for link in self._links:
                    link.cancel()
        writer.close()


async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
    writer.close()


@pytest.fixture
async def relay() -> AsyncIterator[Relay]:
    made = Relay()
    yield made
    await made.end()
