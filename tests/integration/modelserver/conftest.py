"""The model server as a process of its own, as the harness starts it."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import asynccontextmanager

import httpx
import pytest

PORTS = range(15500, 15550)
ENVIRONMENT = {**os.environ, "PYTHONWARNINGS": "error"}


class ModelServer:
    """A running process; `address` is its URL."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self.process = process
        self.port = port
        self.address = f"http://127.0.0.1:{port}"

    async def end(self) -> float:
        """Send SIGTERM; return the seconds until it was gone."""
        started = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        await self.process.wait()
        return time.monotonic() - started


def find_free_ports(count: int) -> list[int]:
    free = []
    for port in PORTS:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        free.append(port)
        if len(free) == count:
            return free
    raise RuntimeError(f"fewer than {count} free ports in {PORTS}")


def command_line(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "harness.modelserver", *arguments]


async def spawn_server(*arguments: str) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        *command_line(*arguments), stdout=pipe, stderr=pipe, env=ENVIRONMENT
    )


@pytest.fixture(scope="session")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("models")


@pytest.fixture
def spawn():
    return spawn_server


@pytest.fixture
def free_port():
    return lambda: find_free_ports(1)[0]


@pytest.fixture
def two_free_ports():
    return lambda: find_free_ports(2)


@pytest.fixture(scope="session")
def start(cache):
    @asynccontextmanager
    async def started(*arguments: str):
        (port,) = find_free_ports(1)
        process = await spawn_server("--port", str(port), "--cache", str(cache), *arguments)
        try:
            line = (await asyncio.wait_for(process.stdout.readline(), 20)).decode()
            if not line:
                pytest.fail((await process.stderr.read()).decode())
            assert line == f"Listening on 127.0.0.1:{port}\n"
            yield ModelServer(process, port)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    return started


@pytest.fixture(scope="module")
def server(cache):
    """The address of one server for a module's tests; not async, because their event loops come and go."""
    (port,) = find_free_ports(1)
    command = command_line("--port", str(port), "--cache", str(cache))
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT) as process:
        try:
            assert process.stdout.readline() == f"Listening on 127.0.0.1:{port}\n"
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


@pytest.fixture
async def client(server):
    async with httpx.AsyncClient(base_url=server, timeout=30) as opened:
        yield opened


@pytest.fixture
def read_metrics():
    async def read(client: httpx.AsyncClient) -> dict[str, float]:
        text = (await client.get("/metrics")).text
        samples = (line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
        return {name: float(value) for name, value in samples}

    return read


@pytest.fixture
def metric_reaches(read_metrics):
    """Ask /metrics until a sample has the value; each question is awaited, so nothing sleeps."""

    async def reached(client: httpx.AsyncClient, name: str, value: float) -> None:
        async with asyncio.timeout(10):
            while (await read_metrics(client)).get(name) != value:
                pass

    return reached
