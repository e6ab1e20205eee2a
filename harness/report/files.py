"""The files of a report, beside the record they are made from."""

from pathlib import Path

from harness.gate.storage import write_whole
from harness.model.record import Record
from harness.model.verdict import Verdict
from harness.report.document import summarize, to_json
from harness.report.junit import write_junit


def render(record: Record, verdict: Verdict) -> dict[str, str]:
    """The text of each file by its name: report.html, junit.xml, summary.json."""
    from harness.report.html import write_html  # noqa: PLC0415 - charts take 0.7 s, and only a page needs them

    return {
        "report.html": write_html(record, verdict),
        "junit.xml": write_junit(record, verdict),
        "summary.json": to_json(summarize(record, verdict)),
    }


def write_report(folder: Path, record: Record, verdict: Verdict) -> Path:
    """Write them all into a run's folder; the path of report.html. Raises EnvironmentLimit."""
    for name, text in render(record, verdict).items():
        write_whole(folder / name, text.encode())
    return folder / "report.html"
