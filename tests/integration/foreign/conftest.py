"""The clinic of tests/foreign, seeded once; each test may start it with a fault in it."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psycopg
import pytest
from psycopg import sql

from harness import prove
from harness.config.settings import ServiceSettings
from harness.target.services.postgres import EmbeddedPostgres
from tests.conftest import held

INSIDE = Path(prove.__file__).parent / "inside"
FOREIGN = Path(__file__).parents[2] / "foreign"
DESK = {"X-Api-Key": "desk-of-clinic-1"}


@pytest.fixture(scope="session")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """The address of a new database of this name, on a Postgres 16, with the clinic's rows."""
    logs = tmp_path_factory.mktemp("postgres16")
    for seeded in held(logs, lambda place: EmbeddedPostgres(place, ServiceSettings(version="16"))):
        command = [sys.executable, "-m", "clinic.seed"]
        subprocess.run(command, cwd=FOREIGN, env={**os.environ, "CLINIC_DSN": seeded}, check=True)
        server, _, template = seeded.rpartition("/")

        def copy(name: str, server: str = server, template: str = template) -> str:
            with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
                made = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
                connection.execute(made.format(sql.Identifier(name), sql.Identifier(template)))
            return f"{server}/{name}"

        yield copy


@contextlib.contextmanager
def serving(address: str, mutant: Path | None = None) -> Iterator[httpx.Client]:
    """The service on a database, perhaps with a mutant planted; a client with a key that may write."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    planted = (
        {"PYTHONPATH": str(INSIDE), "HARNESS_MUTANT": str(mutant)}
        if mutant and mutant.suffix == ".py"
        else {}
    )
    command = [sys.executable, "-m", "clinic", str(port)]
    process = subprocess.Popen(command, cwd=FOREIGN, env={**os.environ, "CLINIC_DSN": address, **planted})
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=DESK, timeout=30) as client:
            await_ready(client, process)
            if mutant and mutant.suffix == ".sql":
                with psycopg.connect(address) as connection:
                    connection.execute(mutant.read_bytes())
            yield client
    finally:
        process.terminate()
        process.wait(10)


def await_ready(client: httpx.Client, process: subprocess.Popen[bytes]) -> None:
    until_s = time.monotonic() + 20
    while time.monotonic() < until_s:
        assert process.poll() is None, "the service ended"
        with contextlib.suppress(httpx.TransportError):
            if client.get("/health").status_code == 200:
                return
        time.sleep(0.05)
    raise AssertionError("the service was not ready within 20 s")


@pytest.fixture(scope="session")
def database(copied: Callable[[str], str]) -> str:
    """The address of the clean service's database."""
    return copied("clean")


@pytest.fixture(scope="session")
def clinic(database: str) -> Iterator[httpx.Client]:
    """The clean service."""
    with serving(database) as client:
        yield client


@pytest.fixture
def connection(database: str) -> Iterator[psycopg.Connection]:
    """A connection to look at what the service left."""
    with psycopg.connect(database, autocommit=True) as connection:
        yield connection
