"""What the harness and its relays say to each other: one JSON document a line."""

from typing import Final, Literal

import msgspec
from msgspec import Struct

from harness.wires.model import Counters, Fault


class Order(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the relay is to do. `number` names a set of faults, for mending it."""

    id: int
    do: Literal["counters", "settle", "break", "mend"]
    quiet_s: float = 0.0
    within_s: float = 0.0
    number: int = 0
    faults: tuple[Fault, ...] = ()


class Answer(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What came of the order with this id; `error` says why nothing did."""

    id: int
    counters: Counters | None = None
    error: str = ""


ORDER: Final = msgspec.json.Decoder(Order)
ANSWER: Final = msgspec.json.Decoder(Answer)
