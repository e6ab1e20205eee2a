import asyncio
import json
import os
import socket
import sys
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest

from harness.config.settings import Settings
from harness.errors import ConfigurationError, EnvironmentLimit, ServiceFailed, TargetFailed
from harness.model.progress import Silent
from harness.target.folders import Cache
from harness.target.launch import launch

SHOP = str(Path(__file__).with_name("shop.py"))
OPENAPI = {
    "openapi": "3.1.0",
    "info": {"title": "shop", "version": "7"},
    "paths": {"/orders": {"get": {}}, "/session": {"post": {}}},
}
LOGIN = {
    "operation": "POST /session",
    "body": {"user": "ann", "password": "{env:SHOP_PASSWORD}"},
    "token": "/data/token",
}


def shop(services: dict | None = None, identities: tuple = (), openapi: str = "/openapi.json", **process):
    """Settings of the shop; `process` replaces keys of [target.process]."""
    env = {"SHOP_OPENAPI": json.dumps(OPENAPI)}
    workers = process.pop("workers", {})
    if services is None:
        services = {"postgres": {"version": "18"}, "redis": {}}
        env |= {"DATABASE_URL": "{postgres}", "REDIS_URL": "{redis}"}
    own = {
        "command": ("{python}", SHOP, "{port}"),
        "env": env | process.pop("env", {}),
        "ready_s": 20,
    } | process
    return Settings.model_validate(
        {
            "target": {
                "name": "shop",
                "openapi": openapi,
                "process": own,
                "workers": workers,
            },
            "services": services,
            "identities": identities,
        }
    )


def up(settings: Settings, folder: Path, *, size: int = 3):
    """The launch, with harness.toml in the run's parent folder."""
    return launch(
        settings, config_folder=folder.parent, folder=folder, size=size, load=False, progress=Silent()
    )


async def failure(settings: Settings, folder: Path, kind: type[Exception]) -> str:
    with pytest.raises(kind) as caught:
        async with up(settings, folder):
            pytest.fail("it started")
    return str(caught.value)


async def test_a_target_is_launched_with_services_seed_instances_worker_contract_and_identities(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", "open sesame")
    identities = (
        {"name": "ann", "tenant": "north", "login": LOGIN},
        {"name": "bob", "tenant": "south", "headers": {"X-Key": "{env:SHOP_PASSWORD}"}},
    )
    settings = shop(
        identities=identities,
        prepare=(("{python}", SHOP, "seed", "{size}"),),
        instances=2,
        workers={"jobs": {"command": ("{python}", SHOP, "work")}},
    )
    folder = tmp_path / "run"
    async with up(settings, folder, size=5) as target:
        async with httpx.AsyncClient() as client:
            answers = [(await client.get(f"{url}/orders")).json() for url in target.instances]
        pids = [process.pid for process in target.processes]
        assert all(psutil.pid_exists(pid) for pid in pids)
    assert answers == [{"orders": 5, "asked": 1}, {"orders": 5, "asked": 2}]
    assert target.contract.operations == ("GET /orders", "POST /session")
    assert target.contract.version == "7"
    assert [identity.headers for identity in target.identities] == [
        {"Authorization": "Bearer token-of-ann"},
        {"X-Key": "open sesame"},
    ]
    names = ["postgres", "redis", "target-1", "target-2", "worker-jobs"]
    assert [fact.name for fact in target.facts] == names
    assert [process.name for process in target.processes] == names
    assert (folder / "logs" / "prepare-1.log").read_text() == "seeded 5\n"
    assert all((folder / fact.log).exists() for fact in target.facts)
    assert not [pid for pid in pids if psutil.pid_exists(pid)]
    assert not list(Cache.open().runs.glob(f"{folder.name}-{os.getpid()}*"))


async def test_two_launches_side_by_side_have_their_own_ports_and_data(tmp_path: Path) -> None:
    async def orders(name: str, size: int) -> tuple[str, int]:
        settings = shop(prepare=(("{python}", SHOP, "seed", "{size}"),))
        async with up(settings, tmp_path / name, size=size) as target, httpx.AsyncClient() as client:
            await both.wait()
            return target.instances[0], (await client.get(f"{target.instances[0]}/orders")).json()["orders"]

    both = asyncio.Barrier(2)
    (first, few), (second, many) = await asyncio.gather(orders("a", 2), orders("b", 9))
    assert first != second
    assert (few, many) == (2, 9)


async def test_cancelling_a_launch_leaves_nothing(tmp_path: Path) -> None:
    ready = asyncio.Event()
    pids: list[int] = []

    async def hold() -> None:
        async with up(shop(), tmp_path / "run") as target:
            pids.extend((*(process.pid for process in target.processes), target.keeper.pid))
            ready.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(hold())
    await ready.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(pids) == 4
    assert not [pid for pid in pids if psutil.pid_exists(pid)]


async def test_a_target_that_never_becomes_ready_is_named_with_its_last_answer(tmp_path: Path) -> None:
    settings = shop({}, env={"SHOP_SICK": "yes"}, ready_s=2)
    message = await failure(settings, tmp_path / "run", TargetFailed)
    assert "did not answer within 2 s (last: status 503). Last lines of" in message
    assert '"GET /health HTTP/1.1" 503' in message


async def test_a_target_that_dies_is_noticed_at_once_with_its_log(tmp_path: Path) -> None:
    settings = shop({}, command=("sh", "-c", "echo no such table >&2; exit 3"), ready_s=60)
    message = await failure(settings, tmp_path / "run", TargetFailed)
    assert "ended with status 3. Last lines of" in message
    assert message.endswith("    no such table")


async def test_a_command_that_does_not_exist_is_named(tmp_path: Path) -> None:
    message = await failure(shop({}, command=("./run.sh",)), tmp_path / "run", TargetFailed)
    assert message == (
        "[target.process] command: target-1 did not start: cannot execute ./run.sh: No such file or directory"
    )


async def test_a_prepare_command_that_fails_shows_its_log(tmp_path: Path) -> None:
    settings = shop({}, prepare=(("sh", "-c", "echo half done; exit 1"),))
    message = await failure(settings, tmp_path / "run", TargetFailed)
    assert message.startswith("prepare `sh -c echo half done; exit 1` ended with status 1")
    assert message.endswith("    half done")


async def test_a_prepare_command_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    settings = shop({}, prepare=(("sleep", "100"),), prepare_s=0.2)
    message = await failure(settings, tmp_path / "run", TargetFailed)
    assert "prepare `sleep 100` took over prepare_s = 0.2 s" in message


async def test_a_worker_that_dies_at_once_is_named(tmp_path: Path) -> None:
    settings = shop({}, workers={"jobs": {"command": ("no-such-worker",)}})
    message = await failure(settings, tmp_path / "run", TargetFailed)
    assert message.startswith(
        "[target.workers.jobs]: worker-jobs did not start: cannot execute no-such-worker"
    )


async def test_an_openapi_document_that_is_none_is_refused_with_its_address(tmp_path: Path) -> None:
    settings = shop({}, env={"SHOP_OPENAPI": '{"swagger": "2.0"}'})
    message = await failure(settings, tmp_path / "run", TargetFailed)
    assert (
        "/openapi.json is not an OpenAPI 3.0 or 3.1 document: Object missing required field `openapi`"
        in message
    )


async def test_an_openapi_document_that_is_not_there_is_refused_with_its_address(tmp_path: Path) -> None:
    message = await failure(shop({}, openapi="/docs.json"), tmp_path / "run", TargetFailed)
    assert "/docs.json cannot be read: Client error '404 Not Found'" in message


async def test_a_service_that_harness_toml_does_not_name_cannot_be_a_placeholder(tmp_path: Path) -> None:
    settings = shop({}, env={"DATABASE_URL": "{postgres}"})
    message = await failure(settings, tmp_path / "run", ConfigurationError)
    assert message == (
        "[target.process.env] DATABASE_URL uses {postgres}, and there is no [services.postgres]; "
        "add it, or write an address"
    )


async def test_a_login_that_is_refused_shows_the_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", "guess")
    settings = shop({}, identities=({"name": "ann", "tenant": "north", "login": LOGIN},))
    message = await failure(settings, tmp_path / "run", TargetFailed)
    assert 'POST /session answered 401: {"error": "wrong password"}' in message


async def test_a_taken_port_is_named_with_its_holder(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        message = await failure(shop({"redis": {"port": port}}), tmp_path / "run", EnvironmentLimit)
    assert message.startswith(f"Port {port} for Redis is taken by ")
    assert f"(pid {os.getpid()})" in message


async def test_a_full_disk_is_said_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.statvfs(tmp_path)
    full = os.statvfs_result((*real[:3], 1000, 1000, *real[5:]))
    monkeypatch.setattr(os, "statvfs", lambda _: full)
    message = await failure(shop({}), tmp_path / "run", EnvironmentLimit)
    assert f"{1000 * real.f_frsize >> 20} MiB free, and a run needs 1024" in message


async def test_a_disk_that_fills_up_during_the_start_is_an_environment_limit(tmp_path: Path) -> None:
    command = ("sh", "-c", "cat /proc/self/stat > /dev/full")
    message = await failure(shop({}, prepare=(command,)), tmp_path / "run", EnvironmentLimit)
    assert "is full; free some space" in message
    assert "No space left on device" in message


async def test_an_external_service_that_does_not_answer_is_named_without_its_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harness.target.external.ANSWER_S", 0.2)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"redis://:secret@127.0.0.1:{closed.getsockname()[1]}/0"
        services = {"redis": {"provider": "external", "address": address}}
        message = await failure(shop(services), tmp_path / "run", ServiceFailed)
    assert message.startswith(f"[services.redis] at redis://{address.partition('@')[2]} did not answer")
    assert "secret" not in message


async def test_an_external_service_is_used_by_its_address(tmp_path: Path, postgres_url: str) -> None:
    settings = shop({"postgres": {"provider": "external", "address": postgres_url}})
    async with up(settings, tmp_path / "run") as target:
        assert target.services == {"postgres": postgres_url}
        assert target.facts[0].provider == "external"
        assert target.facts[0].version.startswith("18.")
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


async def test_a_container_without_an_engine_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    message = await failure(shop({"redis": {"provider": "container"}}), tmp_path / "run", EnvironmentLimit)
    assert message.startswith("No container engine answers")
    assert "DOCKER_HOST" in message


async def test_a_container_without_testcontainers_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "testcontainers.community.redis", None)
    message = await failure(shop({"redis": {"provider": "container"}}), tmp_path / "run", ConfigurationError)
    assert 'pip install "harness[containers]"' in message
