"""Settings and a contract to the policy that judges see: every budget resolved, nothing left to guess."""

from harness.config.settings import LoadProfile, RouteSettings, Settings
from harness.errors import ConfigurationError
from harness.model.policy import CachePolicy, LoadPolicy, Policy, RouteClass, RoutePolicy, Waiver

DEFAULT_P95_MS = {
    RouteClass.POINT: 50.0,
    RouteClass.PAGE: 100.0,
    RouteClass.REPORT: 1000.0,
    RouteClass.WRITE: 200.0,
    RouteClass.MODEL: 5000.0,
}
"""What a route of each class may take where harness.toml is silent.

0.1 s is the limit for feeling instantaneous and 1 s for an unbroken flow of thought (Miller 1968;
Nielsen, Usability Engineering, 1993, ch. 5): a page is held to the first, a point to half of it
because a page has several, a report to the second; a write may take twice a page.
"""


def resolve_policy(settings: Settings, profile: str, operations: tuple[str, ...]) -> Policy:
    """The policy of one profile; operations of the contract without a table get their class's defaults."""
    load = load_profile(settings, profile)
    declared = dict(settings.routes)
    for route, override in (load.routes if load else {}).items():
        declared[route] = _overridden(declared.get(route), override)
    routes = [_route(route, values, declared=True) for route, values in declared.items()]
    routes += [
        _route(operation, RouteSettings(), declared=False)
        for operation in operations
        if operation not in declared
    ]
    return Policy(
        profile=profile,
        required=settings.required,
        operations=operations,
        routes=tuple(routes),
        caches=tuple(
            CachePolicy(
                name=name,
                route=cache.operation,
                hit_rate=load.hit_rates.get(name, cache.hit_rate) if load else cache.hit_rate,
            )
            for name, cache in settings.cache.items()
        ),
        load=LoadPolicy(users=load.users, **settings.load.limits.model_dump())
        if load and settings.load
        else None,
        waivers=tuple(Waiver(**waiver.model_dump(mode="json")) for waiver in settings.waivers),
    )


def load_profile(settings: Settings, profile: str) -> LoadProfile | None:
    """The load of a profile; None where it has none."""
    return settings.load.profiles.get(profile) if settings.load else None


def demand_profile(settings: Settings, profile: str) -> LoadProfile | None:
    """The load of a profile; None where harness.toml has no [load] at all.

    Raises ConfigurationError where it has some, and none of that name.
    """
    if settings.load is None or not settings.load.profiles:
        return None
    if profile not in settings.load.profiles:
        known = ", ".join(settings.load.profiles)
        message = f"profile `{profile}` is not in [load.profiles]; known: {known}"
        raise ConfigurationError(message)
    return settings.load.profiles[profile]


def _overridden(base: RouteSettings | None, override: RouteSettings) -> RouteSettings:
    """The override where it says something, else the base."""
    changes = override.model_dump(exclude_unset=True, by_alias=True)
    return RouteSettings.model_validate((base.model_dump(by_alias=True) if base else {}) | changes)


def _route(route: str, values: RouteSettings, *, declared: bool) -> RoutePolicy:
    route_class = values.route_class or _class_of(route)
    return RoutePolicy(
        route=route,
        route_class=route_class,
        p95_ms=values.p95_ms or DEFAULT_P95_MS[route_class],
        p99_ms=values.p99_ms,
        hit_p95_ms=values.hit_p95_ms,
        refused_rate=values.refused_rate,
        statements=values.statements,
        all_tenants=values.all_tenants,
        declared=declared,
        class_declared=values.route_class is not None,
    )


def _class_of(route: str) -> RouteClass:
    """What an operation most likely is, by its method and the end of its path."""
    method, _, path = route.partition(" ")
    if method not in {"GET", "HEAD"}:
        return RouteClass.WRITE
    return RouteClass.POINT if path.endswith("}") else RouteClass.PAGE
