"""The settings of a run: the shape of harness.toml, section by section, for any target.

Values may hold placeholders that the target's launch fills in: `{port}`, `{size}`, `{postgres}`,
`{redis}`, `{model}` (addresses of services), `{python}` (the harness's interpreter), `{env:NAME}`.
"""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from harness.model.policy import RouteClass

Positive = Annotated[float, Field(gt=0)]
Share = Annotated[float, Field(ge=0, le=1)]


class Section(BaseModel):
    """A table of harness.toml: frozen, and unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ProcessSettings(Section):
    """How the target's own process is started: `command` once per instance, after all of `prepare`."""

    command: tuple[str, ...] = Field(min_length=1)
    prepare: tuple[tuple[str, ...], ...] = ()
    env: dict[str, str] = {}
    ready: str = "/health"
    ready_s: Positive = 60
    prepare_s: Positive = 300
    instances: Annotated[int, Field(ge=1, le=16)] = 1


class ContainerSettings(Section):
    """The target as a container; tried on an engine by a later issue."""

    image: str
    port: int
    env: dict[str, str] = {}
    ready: str = "/health"
    ready_s: Positive = 60


class WorkerSettings(Section):
    """A further process of the target, started with the target's environment."""

    command: tuple[str, ...] = Field(min_length=1)
    env: dict[str, str] = {}


class TargetSettings(Section):
    """The system measured; exactly one of `process`, `container` and `base_url`."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    openapi: str
    disposable: bool = False
    base_url: str = ""
    size: Annotated[int, Field(ge=1)] = 1
    process: ProcessSettings | None = None
    container: ContainerSettings | None = None
    workers: dict[str, WorkerSettings] = {}


class ServiceSettings(Section):
    """Where one service comes from; `address` for the external provider, `image` for containers."""

    provider: Literal["embedded", "container", "external"] = "embedded"
    version: str = ""
    address: str = ""
    image: str = ""
    pull: tuple[str, ...] = ()
    """Models that the Ollama container fetches before it counts as started."""
    port: Annotated[int, Field(ge=0, le=65535)] = 0
    """0: a free one is found; otherwise this one, and a clear error where it is taken."""


class ServicesSettings(Section):
    """The services that the target uses; an absent one is not started."""

    postgres: ServiceSettings | None = None
    redis: ServiceSettings | None = None
    model: ServiceSettings | None = None


class LoginSettings(Section):
    """How an identity gets its credentials: an operation, its JSON body, and where the token is.

    `token` is a JSON pointer into the answer; it is sent as `header: scheme token`.
    """

    operation: str
    body: dict[str, str]
    token: str = "/token"  # noqa: S105 - a JSON pointer
    header: str = "Authorization"
    scheme: str = "Bearer"


class IdentitySettings(Section):
    """A caller: tenant, role, and either fixed headers or a login."""

    name: str
    tenant: str
    role: str = ""
    plan: Literal["raised", "ordinary"] = "ordinary"
    headers: dict[str, str] = {}
    login: LoginSettings | None = None


class RouteSettings(Section):
    """The budgets of one route; what is absent comes from the class."""

    route_class: RouteClass | None = Field(default=None, alias="class")
    p95_ms: Positive | None = None
    p99_ms: Positive | None = None
    hit_p95_ms: Positive | None = None
    refused_rate: Share | None = None
    statements: Annotated[int, Field(ge=0)] | None = None
    """Most statements that one request may send; None where nothing is promised."""
    all_tenants: bool = False
    """Whether it reports on all tenants at once, and so may grow with their number."""


class PhaseSettings(Section):
    """Lengths of the phases, in seconds; only `steady_s` is judged."""

    warm_up_s: Annotated[float, Field(ge=0)] = 30
    ramp_s: Annotated[float, Field(ge=0)] = 60
    steady_s: Positive = 60
    drain_s: Positive = 10


class LoadProfile(Section):
    """One load: who, how many, how long. `workload` is a Python file beside harness.toml.

    `routes` are budgets that hold for this profile instead of those of [routes], `hit_rates` promises
    of caches instead of those of [cache]: a short load finds them colder.
    """

    workload: str
    users: Annotated[int, Field(ge=1, le=1_000_000)]
    phases: PhaseSettings = PhaseSettings()
    seed: int = 1
    timeout_s: Positive = 10
    """A request that takes longer is given up, and counts as failed at that age."""
    think_s: Positive | None = None
    """Mean think time for all scenarios instead of their own; small loads use it to be busy."""
    checkpoint: bool = True
    """Whether a CHECKPOINT is asked of Postgres in the middle of steady."""
    size: Annotated[int, Field(ge=1)] | None = None
    routes: dict[str, RouteSettings] = {}
    hit_rates: dict[str, Share] = {}


class LoadLimits(Section):
    """What the load is held to besides the budgets of routes; see LoadPolicy."""

    error_rate: Share = 0.001
    stall_rate: Share = 0.005
    freeze_s: Positive = 1.0
    achieved_rate: Share = 0.99
    generator_error_p95_ms: Positive = 15
    send_lag_p99_ms: Positive = 50
    generator_cpu: Share = 0.9


class LoadSettings(Section):
    """[load]: limits, and profiles by name."""

    limits: LoadLimits = LoadLimits()
    profiles: dict[str, LoadProfile] = {}


class CacheSettings(Section):
    """What one cached operation promises."""

    operation: str
    hit_rate: Share


class HintSettings(Section):
    """What the exercise cannot guess of one operation; given values win over everything else."""

    path: dict[str, str] = {}
    query: dict[str, str] = {}
    headers: dict[str, str] = {}
    body: dict[str, Any] | list[Any] | None = None
    skip: str = ""
    """Why the operation is not to be sent at all; empty: it is sent."""


class ExerciseSettings(Section):
    """[exercise]: how every operation is tried, one request at a time.

    `repeats` of each request, cold and warm each; `idle_s` the target is watched unasked;
    `variants` is the most forms of one operation.
    """

    repeats: Annotated[int, Field(ge=1, le=20)] = 2
    idle_s: Positive = 3
    variants: Annotated[int, Field(ge=1, le=100)] = 24
    timeout_s: Positive = 30
    hints: dict[str, HintSettings] = {}


class GrowthSettings(Section):
    """[growth]: how the data will grow; what is absent is found out from statements and foreign keys.

    `tenant` is the column that names the tenant, `table.column`; `fixed` are tables that stay as they
    are (countries, plans); `scales` are multiples of today's rows; `rows` is the least number of rows that
    the greatest table has at the greatest scale: small fixtures are lifted to it.
    """

    tenant: str = ""
    fixed: tuple[str, ...] = ()
    scales: tuple[Annotated[int, Field(ge=2, le=10_000)], ...] = Field(default=(10, 100), min_length=1)
    rows: Annotated[int, Field(ge=1)] = 1_000_000


class WaiverSettings(Section):
    """[[waivers]]: one known finding that is let through until a day."""

    fingerprint: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
    owner: Annotated[str, Field(min_length=1)]
    reason: Annotated[str, Field(min_length=1)]
    expires: date


class Settings(Section):
    """All of harness.toml. `required` names checks without which a run has no verdict."""

    target: TargetSettings
    services: ServicesSettings = ServicesSettings()
    identities: tuple[IdentitySettings, ...] = ()
    routes: dict[str, RouteSettings] = {}
    load: LoadSettings | None = None
    cache: dict[str, CacheSettings] = {}
    exercise: ExerciseSettings = ExerciseSettings()
    growth: GrowthSettings = GrowthSettings()
    required: tuple[str, ...] = ()
    waivers: tuple[WaiverSettings, ...] = ()
