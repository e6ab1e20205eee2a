import re

import pytest

from harness.gate.gate import judge
from harness.planner.model import Node, Unplanned
from harness.plans.model import RouteFacts
from harness.report.costs import cost_of
from harness.report.functional import small_bytes
from harness.report.html import write_html
from harness.report.routes import plans_of
from harness.report.sparkline import HEIGHT, MARGIN, ceiling_of, spark
from harness.report.statements import MOST_OF_ROUTE, groups_of
from harness.report.trees import MOST_LINES, lines_of
from harness.report.values import condition_without_values, without_values
from tests.fakes import load_run
from tests.fakes.plans import SQL, STATEMENT, case, node, plans, request, seq_scan, statement
from tests.fakes.scale_run import (
    LOOKUP,
    OPERATIONS,
    exercised,
    found,
    grown,
    indexed,
    lookup,
    planned,
    record,
    repeat_of,
    suggestion,
)
from tests.unit.report.page import Page

SECTIONS = ("Routes as their data grows", "Statements", "Indexes", "What the exercise reached")


@pytest.fixture(scope="module")
def page() -> Page:
    one = record(exercise=exercised(), plans=planned(grown, suggestions=(suggestion(),)), indexes=indexed())
    return Page(write_html(one, judge(one)))


def test_a_run_without_a_load_has_a_whole_page(page) -> None:
    assert page.open == []
    assert all(section in page.text for section in SECTIONS)
    assert page.text.index("Operations reached") < page.text.index(SECTIONS[0])
    assert "Operations in steady" not in page.text
    assert "rows^1.00" in page.text


def test_every_table_has_a_caption_and_every_heading_of_a_table_its_scope(page) -> None:
    names = [tag for tag, _ in page.tags]
    assert names.count("table") == names.count("caption") == 5
    assert all(attributes.get("scope") in {"row", "col"} for tag, attributes in page.tags if tag == "th")


def test_every_drawing_says_its_numbers_to_who_cannot_see_it(page) -> None:
    labels = [attributes["aria-label"] for tag, attributes in page.tags if tag == "svg"]
    assert labels[0].startswith("Cost with bigger tenants: 5,000 at 1x, 50,000 at 10x, 500,000 at 100x; more")
    assert len(labels) == 2


def test_links_lead_to_places_of_the_page_and_places_are_unique(page) -> None:
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = [attributes["href"] for tag, attributes in page.tags if tag == "a"]
    assert {link.removeprefix("#") for link in links} <= set(ids)
    assert f"#statement-{LOOKUP}" in links
    assert "#route-1" in links


def test_a_finding_leads_to_its_statement_inside_of_what_is_closed(page) -> None:
    links = [attributes["href"] for tag, attributes in page.tags if tag == "a"]
    findings = page.text[page.text.index("Findings") :]
    assert "the statement and its plan" in findings
    # A browser opens what is closed around the place that a link leads to.
    opened = [tag for tag, attributes in page.tags if attributes.get("id") == f"statement-{STATEMENT}"]
    assert opened == ["div"]
    assert f"#statement-{STATEMENT}" in links


def test_the_page_opens_its_statements_without_a_script(page) -> None:
    names = {tag for tag, _ in page.tags}
    assert {"details", "summary"} <= names
    assert not names & {"script", "link", "img", "iframe", "object"}


def test_values_written_into_statements_and_conditions_stay_out_of_the_page(page) -> None:
    assert "very-secret" not in page.text
    assert "token = ?" in page.text
    assert "index: (token = ?::text)" in page.text


def test_a_statement_of_several_routes_is_shown_once_and_referred_to(page) -> None:
    shown = [
        value for _, attributes in page.tags if (value := attributes.get("id", "")).startswith("statement-")
    ]
    assert sorted(shown) == [f"statement-{LOOKUP}", f"statement-{STATEMENT}"]
    assert page.text.count("shown under GET /orders") == 1


def test_what_was_not_reached_says_why_and_indexes_say_what_misses_them(page) -> None:
    assert "no answer gave an order_id" in page.text
    assert "plans/growth would say so" in page.text
    assert suggestion().definition in page.text
    assert "75 %" in page.text


def test_markup_in_names_and_statements_is_text() -> None:
    wild = "GET /<script>alert(1)</script>"
    one = record(
        plans=planned(
            statements=(statement(sql="SELECT '<b>' AS \"<i>x</i>\", $1", routes=(wild,)),),
            routes=(RouteFacts(route=wild, looks_like="page", pages_bounded=True, requests=1),),
            requests=(request(repeat_of("5e1ec7ed0001"), route=wild),),
        )
    )
    text = write_html(one, judge(one))
    assert "<script>" not in text
    assert "<i>x</i>" not in text
    assert '"<i>x</i>"' in Page(text).text


def test_a_load_and_the_other_checks_are_on_one_page() -> None:
    both = load_run.record()
    measurements = both.measurements | record().measurements
    one = load_run.record(measurements=measurements)
    page = Page(write_html(one, judge(one)))
    assert page.open == []
    assert all(section in page.text for section in (*SECTIONS, "Operations in steady", "Latency over time"))
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("check", ["exercise", "plans", "indexes"])
def test_each_check_alone_has_a_page(check) -> None:
    whole = record()
    one = load_run.record(rules=whole.policy, measurements={check: whole.measurements[check]})
    page = Page(write_html(one, judge(one)))
    assert page.open == []
    assert ("Indexes" in page.text) == (check == "indexes")
    assert ("What the exercise reached" in page.text) == (check == "exercise")


def test_a_statement_that_could_not_be_planned_says_why() -> None:
    reason = "permission denied for table orders"
    one = record(plans=planned(plans=(), unplanned=(Unplanned(fingerprint=LOOKUP, sql="", reason=reason),)))
    page = Page(write_html(one, judge(one)))
    assert reason in page.text[page.text.index("Statements") :]
    assert "no plan" in page.text


def many(routes: int, each: int):
    """A service with so many routes, each with so many long statements of its own."""
    names = tuple(f"GET /things-{number}/{{thing_id}}" for number in range(routes))
    deep: Node = seq_scan(filter="(a = 'b'::text)" * 6)
    for _ in range(8):
        deep = node("Nested Loop", deep, seq_scan(filter="(a = 'b'::text)" * 6), cost=9.0)
    numbered = [(f"{at:04x}{number:08x}", name) for at, name in enumerate(names) for number in range(each)]
    return planned(
        routes=tuple(
            RouteFacts(route=name, looks_like="page", pages_bounded=True, requests=1) for name in names
        ),
        statements=tuple(
            statement(
                fingerprint=fingerprint,
                sql="SELECT $1 FROM orders WHERE " + "name <> 'x' AND " * 130,
                routes=(name,),
            )
            for fingerprint, name in numbered
        ),
        requests=tuple(
            request(*(repeat_of(one) for one, of in numbered if of == name), route=name) for name in names
        ),
        plans=tuple(
            plan for fingerprint, _ in numbered for plan in plans(lambda _: deep, fingerprint=fingerprint)[:4]
        ),
    )


def test_a_page_of_very_many_statements_stays_below_two_megabytes() -> None:
    one = record(plans=many(120, 13))
    text = write_html(one, judge(one))
    assert len(text.encode()) < 2_000_000
    assert "record.json has them" in text


def test_a_route_shows_its_dearest_statements_and_counts_the_others() -> None:
    one = record(plans=many(1, MOST_OF_ROUTE + 3))
    (group,) = groups_of(plans_of(one, judge(one)))
    assert (len(group.cards), group.left) == (MOST_OF_ROUTE, 3)


def test_what_runs_unasked_has_a_place_of_its_own() -> None:
    one = record(plans=planned(statements=(statement(routes=(), idle=True),), requests=()))
    (group,) = groups_of(plans_of(one, judge(one)))
    assert (group.route, group.cards[0].view.after) == ("Unasked", True)
    assert "of its own accord" in write_html(one, judge(one))


def test_a_tree_is_indented_with_what_each_node_costs_and_does() -> None:
    assert lines_of(grown(10)) == (
        "        cost        rows  node",
        "      50,000          10  Limit",
        "      50,000         100    Seq Scan of orders",
        "                              filter: (code = ?::text)",
    )


def test_a_tree_too_long_to_read_is_cut_and_says_so() -> None:
    tree = node("Append", *(seq_scan() for _ in range(200)))
    lines = lines_of(tree)
    assert len(lines) == MOST_LINES + 1
    assert lines[-1].strip() == f"… and {202 - MOST_LINES} more lines, in record.json"


def test_a_drawing_rises_with_the_cost_and_never_leaves_its_frame() -> None:
    growing, flat = (cost_of(case(tree)) for tree in (grown, lookup))
    ceiling = ceiling_of([growing, flat])
    assert ceiling == 500_000.0

    def heights(svg: str, way: str) -> list[float]:
        points = re.search(rf'<g class="{way}"><polyline points="([^"]+)"', svg).group(1)
        return [float(point.split(",")[1]) for point in points.split()]

    rising = heights(spark(growing, ceiling), "bigger")
    assert rising == sorted(rising, reverse=True)
    assert rising[-1] == MARGIN
    assert len(set(heights(spark(flat, ceiling), "bigger"))) == 1
    assert max(heights(spark(cost_of(case(lambda _: found(1))), ceiling), "more")) <= HEIGHT


def test_a_statement_with_parameters_keeps_the_literals_of_its_author() -> None:
    assert without_values("SELECT 'sent', $1") == "SELECT 'sent', $1"
    assert without_values("SELECT 'x''y',\n  12 -- why\nFROM a1") == "SELECT ?,\n  ? -- why\nFROM a1"
    assert condition_without_values("(a = '{1,2}'::int[]) AND b > $1") == "(a = ?::int[]) AND b > $1"


@pytest.mark.parametrize(
    ("size_bytes", "words"), [(16 << 10, "16 KiB"), (1_500_000, "1.4 MiB"), (3 << 30, "3.0 GiB")]
)
def test_sizes_are_in_the_unit_that_fits(size_bytes, words) -> None:
    assert small_bytes(size_bytes) == words


def test_operations_are_in_the_order_of_the_contract() -> None:
    one = record()
    assert tuple(route.route for route in plans_of(one, judge(one)).routes) == OPERATIONS
    assert SQL in write_html(one, judge(one))
