"""What checks may ask for by name; the dear things are made when first asked for, and once."""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from typing import Any

from harness.config.settings import Settings
from harness.errors import ServiceFailed
from harness.exercise.exercise import exercise
from harness.exercise.model import Exercise
from harness.model.check import Check
from harness.model.progress import Progress
from harness.planner.laboratory import Laboratory, laboratory
from harness.target.target import Target


class Offered:
    """The things of one launch. What is opened for a check is closed by `stack`, before the target is."""

    def __init__(
        self,
        target: Target,
        settings: Settings,
        progress: Progress,
        stack: AsyncExitStack,
        more: Mapping[str, object],
    ) -> None:
        self._target = target
        self._settings = settings
        self._progress = progress
        self._stack = stack
        self._made: dict[str, object] = {
            "target": target,
            "settings": settings,
            "progress": progress,
            **more,
        }
        self._failed: dict[str, ServiceFailed] = {}
        self._makers: dict[str, Callable[[], Awaitable[object]]] = {
            "exercise": self._exercise,
            "planner": self._planner,
        }

    async def arguments(self, check: Check[Any]) -> dict[str, object]:
        """What the check's `measure` asks for by the names of its parameters."""
        return {name: await self._get(name) for name in inspect.signature(check.measure).parameters}

    async def _get(self, name: str) -> object:
        if failed := self._failed.get(name):
            raise failed
        if name not in self._made:
            try:
                self._made[name] = await self._makers[name]()
            except ServiceFailed as error:
                self._failed[name] = error
                raise
        return self._made[name]

    async def _exercise(self) -> Exercise:
        self._progress.stage("exercise: every operation, as every identity")
        return await exercise(self._target, self._settings, self._progress)

    async def _planner(self) -> Laboratory:
        done = await self._get("exercise")
        assert isinstance(done, Exercise)  # noqa: S101 - made by _exercise; for the type checker
        self._progress.stage("planner: a copy of the data, to be scaled")
        opened = laboratory(self._target, self._settings, done.queries, self._progress)
        return await self._stack.enter_async_context(opened)
