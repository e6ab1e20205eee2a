"""Each rule of the exercise: the fault gives one finding that names it, the repair gives none."""

import msgspec

from harness.exercise.judge import judge
from harness.exercise.measurement import ExerciseMeasurement
from harness.exercise.model import Disagreement, Failure, Reached
from harness.model.finding import Effect, Finding, Severity
from harness.model.policy import Policy, RouteClass, RoutePolicy

OPERATIONS = ("GET /orders", "POST /orders", "POST /orders/{order_id}/cancel", "GET /health")


def policy(*declared: str) -> Policy:
    routes = tuple(RoutePolicy(route=route, route_class=RouteClass.PAGE, p95_ms=100) for route in declared)
    return Policy(
        profile="change",
        required=("exercise",),
        operations=OPERATIONS,
        routes=routes,
        caches=(),
        load=None,
        waivers=(),
    )


def clean(**changes) -> ExerciseMeasurement:
    whole = ExerciseMeasurement(
        operations=tuple(Reached(operation=name, reached=True, statuses={"200": 4}) for name in OPERATIONS),
        routes=(),
        idle=(),
        disagreements=(),
        failures=(),
        cut=(),
        statements=40,
        undecodable={},
        unwired={},
        wired=("postgres",),
        addressed=("postgres",),
        requests=16,
        answered=16,
        took_s=2.0,
    )
    return msgspec.structs.replace(whole, **changes)


def found(rule: str, rules: Policy | None = None, **changes) -> list[Finding]:
    return [one for one in judge(clean(**changes), rules or policy("GET /orders")) if one.rule == rule]


def without(operation: str, reason: str):
    return tuple(
        Reached(operation=name, reached=name != operation, statuses={"409": 3}, reason=reason)
        for name in OPERATIONS
    )


def test_a_service_that_answers_everything_has_no_finding() -> None:
    assert list(judge(clean(), policy(*OPERATIONS))) == []


def test_an_unreached_operation_is_inconclusive_where_it_is_declared_and_a_warning_elsewhere() -> None:
    operations = without("POST /orders/{order_id}/cancel", "409 the order was sent already")
    one = found("exercise/unreached", policy("POST /orders/{order_id}/cancel"), operations=operations)
    assert [(each.subject, each.severity, each.effect) for each in one] == [
        ("POST /orders/{order_id}/cancel", Severity.ERROR, Effect.INCONCLUSIVE)
    ]
    assert "409 the order was sent already" in one[0].detail
    assert '[exercise.hints."POST /orders/{order_id}/cancel"]\npath = { order_id = "…" }' in one[0].remedy
    other = found("exercise/unreached", operations=operations)
    assert [(each.severity, each.effect) for each in other] == [(Severity.WARNING, Effect.NONE)]
    assert found("exercise/unreached", policy(*OPERATIONS)) == []


def test_a_route_with_a_query_parameter_declares_its_operation() -> None:
    operations = without("GET /orders", "403")
    assert found("exercise/unreached", policy("GET /orders?q"), operations=operations)[0].effect is (
        Effect.INCONCLUSIVE
    )


def test_what_a_hint_skips_is_no_finding_unless_it_is_declared() -> None:
    operations = without("GET /health", "skipped: it is asked by nobody")
    assert found("exercise/unreached", operations=operations) == []
    assert len(found("exercise/unreached", policy("GET /health"), operations=operations)) == 1


def test_a_comment_that_names_another_route_fails_and_one_that_names_none_warns() -> None:
    def said(comment: str) -> tuple[Disagreement, ...]:
        return (Disagreement(operation="GET /health", comment=comment, sql="SELECT 1 /*route=…*/"),)

    wrong = found("exercise/route-comment", disagreements=said("/orders"))
    assert [(one.subject, one.effect) for one in wrong] == [("GET /health", Effect.FAIL)]
    assert "GET /orders" in wrong[0].detail
    unknown = found("exercise/route-comment", disagreements=said("/elsewhere"))
    assert [(one.severity, one.effect) for one in unknown] == [(Severity.WARNING, Effect.NONE)]
    assert found("exercise/route-comment") == []


def test_a_connection_that_cannot_be_read_warns_and_none_readable_is_inconclusive() -> None:
    some = found("exercise/undecodable", undecodable={"redis": 1})
    assert [(one.severity, one.effect) for one in some] == [(Severity.WARNING, Effect.NONE)]
    nothing = found("exercise/undecodable", undecodable={"postgres": 2}, statements=0)
    assert [one.effect for one in nothing] == [Effect.INCONCLUSIVE]
    assert found("exercise/undecodable") == []


def test_a_target_that_ignores_its_database_address_is_inconclusive() -> None:
    silent = found("exercise/silent-wire", statements=0)
    assert [(one.subject, one.effect) for one in silent] == [("postgres", Effect.INCONCLUSIVE)]
    assert found("exercise/silent-wire") == []
    assert found("exercise/silent-wire", statements=0, addressed=()) == []
    assert found("exercise/silent-wire", statements=0, wired=()) == []
    assert found("exercise/silent-wire", statements=0, answered=0) == []


def test_a_service_on_no_wire_is_named_and_for_postgres_nothing_is_decided() -> None:
    off = found("exercise/silent-wire", wired=(), unwired={"postgres": "sslmode=require", "redis": "TLS"})
    assert [(one.subject, one.effect) for one in off] == [
        ("postgres", Effect.INCONCLUSIVE),
        ("redis", Effect.NONE),
    ]
    assert "sslmode=require" in off[0].detail


def test_a_server_error_fails_with_its_request_and_a_refusal_in_form_warns() -> None:
    def failed(status: int, *, refused: bool) -> tuple[Failure, ...]:
        request = "POST /orders?dry=true"
        one = Failure(
            operation="POST /orders",
            identity="owner",
            request=request,
            status=status,
            answer="KeyError",
            refused=refused,
        )
        return (one, one)

    wrong = found("exercise/server-error", failures=failed(500, refused=False))
    assert [(one.subject, one.severity, one.effect) for one in wrong] == [
        ("POST /orders", Severity.ERROR, Effect.FAIL)
    ]
    assert wrong[0].evidence[0] == "POST /orders?dry=true as owner: 500 KeyError"
    meant = found("exercise/server-error", failures=failed(503, refused=True))
    assert [(one.severity, one.effect) for one in meant] == [(Severity.WARNING, Effect.NONE)]
    assert found("exercise/server-error") == []


def test_what_was_left_out_for_lack_of_time_is_said() -> None:
    cut = found("exercise/cut", cut=("GET /orders: 7 of its requests were not sent (bound: 90 s)",))
    assert [(one.severity, one.effect) for one in cut] == [(Severity.WARNING, Effect.NONE)]
    assert cut[0].evidence[0].startswith("GET /orders: 7")
    assert found("exercise/cut") == []


def test_an_exercise_that_reached_hardly_anything_is_inconclusive_though_nothing_is_declared() -> None:
    def reaching(*names: str) -> tuple[Reached, ...]:
        return tuple(
            Reached(operation=name, reached=name in names, statuses={"401": 3}, reason="401")
            for name in OPERATIONS
        )

    few = found("exercise/unreached", policy(), operations=reaching("GET /health"))
    assert [(one.subject, one.effect) for one in few if one.effect is not Effect.NONE] == [
        ("contract", Effect.INCONCLUSIVE)
    ]
    assert few[0].evidence == ("401 x12",)
    half = found("exercise/unreached", policy(), operations=reaching("GET /health", "GET /orders"))
    assert {one.effect for one in half} == {Effect.NONE}


def test_a_service_that_did_not_take_connections_decides_nothing() -> None:
    away = found("exercise/service-away", refused={"postgres": 0, "redis": 3})
    assert [(one.subject, one.effect) for one in away] == [("redis", Effect.INCONCLUSIVE)]
    assert found("exercise/service-away", refused={"postgres": 0, "redis": 0}) == []


def test_a_cache_that_cannot_be_emptied_is_said() -> None:
    told = found("exercise/cold", warm_only="NOPERM this user has no permissions")
    assert [(one.subject, one.severity) for one in told] == [("redis", Severity.WARNING)]
    assert "NOPERM" in told[0].detail
    assert found("exercise/cold") == []
