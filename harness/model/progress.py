"""How a run tells what it is doing, to whoever shows it."""

from typing import Protocol

from msgspec import Struct


class RouteNow(Struct, frozen=True, kw_only=True):
    """One route over the last seconds of a load."""

    route: str
    requests_per_s: float
    p95_ms: float
    failed: int


class LoadNow(Struct, frozen=True, kw_only=True):
    """Where a load is: written about once a second. `generator_error_p95_ms` from the canary."""

    phase: str
    at_s: float
    left_s: float
    users: int
    requests_per_s: float
    failed: int
    generator_error_p95_ms: float
    routes: tuple[RouteNow, ...]


class Progress(Protocol):
    """Someone who watches a run."""

    def stage(self, text: str) -> None:
        """A new step began; `text` says which, in a few words."""
        ...

    def load(self, now: LoadNow) -> None:
        """A load moved on."""
        ...


class Silent:
    """A watcher that looks away."""

    def stage(self, text: str) -> None:
        """Ignore it."""

    def load(self, now: LoadNow) -> None:
        """Ignore it."""
