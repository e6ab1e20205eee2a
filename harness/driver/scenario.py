"""Scenarios: classes of users, read like Locust's, with bodies that are coroutines.

    class Sales(User):
        weight = 3
        wait_time = between(10, 20)

        @task(4)
        async def look(self) -> None:
            answer = await self.client.get("/contacts/7", route="GET /contacts/{id}")
            if answer.ok and b"name" not in answer.body:
                self.fail(answer, "no name in it")

The same file is loaded by Locust's master, where the classes must be Locust's, and by our worker, where
Locust is never imported: whichever is there becomes the parent.
"""

import importlib
import importlib.util
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from itertools import accumulate
from pathlib import Path
from random import Random
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar

from harness.driver.clock import Think, between
from harness.driver.connection import Answer
from harness.driver.plan import Caller
from harness.errors import ConfigurationError

if TYPE_CHECKING or "locust" not in sys.modules:

    class Parent:
        """What stands in for locust.User in a process without Locust."""

        abstract: ClassVar[bool] = True
        weight: ClassVar[float] = 1

else:
    from locust import User as Parent

if TYPE_CHECKING:
    from harness.driver.client import Client

Step = Callable[[Any], Awaitable[None]]
S = TypeVar("S", bound=Step)
WEIGHT: Final = "locust_task_weight"
"""Locust's own mark, so that its master shows the tasks and their ratios."""


def task(weight: int) -> Callable[[S], S]:
    """Mark a coroutine method as a task that is chosen `weight` times as often as one of weight 1."""

    def mark(step: S) -> S:
        setattr(step, WEIGHT, weight)
        return step

    return mark


class User(Parent):
    """A kind of user.

    `weight` is its share among all kinds; `wait_time` its think time between tasks, which are marked with
    @task or listed in `tasks` with their weights.
    One instance is one user: `client` is its own connection, `random` its own seeded source, `identity`
    one of the plan's callers (None without any), `data` what the workload's `prepare` returned.
    """

    abstract = True
    weight: ClassVar[float] = 1
    wait_time: ClassVar[Think] = between(10, 20)
    tasks: ClassVar[Mapping[Step, int]] = {}
    steps: ClassVar[tuple[Step, ...]] = ()
    step_weights: ClassVar[tuple[int, ...]] = ()

    client: "Client"
    random: Random
    identity: Caller | None
    data: Any

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "abstract" not in cls.__dict__:
            cls.abstract = False
        found: dict[str, tuple[Step, int]] = {}
        for ancestor in reversed(cls.__mro__):
            for name, member in vars(ancestor).items():
                if hasattr(member, WEIGHT):
                    found[name] = (member, getattr(member, WEIGHT))
            # Locust's metaclass turns `tasks` into a list with each task as often as its weight says.
            for step, weight in Counter(vars(ancestor).get("tasks", ())).items():
                found[step.__name__] = (step, weight)
        cls.steps = tuple(step for step, _ in found.values())
        cls.step_weights = tuple(accumulate(weight for _, weight in found.values()))

    def __init__(self, client: "Client", random: Random, identity: Caller | None, data: object) -> None:
        # Locust's own __init__ is for its greenlets, and its master makes no users.
        self.client = client
        self.random = random
        self.identity = identity
        self.data = data

    async def on_start(self) -> None:
        """What the user does first, once; its requests are timed like all others."""

    def choose(self) -> Step:
        """The next task, by weight."""
        return self.random.choices(self.steps, cum_weights=self.step_weights)[0]

    def fail(self, answer: Answer, why: str) -> None:
        """Count the last request as failed, because of what is in its answer."""
        self.client.fail("content", f"{why}; status {answer.status}, {answer.body[:120]!r}")


class Workload:
    """What a workload file holds: kinds of users by name, `prepare` or None, and its own words."""

    def __init__(self, kinds: Mapping[str, type[User]], module: ModuleType) -> None:
        self.kinds = kinds
        self.prepare: Callable[..., Awaitable[object]] | None = getattr(module, "prepare", None)
        self.words = " ".join((module.__doc__ or "").split())

    def describe(self, think_s: float | None) -> str:
        """Arrivals, think time and mix, in one paragraph."""
        total = sum(kind.weight for kind in self.kinds.values())
        kinds = []
        for name, kind in self.kinds.items():
            think = kind.wait_time if think_s is None else kind.wait_time.scaled(think_s)
            kinds.append(f"{name} {kind.weight / total:.0%}, think time {think.law}")
        return f"{self.words} Closed arrivals: {'; '.join(kinds)}."


def load_workload(file: str) -> Workload:
    """The workload in a Python file, which may be a module of a package and import its neighbours.

    Raises ConfigurationError where it cannot be loaded, or has no kind of user with a task.
    """
    path = Path(file).resolve()
    if not path.is_file():
        raise ConfigurationError(f"{file}: there is no such workload; name a Python file beside harness.toml")
    names = [path.stem]
    folder = path.parent
    while (folder / "__init__.py").is_file():
        names.insert(0, folder.name)
        folder = folder.parent
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    try:
        module = imported(path, ".".join(names), packaged=len(names) > 1)
    except Exception as error:
        raise ConfigurationError(f"{file}: cannot be loaded: {type(error).__name__}: {error}") from error
    kinds = {
        name: member
        for name, member in vars(module).items()
        if isinstance(member, type) and issubclass(member, User) and not member.abstract
    }
    mistakes = [
        f"{file}: {name} has no task; mark a coroutine method with @task(1)"
        for name, kind in kinds.items()
        if not kind.steps
    ]
    if not kinds:
        mistakes.append(f"{file}: no class of it is a User of harness.driver; write one with a @task")
    if mistakes:
        raise ConfigurationError(*mistakes)
    return Workload(kinds, module)


def imported(path: Path, name: str, *, packaged: bool) -> ModuleType:
    """The module of a file: by its dotted name in a package, else under a name that nothing else has."""
    if packaged:
        return importlib.import_module(name)
    spec = importlib.util.spec_from_file_location(f"workload_{name}", path)
    if spec is None or spec.loader is None:
        raise ConfigurationError(f"{path}: not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
