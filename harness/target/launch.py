"""From settings to a running target, and back to nothing."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import count
from os import getpid
from pathlib import Path
from typing import Final

from harness.config.settings import ServiceSettings, Settings
from harness.errors import ConfigurationError
from harness.model.progress import Progress
from harness.model.record import ProcessFacts
from harness.target.container import Contained, ContainedTarget
from harness.target.contract import read_contract
from harness.target.external import External
from harness.target.folders import Cache, cache_root, space
from harness.target.identity import sign_in
from harness.target.keeper import Child, Keeper
from harness.target.placeholders import Values
from harness.target.placement import Placement
from harness.target.ports import Ports
from harness.target.preflight import free_disk
from harness.target.process import TargetProcess, ready
from harness.target.services.model import EmbeddedModel
from harness.target.services.postgres import EmbeddedPostgres
from harness.target.services.redis import EmbeddedRedis
from harness.target.services.service import Service
from harness.target.services.site import Site
from harness.target.target import Running, Target
from harness.target.wiring import wire_up
from harness.wires.wire import Wire

EMBEDDED: Final[Mapping[str, Callable[[Site, ServiceSettings], Service]]] = {
    "postgres": EmbeddedPostgres,
    "redis": EmbeddedRedis,
    "model": EmbeddedModel,
}

LAUNCHES: Final = count(1)
"""Tells the launches of one process apart."""


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What every step of a launch stands on."""

    settings: Settings
    config_folder: Path
    folder: Path
    site: Site
    placement: Placement
    progress: Progress


@dataclass(frozen=True, kw_only=True)
class Up:
    """The target's own side: base URLs, and its processes where they are ours."""

    instances: tuple[str, ...]
    children: tuple[Child, ...] = ()
    facts: tuple[ProcessFacts, ...] = ()


@asynccontextmanager
async def launch(
    settings: Settings,
    *,
    config_folder: Path,
    folder: Path,
    size: int,
    load: bool,
    progress: Progress,
    wired: bool = False,
    python: str = sys.executable,
) -> AsyncIterator[Target]:
    """A running target, as long as the context is open; afterwards nothing of it is left but logs.

    `folder` is the run's, logs go to `folder/logs`; `size` fills {size}; `load` has the services keep
    their promises to the disk, for timed load; `wired` puts the harness on the connections between target
    and services, for everything functional; `python` fills {python}. Raises ConfigurationError,
    EnvironmentLimit, ServiceFailed or TargetFailed; cancellation cleans up too.
    """
    logs = folder / "logs"
    with space(cache_root(), folder):
        logs.mkdir(parents=True, exist_ok=True)
        cache = Cache.open()
    free_disk(cache.root, folder)
    name = f"{folder.name}-{getpid()}-{next(LAUNCHES)}"
    placement = Placement.here()
    async with AsyncExitStack() as stack:
        # Left in the opposite order: the processes end, then their data and ports are let go.
        held = stack.enter_context(cache.run(name))
        ports = stack.enter_context(Ports(cache.ports, name))
        keeper = await stack.enter_async_context(Keeper(holds=(held.lock,)))
        keeper.remove_at_end(held.path)
        site = Site(
            keeper=keeper,
            cache=cache,
            ports=ports,
            data=held.path,
            logs=logs,
            cores=placement.services,
            model_nice=placement.model_nice,
            load=load,
            python=python,
        )
        ground = Ground(
            settings=settings,
            config_folder=config_folder,
            folder=folder,
            site=site,
            placement=placement,
            progress=progress,
        )
        values = Values({"size": str(size), "python": python})
        with space(cache.root, folder):
            target = await bring_up(ground, values, stack, wired=wired)
        yield target


async def bring_up(ground: Ground, values: Values, stack: AsyncExitStack, *, wired: bool) -> Target:
    """Services, wires, preparation, instances, workers, contract, identities."""
    settings, progress = ground.settings, ground.progress
    services = {kind: service(kind, each, ground.site) for kind, each in wanted(settings).items()}
    if services:
        progress.stage(f"services: {', '.join(services)}")
    stack.push_async_callback(stop_all, tuple(services.values()))
    addresses = await start_all(services)
    direct, wires, unwired = values.extended(**addresses), dict[str, Wire](), dict[str, str]()
    values = direct
    if wired:
        wires, seen, unwired = await wire_up(addresses, ground.site, ground.folder)
        for wire in wires.values():
            stack.push_async_callback(wire.close)
        values = values.extended(**seen)
    up = await start_target(ground, values, direct, stack)
    contract = await read_contract(settings.target.openapi, ground.config_folder, up.instances[0])
    identities = await sign_in(settings.identities, up.instances[0], values)
    processes = [
        Running(
            name=kind, role="service", pid=each.pid, cores=each.facts()[0].cores, nice=each.facts()[0].nice
        )
        for kind, each in services.items()
        if each.pid is not None
    ]
    processes += [
        Running(name=child.name, role="target", pid=child.pid, cores=child.spawn.cores, nice=0)
        for child in up.children
    ]
    facts = [fact for each in services.values() for fact in each.facts()]
    versions = {kind: each.facts()[0].version for kind, each in services.items()}
    facts += [
        ProcessFacts(
            name=child.name,
            role="target",
            version=contract.version,
            cores=child.spawn.cores,
            nice=0,
            log=f"logs/{child.log.name}",
            provider="process",
        )
        for child in up.children
    ]
    return Target(
        name=settings.target.name,
        instances=up.instances,
        contract=contract,
        identities=identities,
        services=addresses,
        providers={kind: each.provider for kind, each in wanted(settings).items()},
        versions=versions,
        wires=wires,
        unwired=unwired,
        site=ground.site,
        processes=tuple(processes),
        facts=(*facts, *up.facts),
        keeper=ground.site.keeper,
        ports=ground.site.ports,
        placement=ground.placement,
        folder=ground.folder,
    )


def wanted(settings: Settings) -> dict[str, ServiceSettings]:
    """The services that harness.toml names, by kind."""
    named = settings.services
    every = {"postgres": named.postgres, "redis": named.redis, "model": named.model}
    return {kind: each for kind, each in every.items() if each is not None}


def service(kind: str, settings: ServiceSettings, site: Site) -> Service:
    """The service from its provider; nothing is started."""
    if settings.provider == "external":
        return External(kind, settings)
    if settings.provider == "container":
        return Contained(kind, site, settings)
    return EMBEDDED[kind](site, settings)


async def start_all(services: Mapping[str, Service]) -> dict[str, str]:
    """Start the services side by side; addresses by kind. The first failure is raised, alone."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = {kind: group.create_task(each.start()) for kind, each in services.items()}
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from failures
    return {kind: task.result() for kind, task in tasks.items()}


async def stop_all(services: tuple[Service, ...]) -> None:
    """Stop the services side by side."""
    await asyncio.gather(*(each.stop() for each in services))


async def start_target(ground: Ground, values: Values, direct: Values, stack: AsyncExitStack) -> Up:
    """The target in the one way that harness.toml gives; `direct` addresses are for its preparation."""
    target, cores = ground.settings.target, ground.placement.target
    if target.process:
        process = TargetProcess(
            target,
            target.process,
            keeper=ground.site.keeper,
            ports=ground.site.ports,
            values=values,
            prepare_values=direct,
            config_folder=ground.config_folder,
            logs=ground.site.logs,
            cores=cores,
        )
        stack.push_async_callback(process.stop)
        await process.prepare(ground.progress)
        instances = await process.start(ground.progress)
        return Up(instances=instances, children=tuple(process.children))
    if target.container:
        log = ground.site.logs / "target.log"
        contained = ContainedTarget(target.container, cores, log)
        stack.push_async_callback(contained.stop)
        env = values.fill_table(target.container.env, "[target.container.env]")
        base_url = await contained.start(env)
        await ready(base_url + target.container.ready, target.container.ready_s, None)
        facts = ProcessFacts(
            name="target",
            role="target",
            version=target.container.image,
            cores=cores,
            nice=0,
            log="logs/target.log",
            provider="container",
        )
        return Up(instances=(base_url,), facts=(facts,))
    if target.base_url:
        return Up(instances=(target.base_url.rstrip("/"),))
    raise ConfigurationError("[target] has no process, no container and no base_url: set one of them")
