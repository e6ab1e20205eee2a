"""A check as a value: what it needs, how it measures, how it judges."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from msgspec import Struct

from harness.model.finding import Finding
from harness.model.policy import Policy

M = TypeVar("M", bound=Struct)


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What a target must offer for a check to run.

    `services` by kind (`postgres`, `redis`, `model`); `identities` at least so many; `disposable`
    where the check writes, drops, kills or loads; `sections` of harness.toml without which the check
    has nothing to do and is left out by name. `wires` where the target must be on them: everything
    functional; timed load goes direct. `exercise` where the check looks at what the exercise did.
    """

    services: tuple[str, ...] = ()
    identities: int = 0
    disposable: bool = False
    sections: tuple[str, ...] = ()
    wires: bool = False
    exercise: bool = False


@dataclass(frozen=True, kw_only=True)
class Check(Generic[M]):
    """One room of the harness.

    `measure` touches the world and judges nothing; it is given what its parameters name (`target`,
    `settings`, `folder`, `progress`, …) and never asks which target it has. `judge` is pure: the same
    measurement and policy give the same findings, on any machine and without the target.
    """

    name: str
    needs: Needs
    measurement: type[M]
    measure: Callable[..., Awaitable[M]]
    judge: Callable[[M, Policy], Iterable[Finding]]
