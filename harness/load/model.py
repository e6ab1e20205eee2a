"""What a timed load measured: the generator's result, and what the machine did meanwhile."""

from msgspec import Struct

from harness.driver.result import LoadResult


class ProcessUsage(Struct, frozen=True, kw_only=True):
    """One process and its children during steady.

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
    """All that judging a load needs. `checkpoint_s`: when a CHECKPOINT ran, since the origin, or None."""

    result: LoadResult
    processes: tuple[ProcessUsage, ...]
    cores: tuple[CoreUsage, ...]
    usage: tuple[UsagePoint, ...]
    checkpoint_s: float | None
