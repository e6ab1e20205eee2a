"""Settings and a contract become one policy with nothing left to guess."""

import pytest

from harness.config.policy import DEFAULT_P95_MS, demand_profile, resolve_policy
from harness.config.settings import Settings
from harness.errors import ConfigurationError
from harness.model.policy import RouteClass, RoutePolicy

OPERATIONS = ("GET /orders", "GET /orders/{id}", "POST /orders")


def settings(**load: object) -> Settings:
    profile = {"workload": "w.py", "users": 5, **load}
    return Settings.model_validate(
        {
            "target": {"name": "orders", "openapi": "o.json", "base_url": "http://127.0.0.1:1"},
            "routes": {"GET /orders": {"class": "page", "p95_ms": 70, "hit_p95_ms": 20}},
            "load": {"profiles": {"full": profile}},
        }
    )


def route(policy_routes: tuple[RoutePolicy, ...], name: str) -> RoutePolicy:
    return next(one for one in policy_routes if one.route == name)


def test_a_declared_route_keeps_its_budgets() -> None:
    found = route(resolve_policy(settings(), "full", OPERATIONS).routes, "GET /orders")
    assert (found.p95_ms, found.hit_p95_ms, found.declared) == (70, 20, True)


@pytest.mark.parametrize(
    ("operation", "route_class"),
    [("GET /orders/{id}", RouteClass.POINT), ("POST /orders", RouteClass.WRITE)],
)
def test_an_undeclared_operation_has_the_defaults_of_its_class(
    operation: str, route_class: RouteClass
) -> None:
    found = route(resolve_policy(settings(), "full", OPERATIONS).routes, operation)
    assert (found.route_class, found.declared) == (route_class, False)
    assert found.p95_ms == DEFAULT_P95_MS[route_class]


def test_a_profiles_own_budget_replaces_only_what_it_says() -> None:
    own = settings(routes={"GET /orders": {"p95_ms": 400}})
    found = route(resolve_policy(own, "full", OPERATIONS).routes, "GET /orders")
    assert (found.p95_ms, found.hit_p95_ms, found.route_class) == (400, 20, RouteClass.PAGE)


def test_an_unknown_profile_lists_the_known_ones_where_a_load_is_wanted() -> None:
    with pytest.raises(ConfigurationError, match=r"`night` is not in \[load\.profiles\]; known: full"):
        demand_profile(settings(), "night")
    assert demand_profile(settings(), "full") is not None


def test_a_profile_without_load_has_the_budgets_of_the_routes() -> None:
    policy = resolve_policy(settings(), "change", OPERATIONS)
    assert policy.load is None
    assert {route.route: route.p95_ms for route in policy.routes}["GET /orders"] == 70


def test_a_class_that_is_only_guessed_is_known_to_be_a_guess() -> None:
    routes = {route.route: route for route in resolve_policy(settings(), "full", OPERATIONS).routes}
    assert [routes[name].class_declared for name in OPERATIONS] == [True, False, False]
