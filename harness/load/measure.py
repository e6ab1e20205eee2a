"""Drive the workload of a profile against the target, and watch the processes meanwhile."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import psycopg

from harness.config.settings import LoadProfile
from harness.driver.plan import Caller, LoadPlan, PhaseLengths
from harness.driver.session import Session, start
from harness.load.model import HARNESS, LoadMeasurement
from harness.load.usage import Usage, UsageSampler
from harness.model.progress import Progress
from harness.model.record import ProcessFacts
from harness.target.target import Running, Target

CHECKPOINT_AT = 0.4
"""Where in steady the checkpoint begins: late enough to have dirty pages, early enough to end inside."""


class Checkpoint(NamedTuple):
    """When one began and had ended, in seconds since the origin; or why there was none, though wanted."""

    began_s: float | None = None
    ended_s: float | None = None
    missing: str = ""


async def measure(
    *, target: Target, profile: LoadProfile, config_folder: Path, web_ui: bool, progress: Progress
) -> LoadMeasurement:
    """Load the target with the profile's users; its data grows, its services are busy, nothing is broken.

    Raises DriverFailed where the generator breaks, ConfigurationError where the workload is no workload.
    """
    plan = plan_of(target, profile, config_folder, web_ui=web_ui)
    # What the seed left unwritten is not the load's: the checkpoint within steady has to write what the
    # load itself made dirty, as one in production would.
    if "postgres" in target.services:
        await ask_checkpoint(target.services["postgres"])
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
        if session.web_url:
            progress.stage(f"Locust's page while it runs: {session.web_url}")
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
        checkpoint_s=checkpoint.result().began_s,
        checkpoint_end_s=checkpoint.result().ended_s,
        checkpoint_missing=checkpoint.result().missing,
        complete=is_complete(target.processes, target.facts),
        vanished=watched.vanished,
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
    with UsageSampler((*target.processes, *session.processes, *_own(target))) as sampler:
        await session.phase("steady")
        sampler.begin(session.origin)
        await session.phase("drain")
        return await sampler.end()


def _own(target: Target) -> tuple[Running, ...]:
    """This process and the keeper, on the cores where they are now."""
    return tuple(
        Running(
            name=name,
            role=HARNESS,
            pid=pid,
            cores=tuple(sorted(os.sched_getaffinity(pid))),
            nice=os.getpriority(os.PRIO_PROCESS, pid),
        )
        for name, pid in (("harness", os.getpid()), ("keeper", target.keeper.pid))
    )


def is_complete(processes: Sequence[Running], facts: Sequence[ProcessFacts]) -> bool:
    """Whether every process of the run is one that we watch, held to cores; the target's above all."""
    watched = {one.name for one in processes if one.cores}
    ours = any(one.role == "target" for one in processes)
    return ours and all(fact.name in watched for fact in facts)


async def _checkpoint_within(session: Session, target: Target, profile: LoadProfile) -> Checkpoint:
    """Ask for a checkpoint within steady, so that no run is spared one.

    A checkpoint happens every few minutes in production, and slows every write while it lasts: a run
    between two of them would flatter the target.
    """
    if not profile.checkpoint or "postgres" not in target.services:
        return Checkpoint()
    await session.phase("steady")
    await asyncio.sleep(CHECKPOINT_AT * profile.phases.steady_s)  # a moment of the plan, not an event
    began_s = time.monotonic() - session.origin
    if missing := await ask_checkpoint(target.services["postgres"]):
        return Checkpoint(missing=missing)
    return Checkpoint(began_s=began_s, ended_s=time.monotonic() - session.origin)


async def ask_checkpoint(address: str) -> str:
    """Have the Postgres at this DSN write all dirty pages, and wait; why it did not, or empty."""
    try:
        async with await psycopg.AsyncConnection.connect(address, autocommit=True) as connection:
            await connection.execute("CHECKPOINT")
    except psycopg.Error as error:
        return " ".join(str(error).split()) or type(error).__name__
    return ""
