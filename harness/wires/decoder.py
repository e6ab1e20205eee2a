"""What a relay asks of the decoder of its wire; sans-IO, one for each connection."""

from collections.abc import Iterable
from typing import Protocol

from harness.wires.model import Event


class Decoder(Protocol):
    """Reads both directions of one connection and tells what happened; it never raises and never blocks.

    Where a chunk ends does not matter. `at_s` is the time at which the relay read the chunk. A decoder
    is made with the connection's number and the wire's counter of transactions:
    `PostgresDecoder(connection, transactions)`.
    """

    @property
    def in_flight(self) -> int:
        """Requests that the service has not answered yet; 0 once the connection is undecodable."""

    def to_service(self, data: bytes, at_s: float) -> Iterable[Event]:
        """Bytes from the target to the service."""

    def from_service(self, data: bytes, at_s: float) -> Iterable[Event]:
        """Bytes from the service to the target."""

    def closed(self, at_s: float) -> Iterable[Event]:
        """The connection's end; no other method is called after it."""
