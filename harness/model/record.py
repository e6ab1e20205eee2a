"""The record: everything a run measured, enough to judge it again without the target."""

from typing import Final

import msgspec
from msgspec import Struct

from harness.model.policy import Policy

SCHEMA: Final = "harness.record"
VERSION: Final = 1


class Machine(Struct, frozen=True, kw_only=True):
    """The machine of the run; `cpu_model` and `kernel` as the system names them."""

    cpu_count: int
    cpu_model: str
    memory_bytes: int
    kernel: str
    python: str


class ProcessFacts(Struct, frozen=True, kw_only=True):
    """One process of the run: what it was, and where it ran.

    `role` is `service` (Postgres, Redis, model), `target` or `generator`; `cores` are the processor
    numbers it was held to, empty where it was not; `nice` its scheduling niceness.
    """

    name: str
    role: str
    version: str
    cores: tuple[int, ...]
    nice: int
    log: str
    provider: str


class Skipped(Struct, frozen=True, kw_only=True):
    """A check that did not run, and why."""

    check: str
    reason: str


class Record(Struct, frozen=True, kw_only=True):
    """What `record.json` holds.

    `measurements` maps a check's name to its measurement, as JSON of that check's own type.
    `placement` says in sentences who shared which cores. `started_at`, `finished_at`, `judged_at`: ISO
    8601, UTC. `files` are paths within the run's folder.
    """

    schema: str = SCHEMA
    version: int = VERSION
    run: str
    harness: str
    target: str
    profile: str
    started_at: str
    finished_at: str
    judged_at: str
    machine: Machine
    processes: tuple[ProcessFacts, ...]
    placement: tuple[str, ...] = ()
    policy: Policy
    measurements: dict[str, msgspec.Raw]
    skipped: tuple[Skipped, ...] = ()
    files: tuple[str, ...] = ()
