"""What the record keeps of an exercise. Times in seconds."""

from msgspec import Struct

from harness.exercise.model import Disagreement, Failure, Idle, Reached, Warmth


class Sent(Struct, frozen=True, kw_only=True):
    """A statement of a route, of answered requests: at least and at most so often in one of them.

    `sql` is its first 1,000 characters; `requests` counts those that sent it at all.
    """

    fingerprint: str
    sql: str
    least: int
    most: int
    requests: int


class Asked(Struct, frozen=True, kw_only=True):
    """A Redis command of a route by its name, over all its requests; hits and misses where they are told."""

    name: str
    count: int
    hits: int
    misses: int


class RouteWork(Struct, frozen=True, kw_only=True):
    """What `requests` answered requests of one operation did, cold or warm; `after` is what they set off."""

    operation: str
    warmth: Warmth
    requests: int
    statements: tuple[Sent, ...] = ()
    after: tuple[Sent, ...] = ()
    commands: tuple[Asked, ...] = ()


class ExerciseMeasurement(Struct, frozen=True, kw_only=True):
    """An exercise, without its windows.

    `answered` counts answers of 2xx; `statements`, `undecodable`, `refused` and
    `warm_only` as in Exercise. `wired` names the
    services on a wire; `addressed` those whose address harness.toml gives to the target by placeholder.
    """

    operations: tuple[Reached, ...]
    routes: tuple[RouteWork, ...]
    idle: tuple[Idle, ...]
    disagreements: tuple[Disagreement, ...]
    failures: tuple[Failure, ...]
    cut: tuple[str, ...]
    statements: int
    undecodable: dict[str, int]
    unwired: dict[str, str]
    wired: tuple[str, ...]
    addressed: tuple[str, ...]
    requests: int
    answered: int
    took_s: float
    refused: dict[str, int] = {}
    warm_only: str = ""
