"""What the exercise sent and what crossed the wires meanwhile. Times: seconds of CLOCK_MONOTONIC."""

from enum import StrEnum

from msgspec import Struct

from harness.wires.model import Command, Statement
from harness.wires.statements import Query


class Warmth(StrEnum):
    """Whether the shared caches were emptied just before the request, or have just answered the same."""

    COLD = "cold"
    WARM = "warm"


class Call(Struct, frozen=True, kw_only=True):
    """One request of the exercise and its answer.

    `operation` is `METHOD /path/{template}`; `target` the path and query as sent; `variant` says how it
    differs from the plain request (`` for the plain one, `limit=100`, `include=lines`, `offset=5000`);
    `page` is its page size where one was asked for, `bounded` whether the contract limits page numbers
    or offsets by a maximum. `lengths` has, for every array of the JSON answer by its path (`/items`,
    `/items/*/lines`), how many elements it holds over all its occurrences; those of the request's body
    are `sent /lines`. `status` 0: no answer.
    """

    operation: str
    identity: str
    tenant: str
    target: str
    variant: str
    warmth: Warmth
    status: int
    started_s: float
    ended_s: float
    answer_bytes: int
    lengths: dict[str, int] = {}
    page: int | None = None
    instance: int = 0


class Seen(Struct, frozen=True, kw_only=True):
    """A statement within a window: its fingerprint, the event, and the route that a comment in it names."""

    fingerprint: str
    statement: Statement
    route: str = ""


class Window(Struct, frozen=True, kw_only=True):
    """A call, and what belongs to it.

    `statements` crossed the wire in transactions that began between request and answer, less what the
    idle target does; `after` are those that the call set off and that began after its answer (jobs).
    `unused` are columns (`fingerprint`, column name) whose sampled value is nowhere in the answer nor in
    a later parameter. `left_open` counts transactions still open once the target was quiet again;
    `waited_s` is the longest pause of the target inside one of its open transactions.
    """

    call: Call
    statements: tuple[Seen, ...] = ()
    after: tuple[Seen, ...] = ()
    commands: tuple[Command, ...] = ()
    unused: tuple[tuple[str, str], ...] = ()
    left_open: int = 0
    waited_s: float = 0.0


class Reached(Struct, frozen=True, kw_only=True):
    """How far the exercise got with one operation.

    `reached` where at least one request as at least one identity was answered with a declared 2xx or
    3xx; else `reason` says why not, for the person who can give a hint. `statuses` counts answers.
    `looks_like` is the class of route that its contract suggests: point, page, report, write, model.
    """

    operation: str
    reached: bool
    statuses: dict[str, int] = {}
    reason: str = ""
    looks_like: str = ""
    pages_bounded: bool = True
    """False where a page number or offset may be any number: no end in the contract, and none refused;
    and where there is a cursor instead."""


class Disagreement(Struct, frozen=True, kw_only=True):
    """A statement whose own `route='…'` comment names another route than its window."""

    operation: str
    comment: str
    sql: str


class Idle(Struct, frozen=True, kw_only=True):
    """A statement that the target runs unasked: `count` in `watched_s` seconds."""

    fingerprint: str
    sql: str
    count: int
    watched_s: float


class Failure(Struct, frozen=True, kw_only=True):
    """A valid request that the server answered with 5xx, or not at all (status 0).

    `request` is method and target as sent; `answer` the beginning of the answer, or the reason that there
    was none; `refused` where it is a refusal in form: 501, or 503 with Retry-After.
    """

    operation: str
    identity: str
    request: str
    status: int
    answer: str
    refused: bool = False


class Exercise(Struct, frozen=True, kw_only=True):
    """The whole pass, for the checks. `queries` are all distinct statements, idle ones included.

    `statements` is how many crossed the wire in all; 0 although requests were answered means that the
    target does not use the address it was given. `undecodable` counts connections that could not
    be read, by kind of service, `refused` those that the service did not take; `warm_only` says why the
    shared cache could not be emptied: what is called cold then was not.
    `failures` has at most three of an operation; `cut` says in sentences what was left out for lack of
    requests or time; `unwired` why a service is not on a wire, by kind; `requests` counts what was sent.
    """

    operations: tuple[Reached, ...]
    windows: tuple[Window, ...]
    queries: tuple[Query, ...]
    idle: tuple[Idle, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
    statements: int = 0
    undecodable: dict[str, int] = {}
    refused: dict[str, int] = {}
    warm_only: str = ""
    took_s: float = 0.0
    requests: int = 0
    failures: tuple[Failure, ...] = ()
    cut: tuple[str, ...] = ()
    unwired: dict[str, str] = {}
