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
from harness.model.progress import Progress
from harness.prove.mutant import Mutant, Planting
from harness.prove.site import Phases, Site
from harness.prove.table import NO_VERDICT, CleanRun, Detection, clean_run, missed, score
from harness.run.run import Request, run
from harness.target.target import Target

INSIDE = Path(__file__).parent / "inside"


async def prove(
    request: Request, mutants: tuple[Mutant, ...], clean_runs: int, progress: Progress
) -> Detection:
    """Run the clean target and every mutant, one at a time; the request says profile and folder."""
    clean = []
    for number in range(1, clean_runs + 1):
        progress.stage(f"clean run {number} of {clean_runs}")
        try:
            finished = await run(request, progress)
        except Exception as error:  # noqa: BLE001 - as below; without one clean run nothing is proved
            clean.append(CleanRun(outcome=NO_VERDICT, alarms=(_cause(error),), run=""))
            continue
        clean.append(clean_run(finished.verdict, finished.folder.name))
    rows = []
    for mutant in mutants:
        progress.stage(f"mutant {mutant.id}: {mutant.sentence}")
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
            rows.append(missed(mutant, _cause(error)))
            continue
        rows.append(score(mutant, finished.verdict, finished.folder.name))
    return Detection(rows=tuple(rows), clean=tuple(clean))


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
