import json
import re
from xml.etree import ElementTree as ET

import msgspec
import pytest

from harness.driver.result import ErrorSample
from harness.gate.gate import judge
from harness.model.policy import Waiver
from harness.report.files import render, write_report
from tests.fakes.load_run import measurement, policy, record, traffic
from tests.unit.report.page import Page


def broken():
    flows = traffic()
    flows["GET /contacts"].failed = 0.05
    flows["GET /invoices"].median_ms = 60
    return record(measurement(flows))


@pytest.fixture(scope="module")
def failed():
    one = broken()
    return render(one, judge(one))


@pytest.fixture(scope="module")
def passed():
    one = record()
    return render(one, judge(one))


def test_the_page_says_the_verdict_first_and_names_every_operation(failed) -> None:
    page = Page(failed["report.html"])
    assert page.open == []
    assert page.text.index("The target breaks what it promises") < page.text.index("Operations in steady")
    for route in traffic():
        assert route in page.text
    assert "harness gate" in page.text
    assert "Begin with" in page.text


def test_every_process_is_told_with_its_provider_and_its_log(passed) -> None:
    text = Page(passed["report.html"]).text
    where = text[text.index("What ran where") :]
    assert where.count("embedded") == 4
    assert all(f"logs/{name}.log" in where for name in ("target", "postgres", "redis", "model"))
    assert "worker-1" in where
    assert "harness" in where


def test_the_page_refers_to_nothing_outside_itself_and_runs_no_script(failed) -> None:
    text = failed["report.html"]
    assert not re.search(r"https?:|//\w|@import|url\((?!#)", text)
    page = Page(text)
    assert not {tag for tag, _ in page.tags} & {"script", "link", "img", "iframe", "object"}
    for _, attributes in page.tags:
        assert not {"src", "onload", "onclick"} & attributes.keys()
        assert all(
            (value or "").startswith("#") for name, value in attributes.items() if name.endswith("href")
        )


def test_what_a_target_answered_is_text_in_the_page_and_no_markup(failed) -> None:
    assert "<b>boom</b>" not in failed["report.html"]
    assert "<b>boom</b>" in Page(failed["report.html"]).text


def test_the_page_is_small_and_its_ids_are_its_own(failed) -> None:
    assert len(failed["report.html"].encode()) < 2_000_000
    ids = [attributes["id"] for _, attributes in Page(failed["report.html"]).tags if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_every_picture_has_a_label_and_every_table_a_caption(failed) -> None:
    tags = Page(failed["report.html"]).tags
    pictures = [attributes for tag, attributes in tags if tag == "svg"]
    assert len(pictures) == len(traffic()) + 4
    assert all(one["role"] == "img" and one["aria-label"] for one in pictures)
    names = [tag for tag, _ in tags]
    assert names.count("table") == names.count("caption") >= 4


def test_pictures_have_the_colours_of_the_theme_and_no_own(failed) -> None:
    svgs = "".join(re.findall(r"<svg.*?</svg>", failed["report.html"], re.DOTALL))
    assert "var(--strong)" in svgs
    assert not re.search(r"#[0-9a-f]{3,6}\b|rgb\(", svgs, re.IGNORECASE)


def test_each_colour_of_text_is_readable_on_its_ground_in_light_and_dark(failed) -> None:
    light, dark = re.findall(r"--paper: (?:.|\n)*?--invalid: #\w+;", failed["report.html"])[:2]
    for theme in (light, dark):
        colours = dict(re.findall(r"--(\w+): (#\w{6});", theme))
        for name in ("ink", "muted", "bad", "open", "good", "invalid", "strong"):
            for ground in ("paper", "card"):
                assert contrast(colours[name], colours[ground]) >= 4.5, (name, ground)


def contrast(one: str, other: str) -> float:
    """WCAG 2.2 contrast ratio of two colours."""

    def luminance(colour: str) -> float:
        parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
        red, green, blue = (
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_junit_has_a_case_per_budget_and_per_finding(passed, failed) -> None:
    good = ET.fromstring(passed["junit.xml"].encode()).find("testsuite")
    assert (good.get("failures"), good.get("errors")) == ("0", "0")
    assert {case.get("name") for case in good.iter("testcase")} >= {
        f"{route} p95 ≤ {budget}" for route, budget in (("GET /contacts", "50 ms"), ("POST /ask", "5.00 s"))
    }
    bad = ET.fromstring(failed["junit.xml"].encode()).find("testsuite")
    failures = {
        case.get("classname"): case for case in bad.iter("testcase") if case.find("failure") is not None
    }
    assert set(failures) == {"load.errors", "load.latency", "gate"}
    assert failures["load.latency"].get("name") == "GET /invoices p95"
    assert int(bad.get("tests")) == len(list(bad.iter("testcase")))
    assert int(bad.get("failures")) == 3


def test_junit_bears_what_no_xml_may_hold() -> None:
    flows = traffic()
    flows["GET /contacts"].failed = 0.05
    load = measurement(flows)
    error = ErrorSample(route="GET /contacts", kind="status 500", count=9, example="\x00\x1b[31m\uffffboom")
    load = msgspec.structs.replace(load, result=msgspec.structs.replace(load.result, errors=(error,)))
    one = record(load, target="bo\x08oks")
    suite = ET.fromstring(render(one, judge(one))["junit.xml"].encode()).find("testsuite")
    assert suite.get("name") == "harness bo\ufffdoks full"
    assert any("[31m\ufffdboom" in (case.text or "") for case in suite.iter("failure"))


def test_junit_skips_a_waived_finding_and_keeps_its_owner() -> None:
    one = broken()
    waivers = tuple(
        Waiver(fingerprint=judged.fingerprint, owner="ada", reason="known", expires="2027-01-01")
        for judged in judge(one).findings
    )
    waived = record(measurements=one.measurements, rules=policy(waivers=waivers))
    suite = ET.fromstring(render(waived, judge(waived))["junit.xml"].encode()).find("testsuite")
    assert suite.get("failures") == "0"
    assert any("ada" in skip.get("message") for skip in suite.iter("skipped"))


def test_the_summary_is_json_with_the_verdict_and_every_route(failed) -> None:
    summary = json.loads(failed["summary.json"])
    assert summary["schema"] == "harness.summary"
    assert summary["exit_code"] == 1
    assert {one["route"] for one in summary["load"]["routes"]} == set(traffic())
    assert summary["load"]["margin"] < 0
    assert summary["load"]["margin_of"] == "GET /invoices p95"


def test_a_record_without_a_load_has_a_report_too(tmp_path) -> None:
    empty = record(measurements={})
    write_report(tmp_path, empty, judge(empty))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["junit.xml", "report.html", "summary.json"]
    assert "nothing was measured" in (tmp_path / "report.html").read_text()
    assert json.loads((tmp_path / "summary.json").read_text())["load"] is None
