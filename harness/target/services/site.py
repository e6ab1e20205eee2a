"""Where the services of one run stand: whose children they are, where they write, on which cores."""

from dataclasses import dataclass
from pathlib import Path

from harness.target.folders import Cache
from harness.target.keeper import Keeper
from harness.target.ports import Ports


@dataclass(frozen=True, kw_only=True)
class Site:
    """What an embedded service needs from the run.

    `data` is the run's data folder in the cache, removed at its end; `logs` is in the run's record;
    `cores` and `model_nice` come from the placement. `load` is True where times are taken: services
    then keep their promises to the disk, and else save the time.
    """

    keeper: Keeper
    cache: Cache
    ports: Ports
    data: Path
    logs: Path
    cores: tuple[int, ...]
    model_nice: int
    load: bool
    python: str
