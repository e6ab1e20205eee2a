"""What Locust's master tells the session while a load runs, one JSON line each."""

from typing import Final

import msgspec
from msgspec import Struct

from harness.driver.result import Phase
from harness.model.progress import LoadNow


class Hello(Struct, frozen=True, kw_only=True, tag="hello"):
    """The first line of a connection, with the briefing's token."""

    token: str


class Origin(Struct, frozen=True, kw_only=True, tag="origin"):
    """The run begins: `origin` on CLOCK_MONOTONIC, phases in seconds from it."""

    origin: float
    phases: tuple[Phase, ...]


class Now(Struct, frozen=True, kw_only=True, tag="now"):
    """Where the load is, once a second."""

    now: LoadNow


Event = Hello | Origin | Now

ENCODER: Final = msgspec.json.Encoder()
DECODER: Final[msgspec.json.Decoder[Event]] = msgspec.json.Decoder(Event)


def line(event: Event) -> bytes:
    """An event as a line."""
    return ENCODER.encode(event) + b"\n"
