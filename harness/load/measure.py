"""Drive the workload of a profile against the target, and watch the processes meanwhile."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg

from harness.config.settings import LoadProfile
from harness.driver.plan import Caller, LoadPlan, PhaseLengths
from harness.driver.session import Session, start
from harness.load.model import LoadMeasurement
from harness.load.usage import Usage, UsageSampler
from harness.model.progress import Progress
from harness.target.target import Target

CHECKPOINT_AT = 0.4
"""Where in steady the checkpoint begins: late enough to have dirty pages, early enough to end inside."""


async def measure(
    *, target: Target, profile: LoadProfile, config_folder: Path, web_ui: bool, progress: Progress
) -> LoadMeasurement:
    """Load the target with the profile's users; its data grows, its services are busy, nothing is broken.

    Raises DriverFailed where the generator breaks, ConfigurationError where the workload is no workload.
    """
    plan = plan_of(target, profile, config_folder, web_ui=web_ui)
    # What the seed left unwritten is not the load's: the checkpoint within steady has to write what the
    # load itself made dirty, as one in production would.
    await _checkpoint(target)
    async with (
        _beside_the_generator(target),
        start(
            plan,
            keeper=target.keeper,
            placement=target.placement,
            folder=target.folder,
            ports=target.ports,
        ) as session,
        asyncio.TaskGroup() as tasks,
    ):
        tasks.create_task(_show(session, progress))
        checkpoint = tasks.create_task(_checkpoint_within(session, target, profile))
        usage = tasks.create_task(_watch(session, target))
        result = tasks.create_task(session.result())
    watched = usage.result()
    return LoadMeasurement(
        result=result.result(),
        processes=watched.processes,
        cores=watched.cores,
        usage=watched.points,
        checkpoint_s=checkpoint.result(),
    )


@asynccontextmanager
async def _beside_the_generator(target: Target) -> AsyncIterator[None]:
    """Keep this process off the target's cores while the load goes on: it watches, shows and samples."""
    own = os.sched_getaffinity(0)
    os.sched_setaffinity(0, target.placement.generator)
    try:
        yield
    finally:
        os.sched_setaffinity(0, own)


def plan_of(target: Target, profile: LoadProfile, config_folder: Path, *, web_ui: bool) -> LoadPlan:
    """The driver's plan: the profile's numbers, the target's addresses and callers."""
    return LoadPlan(
        workload=str(config_folder / profile.workload),
        users=profile.users,
        phases=PhaseLengths(**profile.phases.model_dump()),
        seed=profile.seed,
        timeout_s=profile.timeout_s,
        think_s=profile.think_s,
        base_urls=target.instances,
        identities=tuple(
            Caller(name=one.name, tenant=one.tenant, role=one.role, headers=one.headers)
            for one in target.identities
        ),
        web_ui=web_ui,
    )


async def _show(session: Session, progress: Progress) -> None:
    async for now in session.events():
        progress.load(now)


async def _watch(session: Session, target: Target) -> Usage:
    """What every process used from the beginning of steady to its end."""
    sampler = UsageSampler((*target.processes, *session.processes))
    await session.phase("steady")
    sampler.begin(session.origin)
    await session.phase("drain")
    return await sampler.end()


async def _checkpoint_within(session: Session, target: Target, profile: LoadProfile) -> float | None:
    """Ask for a checkpoint within steady, so that no run is spared one; seconds since the origin.

    A checkpoint happens every few minutes in production, and slows every write while it lasts: a run
    between two of them would flatter the target. None where the target has no Postgres, or forbids it.
    """
    if not profile.checkpoint:
        return None
    await session.phase("steady")
    await asyncio.sleep(CHECKPOINT_AT * profile.phases.steady_s)  # a moment of the plan, not an event
    began_s = time.monotonic() - session.origin
    return began_s if await _checkpoint(target) else None


async def _checkpoint(target: Target) -> bool:
    """Have Postgres write all dirty pages, and wait; whether there is one that did."""
    if "postgres" not in target.services:
        return False
    try:
        async with await psycopg.AsyncConnection.connect(
            target.services["postgres"], autocommit=True
        ) as connection:
            await connection.execute("CHECKPOINT")
    except psycopg.Error:
        return False
    return True
