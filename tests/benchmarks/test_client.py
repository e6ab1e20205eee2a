"""CPU a request of the load client, beside httpx's, against the same server in a process of its own."""

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import httpx
import pytest
import uvloop
from pytest_benchmark.fixture import BenchmarkFixture

from harness.driver.client import Client, Server

USERS = 20
REQUESTS = 10


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A server that answers at once."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "harness.driver.canary", "--port", str(port), "--delay-ms", "0"]
    with subprocess.Popen(command) as server:
        try:
            wait_for(port, server)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def wait_for(port: int, server: "subprocess.Popen[bytes]") -> None:
    """Wait until it listens; a connection is the only event that tells."""
    while server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except ConnectionRefusedError:
            os.sched_yield()
        else:
            return
    pytest.fail("the server ended before it listened")


Get = Callable[[], Awaitable[int]]
Users = AbstractAsyncContextManager[list[Get]]


def measured(benchmark: BenchmarkFixture, users: Users) -> None:
    """Time 20 users with 10 requests each, by this process's CPU time: the server's is not in it."""

    async def one(get: Get) -> list[int]:
        return [await get() for _ in range(REQUESTS)]

    async def all_of_them(made: list[Get]) -> list[list[int]]:
        return await asyncio.gather(*(one(get) for get in made))

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        made = runner.run(users.__aenter__())
        try:
            statuses = benchmark.pedantic(lambda: runner.run(all_of_them(made)), rounds=20, warmup_rounds=2)
        finally:
            runner.run(users.__aexit__(None, None, None))
    assert statuses == [[200] * REQUESTS] * USERS


@pytest.mark.benchmark(group="client, 200 requests of 20 users", timer=time.process_time)
def test_our_client(benchmark: BenchmarkFixture, address: str) -> None:
    def user(client: Client) -> Get:
        async def get() -> int:
            return (await client.get("/things/7")).status

        return get

    @asynccontextmanager
    async def users() -> AsyncIterator[list[Get]]:
        clients = [Client(Server(address), 5.0) for _ in range(USERS)]
        yield [user(client) for client in clients]
        for client in clients:
            client.close()

    measured(benchmark, users())


@pytest.mark.benchmark(group="client, 200 requests of 20 users", timer=time.process_time)
def test_httpx(benchmark: BenchmarkFixture, address: str) -> None:
    @asynccontextmanager
    async def users() -> AsyncIterator[list[Get]]:
        async with httpx.AsyncClient() as client:

            async def get() -> int:
                return (await client.get(f"{address}/things/7")).status_code

            yield [get] * USERS

    measured(benchmark, users())
