import io
import json
import math
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import msgspec
import pytest
from rich.console import Console

from harness.errors import RecordUnreadable
from harness.gate.gate import judge
from harness.model.finding import Effect, Finding, Severity
from harness.model.verdict import JudgedFinding
from harness.planner.model import Plan, Way
from harness.plans.model import RouteFacts
from harness.report.costs import cost_in_words, cost_of, growth_in_words
from harness.report.document import summarize, to_json
from harness.report.junit import write_junit
from harness.report.routes import marks_of, plans_of
from harness.report.terminal import print_verdict
from tests.fakes import load_run
from tests.fakes.plans import STATEMENT, case, index_scan, request, seq_scan, statement
from tests.fakes.scale_run import (
    LOOKUP,
    OPERATIONS,
    exercised,
    grown,
    indexed,
    planned,
    record,
    repeat_of,
    suggestion,
)


def printed(one, *, is_terminal: bool = False, width: int = 140) -> str:
    out = Console(file=io.StringIO(), force_terminal=is_terminal, width=width, highlight=False)
    print_verdict(Path("out/latest"), one, judge(one), out)
    return out.file.getvalue()


def row_of(text: str, route: str) -> list[str]:
    return next(line.split() for line in text.splitlines() if line.strip().startswith(f"{route} "))


def test_the_cost_of_a_statement_is_that_of_today_and_of_the_worse_way_at_the_greatest_scale() -> None:
    cost = cost_of(case(lambda scale: seq_scan(cost=5_000.0 * scale), way=Way.MORE))
    assert (cost.today, cost.greatest) == (5_000.0, 500_000.0)
    assert cost.dearer.way == Way.MORE
    assert math.isclose(cost.more.exponent, 1.0)
    assert cost.bigger.exponent == 0.0
    assert cost.plan.scale == 100


def test_a_statement_planned_on_the_data_of_now_alone_has_no_growth_and_one_without_plans_no_cost() -> None:
    now = Plan(fingerprint=STATEMENT, way=Way.NOW, scale=1, binding="real", root=index_scan())
    cost = cost_of(case(None, now))
    assert (cost.today, cost.greatest, cost.dearer) == (8.0, 8.0, None)
    assert cost_of(case()) is None


@pytest.mark.parametrize(
    ("cost", "words"), [(None, "–"), (0.0, "0"), (0.01, "0"), (2.44, "2.4"), (91_263.2, "91,263")]
)
def test_costs_have_two_digits_that_mean_something(cost, words) -> None:
    assert cost_in_words(cost) == words


def test_a_cost_that_does_not_grow_says_so_and_an_unknown_growth_is_no_zero() -> None:
    assert [growth_in_words(one) for one in (None, 0.0, 0.93)] == ["–", "none", "rows^0.93"]


def test_the_terminal_has_a_row_per_route_with_its_work_its_cost_and_its_mark() -> None:
    text = printed(record(plans=planned(grown), exercise=exercised()))
    assert row_of(text, "GET /orders")[2:] == [
        "page", "4", "2", "5,000", "500,000", "rows^1.00", "none", "✗",
    ]  # fmt: skip
    assert row_of(text, "GET /orders/{order_id}")[2:] == [
        "point",
        "2",
        "1",
        "2.5",
        "2.5",
        "none",
        "none",
        "✓",
    ]
    assert row_of(text, "DELETE /orders/{order_id}")[-1] == "!"


def test_a_narrow_terminal_still_shows_the_route_and_its_mark() -> None:
    text = printed(record(plans=planned(grown), exercise=exercised()), is_terminal=True, width=80)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    assert row_of(plain, "GET /orders")[2:] == ["2", "5,000", "500,000", "rows^1.00", "✗"]


def test_each_check_says_in_a_line_what_it_looked_at_and_what_it_could_not_reach() -> None:
    lines = [line for line in printed(record()).splitlines() if not line.startswith(" GET")]
    assert "exercise: 2 of 3 operations reached, 7 requests, 4,213 statements, 2 distinct, in 3 s" in lines
    assert "  not reached: DELETE /orders/{order_id}: no answer gave an order_id" in lines
    assert (
        "plans: 2 statements in 14 plans at 1x, 10x and 100x in 6 s on Postgres 18; tenant shops.shop_id "
        "(found by foreign keys)" in lines
    )
    assert "indexes: 1 of 3 missed by some plan, 1 enforce a constraint, 1 of use to nothing seen" in lines


def test_a_route_that_was_never_answered_is_not_marked_as_good() -> None:
    text = printed(record(plans=planned()))
    assert row_of(text, "DELETE /orders/{order_id}")[-1] == "?"


def test_an_exercise_alone_is_told_without_a_table_of_costs() -> None:
    text = printed(record(exercise=exercised()))
    assert "2 of 3 operations reached" in text
    assert "growth" not in text


def test_lines_of_findings_are_whole_and_without_blanks_at_their_end_where_there_is_no_terminal() -> None:
    text = printed(record(plans=planned(grown), exercise=exercised()), width=80)
    told = text[text.index("error  plans/") :].splitlines()
    assert [line for line in told if line != line.rstrip()] == []
    hint = next(number for number, line in enumerate(told) if line.startswith("  [exercise.hints"))
    assert told[hint + 1].startswith("  path = {")
    assert max(len(line) for line in told) > 80


def test_lines_of_findings_are_wrapped_and_indented_at_a_terminal() -> None:
    text = printed(record(plans=planned(grown), exercise=exercised()), is_terminal=True, width=60)
    told = text[text.index("plans/") :].splitlines()
    detail = told[1:4]
    assert all(line.startswith("  ") and len(line.rstrip()) <= 60 for line in detail)


def test_a_finding_that_several_routes_share_marks_them_all() -> None:
    routes = tuple(f"GET /orders/{number}" for number in range(5))
    shared = planned(
        grown,
        routes=tuple(
            RouteFacts(route=route, looks_like="page", pages_bounded=True, requests=1) for route in routes
        ),
        statements=(statement(routes=routes),),
        requests=tuple(request(repeat_of(STATEMENT), route=route) for route in routes),
    )
    one = record(plans=shared)
    verdict = judge(one)
    assert len([judged for judged in verdict.findings if judged.finding.effect is Effect.FAIL]) == 1
    assert [route.mark for route in plans_of(one, verdict).routes] == ["error"] * 5


@pytest.mark.parametrize(
    ("severity", "waived_by", "mark"),
    [
        (Severity.ERROR, "", "error"),
        (Severity.ERROR, "ada", "warning"),
        (Severity.WARNING, "", "warning"),
        (Severity.INFO, "", ""),
    ],
)
def test_the_mark_of_a_route_is_its_gravest_finding_that_counts(severity, waived_by, mark) -> None:
    finding = Finding(
        rule="plans/growth", severity=severity, effect=Effect.FAIL, subject="GET /a", detail="", remedy=""
    )
    judged = JudgedFinding(finding=finding, fingerprint="", waived_by=waived_by)
    assert marks_of([judged]).get("GET /a", "") == mark


def test_findings_of_a_load_do_not_mark_a_route_at_scale() -> None:
    finding = Finding(
        rule="load/latency",
        severity=Severity.ERROR,
        effect=Effect.FAIL,
        subject="GET /a",
        detail="",
        remedy="",
    )
    assert marks_of([JudgedFinding(finding=finding, fingerprint="")]) == {}


def test_a_route_sends_no_statement_at_least_where_one_of_its_requests_sent_none() -> None:
    one = record(
        plans=planned(
            requests=(
                request(repeat_of(STATEMENT, 3), statements=3),
                request(statements=0),
                request(repeat_of(STATEMENT, 9), statements=9, status=500),
            )
        )
    )
    route = plans_of(one, judge(one)).routes[0]
    view = next(view for view in route.statements if view.statement.fingerprint == STATEMENT)
    assert (route.least, route.most, route.answered, route.requests) == (0, 3, 2, 3)
    assert (view.least, view.most) == (0, 3)


def test_statements_of_a_route_come_dearest_first_and_what_follows_an_answer_is_no_cost_of_it() -> None:
    late = planned(
        grown,
        statements=(
            statement(fingerprint=LOOKUP, routes=OPERATIONS[:1]),
            statement(routes=(), after=OPERATIONS[:1]),
        ),
        requests=(request(repeat_of(LOOKUP)),),
    )
    one = record(plans=late)
    route = plans_of(one, judge(one)).routes[0]
    assert [(view.statement.fingerprint, view.after) for view in route.statements] == [
        (STATEMENT, True),
        (LOOKUP, False),
    ]
    assert route.dearest.greatest == 2.5
    assert route.growth_bigger == 0.0


def test_what_runs_unasked_belongs_to_no_route() -> None:
    one = record(plans=planned(statements=(statement(routes=(), idle=True),)))
    view = plans_of(one, judge(one))
    assert [one.statement.fingerprint for one in view.unasked] == [STATEMENT]
    assert all(route.statements == () for route in view.routes)


def test_the_summary_has_every_route_at_scale_and_no_trees() -> None:
    one = record(plans=planned(grown, suggestions=(suggestion(),)), exercise=exercised(), indexes=indexed())
    text = to_json(summarize(one, judge(one)))
    summary = json.loads(text)
    assert summary["load"] is None
    assert summary["exercise"]["unreached"] == ["DELETE /orders/{order_id}"]
    assert summary["indexes"] == {
        "indexes": 3, "missed": 1, "enforcing": 1, "idle": ["orders_idle_idx"],
    }  # fmt: skip
    routes = {route["route"]: route for route in summary["plans"]["routes"]}
    assert list(routes) == list(OPERATIONS)
    assert routes["GET /orders"]["cost_greatest"] == 500_000.0
    assert routes["GET /orders"]["found"] == "error"
    assert routes["DELETE /orders/{order_id}"]["cost_today"] is None
    assert summary["plans"]["suggestions"] == [suggestion().definition]
    assert "children" not in text


def test_a_record_of_a_load_alone_has_no_summary_of_the_others() -> None:
    one = load_run.record()
    summary = summarize(one, judge(one))
    assert (summary.exercise, summary.plans, summary.indexes) == (None, None, None)


def test_junit_has_a_passed_case_per_route_that_holds_and_none_for_one_that_does_not() -> None:
    one = record(plans=planned(grown))
    suite = ET.fromstring(write_junit(one, judge(one)).encode()).find("testsuite")
    growth = {
        case.get("name"): case for case in suite.iter("testcase") if case.get("classname") == "plans.growth"
    }
    assert "GET /orders" not in growth
    assert "2.5 at 100x" in growth["GET /orders/{order_id}"].findtext("system-out")
    assert growth["DELETE /orders/{order_id}"].find("skipped") is not None
    failed = [case for case in suite.iter("testcase") if case.find("failure") is not None]
    assert any((case.get("name") or "").startswith("GET /orders ") for case in failed)


@pytest.mark.parametrize("check", ["exercise", "plans", "indexes", "load"])
def test_a_damaged_measurement_is_named_by_every_report(check) -> None:
    whole = record()
    verdict = judge(whole)
    broken = msgspec.structs.replace(
        whole, measurements=whole.measurements | {check: msgspec.Raw(b'{"server": 3}')}
    )
    out = Console(file=io.StringIO())
    for report in (
        lambda: summarize(broken, verdict),
        lambda: print_verdict(Path("out"), broken, verdict, out),
    ):
        with pytest.raises(RecordUnreadable, match=f"the measurement of `{check}` is damaged"):
            report()


def test_plans_of_one_statement_are_weighed_once_for_all_its_routes() -> None:
    one = record(plans=planned())
    first, second = plans_of(one, judge(one)).routes[:2]
    costs = [
        view.cost
        for route in (first, second)
        for view in route.statements
        if view.statement.fingerprint == LOOKUP
    ]
    assert costs[0] is costs[1]
