"""Who runs on which core, so that the generator and the services do not slow the target they time."""

import os
from collections.abc import Collection
from typing import Final, Self

from msgspec import Struct

MODEL_NICE: Final = 15
"""Decoding takes all it gets: at 15 Postgres and the generator have 29 times its weight on their core."""
ROOMY: Final = 3
"""From so many cores for services on, Postgres, Redis and the model find a core each."""


class Placement(Struct, frozen=True, kw_only=True):
    """Processor numbers by role; `model_nice` is the niceness of the model server, which is a service.

    One core: all share it. Two: the target has one, everything else the other. More: the target has
    half of them, services and generator the rest, apart.
    """

    target: tuple[int, ...]
    services: tuple[int, ...]
    generator: tuple[int, ...]
    model_nice: int

    @classmethod
    def of(cls, cores: Collection[int]) -> Self:
        """The placement on these processors."""
        ordered = tuple(sorted(cores))
        target = services = generator = ordered
        if len(cores) > 1:
            half = len(ordered) // 2
            target, rest = ordered[:half], ordered[half:]
            middle = (len(rest) + 1) // 2
            services, generator = rest[:middle], rest[middle:] or rest
        nice = MODEL_NICE if len(services) < ROOMY else 0
        return cls(target=target, services=services, generator=generator, model_nice=nice)

    @classmethod
    def here(cls) -> Self:
        """The placement on the processors that this process may use."""
        return cls.of(os.sched_getaffinity(0))

    def shared(self) -> tuple[str, ...]:
        """Sentences that say which roles share processors; for the report."""
        if self.target == self.generator:
            return (f"The target, the services and the generator share {named(self.target)}.",)
        sentences = [f"The target has {named(self.target)} to itself."]
        if self.services == self.generator:
            sentences.append(f"Services and generator share {named(self.services)}.")
        else:
            sentences.append(f"The services share {named(self.services)}.")
            sentences.append(f"The generator has {named(self.generator)} to itself.")
        if self.model_nice:
            sentences.append(f"The model server runs at niceness {self.model_nice} beside the others.")
        return tuple(sentences)


def named(cores: tuple[int, ...]) -> str:
    """`core 1`, `cores 2 and 3`, `cores 4, 5 and 6`."""
    if len(cores) == 1:
        return f"core {cores[0]}"
    return f"cores {', '.join(str(core) for core in cores[:-1])} and {cores[-1]}"
