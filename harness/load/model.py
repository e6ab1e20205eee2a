"""What a timed load measured: the generator's result, and what the machine did meanwhile."""

from typing import Final

from msgspec import Struct

from harness.driver.result import LoadResult

HARNESS: Final = "harness"
"""The role of our own process and of the keeper: watched so that they are not taken for neighbours."""


class ProcessUsage(Struct, frozen=True, kw_only=True):
    """One process and its children during steady; `role` as in Running, or `harness` for our own, alone.

    `cpu_share` is CPU seconds per second (1.0 = one core); `memory_bytes` the proportional set size
    at the end of steady, `memory_start_bytes` at its beginning.
    """

    name: str
    role: str
    cores: tuple[int, ...]
    nice: int
    cpu_share: float
    memory_bytes: int
    memory_start_bytes: int


class CoreUsage(Struct, frozen=True, kw_only=True):
    """One processor core during steady: busy and stolen shares of time, 0 to 1."""

    core: int
    busy: float
    steal: float


class UsagePoint(Struct, frozen=True, kw_only=True):
    """CPU share of each process over one second, for the picture over time."""

    at_s: float
    cpu_share: dict[str, float]


class LoadMeasurement(Struct, frozen=True, kw_only=True):
    """All that judging a load needs.

    `checkpoint_s` and `checkpoint_end_s`: when a CHECKPOINT began and had ended, since the origin;
    `checkpoint_missing` says why one that was wanted did not happen, or is empty. `complete`: every
    process of the run is among `processes` and held to cores, so that other work on those cores is
    foreign. `vanished` names processes that were gone before the end of steady.
    """

    result: LoadResult
    processes: tuple[ProcessUsage, ...]
    cores: tuple[CoreUsage, ...]
    usage: tuple[UsagePoint, ...]
    checkpoint_s: float | None
    checkpoint_end_s: float | None = None
    checkpoint_missing: str = ""
    complete: bool = False
    vanished: tuple[str, ...] = ()
