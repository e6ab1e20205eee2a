"""The running target, as checks see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from msgspec import Struct

from harness.model.record import ProcessFacts
from harness.target.keeper import Keeper
from harness.target.placement import Placement
from harness.target.ports import Ports
from harness.target.services.site import Site
from harness.wires.wire import Wire


class Identity(Struct, frozen=True, kw_only=True):
    """A caller with credentials: `headers` are sent with each of its requests."""

    name: str
    tenant: str
    role: str
    plan: str
    headers: dict[str, str]


class Contract(Struct, frozen=True, kw_only=True):
    """The target's OpenAPI document; `operations` are `METHOD /path/{template}`, in its order."""

    version: str
    operations: tuple[str, ...]
    document: bytes


class Running(Struct, frozen=True, kw_only=True):
    """A process to watch; `role` is `service`, `target` or `generator`."""

    name: str
    role: str
    pid: int
    cores: tuple[int, ...]
    nice: int


@dataclass(frozen=True, kw_only=True)
class Target:
    """What was launched.

    `instances` are base URLs without a trailing slash; `services` maps a kind (`postgres`, `redis`,
    `model`) to its own address, past any wire; `providers` to where it comes from, `versions` to what
    runs there. `wires` has the relay of each kind that is on one, `unwired` why another is not; both are
    empty where the target was launched direct. `site` is where further services of the run are started;
    `folder` is the run's, logs under `folder/logs`.
    """

    name: str
    instances: tuple[str, ...]
    contract: Contract
    identities: tuple[Identity, ...]
    services: Mapping[str, str]
    providers: Mapping[str, str]
    versions: Mapping[str, str]
    wires: Mapping[str, Wire]
    unwired: Mapping[str, str]
    site: Site
    processes: tuple[Running, ...]
    facts: tuple[ProcessFacts, ...]
    keeper: Keeper
    placement: Placement
    ports: Ports
    folder: Path
