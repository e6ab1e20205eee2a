"""What a run is judged by: budgets, limits and waivers, resolved from harness.toml and kept in the record.

Judges see a policy and a measurement, nothing else.
"""

from enum import StrEnum

from msgspec import Struct


class RouteClass(StrEnum):
    """What kind of work a route does; gives the defaults of every budget it does not set."""

    POINT = "point"
    PAGE = "page"
    REPORT = "report"
    WRITE = "write"
    MODEL = "model"


class RoutePolicy(Struct, frozen=True, kw_only=True):
    """The budgets of one route.

    `route` is an operation, `METHOD /path/{template}`, or an operation with one query parameter that
    makes it a route of its own: `GET /contacts?q`. A p95 of 50 ms means that at most 5 % of the
    requests take longer. `hit_p95_ms` holds for answers that `Cache-Status` calls a hit.
    `refused_rate` is the permitted share of declared 503 answers with Retry-After, which are not
    errors; None where the route declares none, and every 503 is an error.
    """

    route: str
    route_class: RouteClass
    p95_ms: float
    p99_ms: float | None = None
    hit_p95_ms: float | None = None
    refused_rate: float | None = None
    statements: int | None = None
    """Most statements that one request may send; None where nothing is promised."""
    all_tenants: bool = False
    """Whether it reports on all tenants at once, and so may grow with their number."""
    declared: bool = True
    """Whether harness.toml names the route; an undeclared one has the defaults of its class."""
    class_declared: bool = False
    """Whether harness.toml names its class; else the class is a guess that the contract may better."""


class CachePolicy(Struct, frozen=True, kw_only=True):
    """The hit rate, 0 to 1, that one route's answers must reach in the steady phase."""

    name: str
    route: str
    hit_rate: float


class LoadPolicy(Struct, frozen=True, kw_only=True):
    """What the timed load is held to, budgets of routes apart.

    `error_rate`: permitted share of failed requests over all routes. `stall_rate`: permitted share of
    requests that take ten times their route's p95 budget and over a second. `freeze_s`: for longer than
    this, hardly anybody may wait at once. `achieved_rate`: least share of
    the planned requests that must have been answered in steady. `generator_error_p95_ms` and
    `send_lag_p99_ms`: beyond them the generator itself is too late, and the run invalid.
    `generator_cpu`: share of its core that the generator may use. Defaults are those of
    harness.toml, in LoadLimits; reasons: docs/rules/load-*.md.
    """

    users: int
    error_rate: float
    stall_rate: float
    freeze_s: float
    achieved_rate: float
    generator_error_p95_ms: float
    send_lag_p99_ms: float
    generator_cpu: float


class Waiver(Struct, frozen=True, kw_only=True):
    """Leave to release with one known finding, until the day `expires` (ISO date) begins, UTC."""

    fingerprint: str
    owner: str
    reason: str
    expires: str


class Policy(Struct, frozen=True, kw_only=True):
    """All that judges need besides measurements.

    `required` names the checks without which there is no verdict; `operations` are the operations of
    the target's contract, against which labels of samples and of budgets are matched.
    """

    profile: str
    required: tuple[str, ...]
    operations: tuple[str, ...]
    routes: tuple[RoutePolicy, ...]
    caches: tuple[CachePolicy, ...]
    load: LoadPolicy | None
    waivers: tuple[Waiver, ...]
