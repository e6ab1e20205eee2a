"""Plant each mutant, run the check that must see it, and score what the verdict said."""

import asyncio
import inspect
import os
import runpy
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import psycopg

from harness.config.settings import Settings
from harness.errors import ConfigurationError
from harness.gate.checks import CHECKS
from harness.model.progress import Progress
from harness.prove.mutant import Mutant, Planting
from harness.prove.site import Phases, Site
from harness.prove.table import NO_VERDICT, CleanRun, Detection, Row, clean_run, missed, score
from harness.run.run import Request, run
from harness.target.target import Target

INSIDE = Path(__file__).parent / "inside"


async def prove(
    request: Request, mutants: tuple[Mutant, ...], clean_runs: int, progress: Progress, jobs: int = 1
) -> Detection:
    """Run the clean target and every mutant; the request says profile and folder.

    `jobs` of them go on at once. Raises ConfigurationError where that would disturb what is timed.
    """
    if jobs > 1 and any(not check.needs.wires for check in CHECKS if check.name in request.checks):
        message = f"--jobs {jobs}: load is timed, and neighbours would disturb it; prove it with --jobs 1"
        raise ConfigurationError(message)
    turn = asyncio.Semaphore(jobs)

    async def clean(number: int) -> CleanRun:
        async with turn:
            progress.stage(f"clean run {number} of {clean_runs}")
            return await _clean(request, progress)

    async def planted(mutant: Mutant) -> Row:
        async with turn:
            progress.stage(f"mutant {mutant.id}: {mutant.sentence}")
            return await _planted(request, mutant, progress)

    runs = await asyncio.gather(*(clean(number) for number in range(1, clean_runs + 1)))
    rows = await asyncio.gather(*(planted(mutant) for mutant in mutants))
    return Detection(rows=tuple(rows), clean=tuple(runs))


async def _clean(request: Request, progress: Progress) -> CleanRun:
    """One run of the unchanged target; without one that comes to a verdict nothing is proved."""
    try:
        finished = await run(request, progress)
    except Exception as error:  # noqa: BLE001 - whatever breaks it, the mutants still count
        return CleanRun(outcome=NO_VERDICT, alarms=(_cause(error),), run="")
    return clean_run(finished.verdict, finished.folder.name)


async def _planted(request: Request, mutant: Mutant, progress: Progress) -> Row:
    """One run with the mutant, by the check of its family."""
    phases = Phases(progress)
    planted = replace(
        request,
        settings=_with_inside(request.settings, mutant),
        checks=(mutant.family,),
        beside=_beside(mutant, phases),
    )
    try:
        finished = await run(planted, phases)
    except Exception as error:  # noqa: BLE001 - whatever a mutant breaks, the others still count
        return missed(mutant, _cause(error))
    return score(mutant, finished.verdict, finished.folder.name)


def _cause(error: Exception) -> str:
    """What broke a run, in a line: of several tasks that broke together, the first."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}"


def _with_inside(settings: Settings, mutant: Mutant) -> Settings:
    """The same target, started so that its Python processes load the mutant."""
    if mutant.planting is not Planting.INSIDE:
        return settings
    process = settings.target.process
    if process is None:
        message = f"{mutant.id} is planted inside [target.process], and the target has none"
        raise ConfigurationError(message)
    path = os.pathsep.join(filter(None, (str(INSIDE), process.env.get("PYTHONPATH"))))
    env = process.env | {"PYTHONPATH": path, "HARNESS_MUTANT": str(mutant.path)}
    target = settings.target.model_copy(update={"process": process.model_copy(update={"env": env})})
    return settings.model_copy(update={"target": target})


def _beside(mutant: Mutant, phases: Phases) -> Callable[[Target], AbstractAsyncContextManager[None]]:
    """What goes on beside the checks while this mutant is planted."""

    @asynccontextmanager
    async def beside(target: Target) -> AsyncIterator[None]:
        if mutant.planting is Planting.SQL:
            async with await psycopg.AsyncConnection.connect(target.services["postgres"]) as connection:
                await connection.execute(mutant.path.read_bytes())
        if mutant.planting is not Planting.OUTSIDE:
            yield
            return
        outside = runpy.run_path(str(mutant.path))["outside"]
        if not inspect.iscoroutinefunction(outside):
            message = f"{mutant.path}: outside(site) must be async"
            raise ConfigurationError(message)
        task = asyncio.create_task(outside(Site(target, phases)))
        try:
            yield
            # The checks are over: a fault that still waits for its moment was never planted.
            if not task.done():
                message = f"{mutant.path}: outside(site) had not ended when the checks had"
                raise ConfigurationError(message)
            await task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    return beside
