"""The verdict as JUnit XML, as pipelines read it: a case per latency budget, per route, and per finding."""

import re
from typing import Final
from xml.etree import ElementTree as ET

from harness.load.statistics import Standing, standing
from harness.load.wording import bounds, milliseconds, percent
from harness.model.finding import Effect
from harness.model.record import Record
from harness.model.verdict import JudgedFinding, Verdict
from harness.report.routes import PlansView, plans_of, subjects_of
from harness.report.scale import route_in_a_line
from harness.report.view import LoadView, load_of

UNPRINTABLE: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 (§2.2) allows nowhere, not even escaped; answers of a target may hold it."""


def write_junit(record: Record, verdict: Verdict) -> str:
    """The XML text: FAIL is a failure, INVALID and INCONCLUSIVE are errors, waived is skipped."""
    suite = ET.Element(
        "testsuite", name=clean(f"harness {record.target} {record.profile}"), timestamp=record.started_at
    )
    view = load_of(record)
    named = {(one.finding.subject, one.finding.rule, one.finding.aspect) for one in verdict.findings}
    if view is not None:
        _budgets(suite, view, named)
    plans = plans_of(record, verdict)
    if plans is not None:
        _routes(suite, plans, verdict)
    for judged in verdict.findings:
        _finding(suite, judged)
    for check in verdict.checks:
        if check.skipped:
            case = _case(suite, check.check, "ran")
            text = f"{check.check} did not run: {check.skipped}"
            ET.SubElement(case, "error" if check.required else "skipped", message=clean(text))
    overall = _case(suite, "gate", "verdict")
    if verdict.outcome.exit_code:
        kind = "failure" if verdict.outcome == "fail" else "error"
        problem = ET.SubElement(overall, kind, message=f"the verdict is {verdict.outcome.value}")
        problem.text = clean("\n".join(verdict.reasons))
    for total, kind in (
        ("tests", "testcase"),
        ("failures", "failure"),
        ("errors", "error"),
        ("skipped", "skipped"),
    ):
        suite.set(total, str(len(list(suite.iter(kind)))))
    root = ET.Element("testsuites", {key: suite.get(key, "0") for key in ("tests", "failures", "errors")})
    root.append(suite)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def clean(text: str) -> str:
    """The text without what XML cannot hold."""
    return UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def _case(suite: ET.Element, group: str, name: str) -> ET.Element:
    return ET.SubElement(suite, "testcase", classname=clean(group), name=clean(name))


def _budgets(suite: ET.Element, view: LoadView, named: set[tuple[str, str, str]]) -> None:
    """A case for each budget that is held; the others have a finding, which is their case."""
    for figures in view.figures:
        for limit in figures.limits:
            rule = "load/hit-latency" if limit.name.startswith("hit") else "load/latency"
            if (figures.route, rule, limit.name.removeprefix("hit ")) in named:
                continue
            case = _case(
                suite, "load.budget", f"{figures.route} {limit.name} ≤ {milliseconds(limit.limit_ms)}"
            )
            case.set("time", f"{limit.measured_ms / 1000:.6f}")
            text = f"{limit.name} {milliseconds(limit.measured_ms)}; over it {bounds(limit.share)}"
            if standing(limit.share, limit.allowed) is Standing.WITHIN:
                ET.SubElement(case, "system-out").text = f"{text}; at most {percent(limit.allowed)} may be"
            else:
                ET.SubElement(case, "skipped", message=f"not judged: {text}")


def _routes(suite: ET.Element, plans: PlansView, verdict: Verdict) -> None:
    """A case for each route whose plans were judged; one with a failing finding has that as its case."""
    failing = {
        route
        for judged in verdict.findings
        if judged.finding.rule.startswith("plans/") and judged.finding.effect is not Effect.NONE
        for route in subjects_of(judged)
    }
    for route in plans.routes:
        if route.route in failing:
            continue
        case = _case(suite, "plans.growth", route.route)
        if not route.answered:
            ET.SubElement(case, "skipped", message="not judged: no request was answered")
            continue
        ET.SubElement(case, "system-out").text = clean(route_in_a_line(route, plans))


def _finding(suite: ET.Element, judged: JudgedFinding) -> None:
    finding = judged.finding
    name = " ".join(filter(None, (finding.subject, finding.aspect)))
    case = _case(suite, finding.rule.replace("/", "."), name)
    text = clean("\n".join((finding.detail, *finding.evidence, f"Mend: {finding.remedy}")))
    if judged.waived_by:
        ET.SubElement(case, "skipped", message=clean(f"waived by {judged.waived_by}: {finding.detail}"))
    elif judged.taken_back:
        ET.SubElement(case, "skipped", message=clean(f"taken back, {judged.taken_back}: {finding.detail}"))
    elif finding.effect is Effect.NONE:
        ET.SubElement(case, "system-out").text = text
    else:
        kind = "failure" if finding.effect is Effect.FAIL else "error"
        problem = ET.SubElement(case, kind, type=finding.effect.value, message=clean(finding.detail))
        problem.text = text
