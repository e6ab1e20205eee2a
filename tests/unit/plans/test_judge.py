"""One finding for each cause: who leads, what stays as evidence, and who is asked to mend it."""

import msgspec
import pytest

from harness.model.finding import Effect, Severity
from harness.model.policy import RouteClass, RoutePolicy
from harness.planner.rules.case import Syntax
from harness.plans.judge import judge
from harness.plans.model import PlansMeasurement, Suggestion
from harness.statements.cases import UNASKED, cases_of, promises_of
from harness.statements.model import RouteFacts
from tests.fakes.plans import (
    STATEMENT,
    index_scan,
    measurement,
    plans,
    policy,
    repeat,
    request,
    seq_scan,
    statement,
)

SLOW = plans(lambda scale: seq_scan(cost=1_000.0 * scale, filter="(code = $2)"))


def found(policy_=None, **more):
    return list(judge(measurement(**more), policy_ or policy()))


def test_a_clean_measurement_has_no_finding() -> None:
    assert found(plans=plans(lambda _: index_scan()), requests=(request(repeat()),)) == []


def test_several_rules_of_one_statement_are_one_finding_that_names_them_all() -> None:
    (one,) = found(plans=SLOW)
    assert (one.rule, one.subject, one.aspect) == ("plans/growth", "GET /orders", STATEMENT)
    assert (one.severity, one.effect) == (Severity.ERROR, Effect.FAIL)
    assert one.evidence[0].startswith("SELECT id, total FROM orders")
    assert any(line.startswith("also plans/seq-scan: ") for line in one.evidence)


def test_an_index_that_was_tried_is_the_remedy() -> None:
    tried = Suggestion(
        fingerprint=STATEMENT,
        definition="CREATE INDEX orders_code_idx ON orders (shop_id, code)",
        size_bytes=41_000_000,
        cost_before=100_000.0,
        cost_after=8.0,
        exponent_after=0.02,
    )
    (one,) = found(plans=SLOW, suggestions=(tried,))
    assert one.remedy.startswith("CREATE INDEX CONCURRENTLY orders_code_idx ON orders (shop_id, code);")
    assert "rows^0.02, 41 MB at 100x; no other statement loses" in one.remedy


def test_what_runs_unasked_or_after_an_answer_is_only_warned_of() -> None:
    for text in (statement(routes=(), idle=True), statement(routes=(), after=("GET /orders",))):
        says = found(plans=SLOW, statements=(text,))
        assert [one.effect for one in says if one.effect != Effect.NONE] == []
    unasked = measurement(plans=SLOW, statements=(statement(routes=(), idle=True),))
    assert [case.route for case, _ in cases_of(unasked, promises_of(policy(), unasked))] == [UNASKED]
    polled = measurement(
        plans=SLOW, statements=(statement(routes=(), after=("GET /a", "GET /b"), idle=True),)
    )
    assert [
        (case.route, case.route_class, case.whole)
        for case, _ in cases_of(polled, promises_of(policy(), polled))
    ] == [(UNASKED, RouteClass.PAGE, False)]


def test_one_statement_of_many_routes_is_one_finding_that_names_them() -> None:
    routes = tuple(f"GET /{name}" for name in ("a", "b", "c", "d", "e"))
    facts = tuple(
        RouteFacts(route=each, looks_like="point", pages_bounded=True, requests=1) for each in routes
    )
    (one,) = found(plans=SLOW, statements=(statement(routes=routes),), routes=facts)
    assert one.subject == "GET /a"
    assert one.evidence[-1] == "the same on GET /b, GET /c, GET /d, GET /e"


def test_a_declared_class_wins_over_what_the_contract_suggests() -> None:
    report = RoutePolicy(
        route="GET /orders", route_class=RouteClass.REPORT, p95_ms=1000.0, class_declared=True
    )
    assert [one.effect for one in found(policy(report), plans=SLOW) if one.effect == Effect.FAIL] == []
    guessed = msgspec.structs.replace(report, class_declared=False)
    assert [one.effect for one in found(policy(guessed), plans=SLOW)] == [Effect.FAIL]


def test_too_many_statements_by_a_loop_are_one_cause() -> None:
    promise = RoutePolicy(route="GET /orders", route_class=RouteClass.PAGE, p95_ms=100.0, statements=3)
    requests = tuple(request(repeat(runs), lengths={"/items": runs}) for runs in (1, 20, 50))
    (one,) = found(policy(promise), requests=requests)
    assert one.rule == "plans/n-plus-one"
    assert any(line.startswith("also plans/statement-count: ") for line in one.evidence)


def test_rows_fetched_for_nothing_by_a_slow_statement_are_one_cause() -> None:
    many = request(repeat(rows=9_000, most_rows=9_000), lengths={"/items": 9})
    (one,) = found(plans=SLOW, requests=(many,))
    assert any(line.startswith("also plans/over-fetch: ") for line in one.evidence)


@pytest.mark.parametrize("plans_", [SLOW, plans(lambda _: index_scan())])
def test_a_measurement_survives_its_record(plans_) -> None:
    kept = measurement(plans=plans_, requests=(request(repeat(), lengths={"/items": 1}),))
    again = msgspec.json.decode(msgspec.json.encode(kept), type=PlansMeasurement)
    assert list(judge(again, policy())) == list(judge(kept, policy()))


def test_a_statement_without_plans_is_no_case() -> None:
    text = statement(syntax=Syntax(kind="other"))
    assert found(statements=(text,)) == []
