"""What a load is to be: the one file that session, master and workers all read."""

import os
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from harness.errors import ConfigurationError

BLOCKS: Final = 30
"""Steady is cut into so many blocks. The judge's t bound wants at least 20 with samples: a rare route has
none in some, and must not be silenced by them."""


class PhaseLengths(Struct, frozen=True, kw_only=True):
    """Lengths of the phases, in seconds. Only steady is judged."""

    warm_up_s: float
    ramp_s: float
    steady_s: float
    drain_s: float


class Caller(Struct, frozen=True, kw_only=True):
    """Someone whom users may act for: `headers` are sent with each request of such a user."""

    name: str
    tenant: str
    role: str
    headers: dict[str, str]


class LoadPlan(Struct, frozen=True, kw_only=True):
    """One load: who, how many, how long, against what.

    `workload` is the path of a Python file with scenarios; `think_s` a mean think time for all
    scenarios instead of their own; `timeout_s` the age at which a request is given up; `base_urls`
    the target's instances, without a trailing slash, over which users are spread; `web_ui` shows
    Locust's own page on 127.0.0.1 while it runs. `workers` are processes that make the load.
    """

    workload: str
    users: int
    phases: PhaseLengths
    seed: int
    timeout_s: float
    base_urls: tuple[str, ...]
    identities: tuple[Caller, ...] = ()
    think_s: float | None = None
    web_ui: bool = False
    workers: int = 1
    canary_delay_ms: float = 20.0

    @property
    def block_s(self) -> float:
        """The length of a block of time, in seconds."""
        return self.phases.steady_s / BLOCKS


class Briefing(Struct, frozen=True, kw_only=True):
    """A plan and where its processes meet, as the session writes it for them.

    `token` is what the master shows when it connects to `events_port`, so that nobody else's events
    are taken for its own.
    """

    plan: LoadPlan
    master_port: int
    web_port: int
    canary_port: int
    events_port: int
    token: str
    result: str

    def write(self, file: Path) -> None:
        """Write it, readable by its owner alone: callers' credentials are in it."""
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(msgspec.json.encode(self))


def read_briefing(file: Path) -> Briefing:
    """The briefing in a file. Raises ConfigurationError where there is none."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=Briefing)
    except (OSError, msgspec.DecodeError) as error:
        raise ConfigurationError(
            f"{file}: no briefing of a load ({error}); start loads by a session"
        ) from error
