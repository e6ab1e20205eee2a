"""The run as one page that needs nothing else: no network, no script, light and dark, on paper too."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from harness.load.figures import Limit, Window
from harness.load.statistics import standing
from harness.load.wording import milliseconds, percent
from harness.model.record import Record
from harness.model.verdict import Verdict
from harness.report.charts import (
    busiest_processes,
    busiest_routes,
    cpu_over_time,
    latency_over_time,
    percentile_curves,
    requests_over_time,
    users_over_time,
)
from harness.report.functional import FILTERS, scale_of
from harness.report.promises import Promise, promises_of
from harness.report.view import LoadView, load_of, passed, sorted_findings

WORDS: Final = {
    "pass": ("Pass", ""),
    "fail": ("Fail", "The target breaks what it promises:"),
    "inconclusive": ("Inconclusive", "Nothing is surely broken, and not everything is surely held:"),
    "invalid": ("Invalid", "The measurement itself is not to be trusted:"),
}
MARKS: Final = {"within": "✓ held", "beyond": "✗ broken", "open": "? open", "": "–"}
LABELS: Final = {"fail": "Fail", "invalid": "Invalid", "inconclusive": "Open", "none": "Note"}
TONES: Final = {"fail": "fail", "invalid": "invalid", "inconclusive": "inconclusive", "none": "none"}


@dataclass(frozen=True, kw_only=True)
class Place:
    """One process as a row: where it ran and what it used, in words."""

    name: str
    role: str
    version: str
    cores: str
    nice: int
    cpu: str
    memory: str
    growth: str
    provider: str
    log: str


@dataclass(frozen=True, kw_only=True)
class Pictures:
    """The charts as inline SVG; `latency` in the order of the view's figures."""

    latency: tuple[Markup, ...]
    percentiles: Markup
    requests: Markup
    users: Markup
    cpu: Markup | None


def write_html(record: Record, verdict: Verdict) -> str:
    """The page. Raises RecordUnreadable where the record's measurement is damaged."""
    view = load_of(record)
    scale = scale_of(record, verdict)
    environment = _environment()
    style, _, _ = environment.loader.get_source(environment, "report.css")  # type: ignore[union-attr]
    return environment.get_template("report.html.j2").render(
        record=record,
        verdict=verdict,
        view=view,
        scale=scale,
        planned=record.policy.load.users if record.policy.load else 0,
        promises=_promises(view),
        pictures=_pictures(view) if view else None,
        curves=[one.route for one in busiest_routes(view)] if view else [],
        processes=busiest_processes(view.measurement) if view else [],
        places=tuple(_places(record, view)),
        findings=sorted_findings(verdict),
        words=WORDS | {"pass": ("Pass", passed(record))},
        marks=MARKS,
        labels=LABELS,
        tones=TONES,
        style=Markup(style),  # noqa: S704 - a file of this package
    )


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("harness.report"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= FILTERS | {
        "percent": percent,
        "milliseconds": milliseconds,
        "moment": _moment,
        "bytes": _bytes,
        "left": _left,
        "filled": _filled,
        "prose": _prose,
        "standing": lambda limit: standing(limit.share, limit.allowed).value,
    }
    return environment


def _pictures(view: LoadView) -> Pictures:
    # What Vega makes of labels is text and attributes, escaped by it; scripts it does not write.
    return Pictures(
        latency=tuple(
            _svg(latency_over_time(view, one, number)) for number, one in enumerate(view.figures, start=1)
        ),
        percentiles=_svg(percentile_curves(view)),
        requests=_svg(requests_over_time(view)),
        users=_svg(users_over_time(view)),
        cpu=_svg(cpu_over_time(view)) if view.measurement.usage else None,
    )


def _svg(text: str) -> Markup:
    return Markup(text)  # noqa: S704 - drawn by harness.report.svg, with its labels escaped


def _promises(view: LoadView | None) -> tuple[Promise, ...]:
    if view is None or view.policy.load is None:
        return ()
    window = Window(view.measurement.result, view.steady)
    return tuple(promises_of(window, view.figures, view.policy, view.policy.load))


def _places(record: Record, view: LoadView | None) -> Iterator[Place]:
    """Processes that the record names, then those that only the load knew: its generator."""
    used = {one.name: one for one in view.measurement.processes} if view else {}
    facts = {one.name: one for one in record.processes}
    for name in (*facts, *(name for name in used if name not in facts)):
        known, usage = facts.get(name), used.get(name)
        one = known or usage
        if one is None:
            continue
        growth = usage.memory_bytes - usage.memory_start_bytes if usage else 0
        yield Place(
            name=name,
            role=one.role,
            version=known.version if known else "",
            cores=", ".join(map(str, one.cores)) or "any",
            nice=one.nice,
            cpu=percent(usage.cpu_share) if usage else "–",
            memory=_bytes(usage.memory_bytes) if usage else "–",
            growth=("−" if growth < 0 else "+") + _bytes(abs(growth)) if usage else "–",
            provider=known.provider if known else "harness",
            log=known.log if known else "",
        )


def _prose(text: str) -> Markup:
    """Text with `names` as code."""
    return Markup(re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped before


def _moment(text: str) -> str:
    """`23 Nov 2026, 19:03 UTC` of an ISO 8601 time; the text itself where it is none."""
    try:
        return f"{datetime.fromisoformat(text):%d %b %Y, %H:%M:%S} UTC"
    except ValueError:
        return text


def _bytes(size_bytes: int) -> str:
    """`8.0 GiB`, `183 MiB`."""
    return f"{size_bytes / 2**30:.1f} GiB" if size_bytes >= 2**30 else f"{size_bytes / 2**20:,.0f} MiB"


def _left(margin: float) -> str:
    """How much of a budget is left, or by how much it is exceeded."""
    return percent(margin) if margin >= 0 else f"{1 - margin:.1f} ×"


def _filled(limit: Limit) -> int:
    return min(100, round(100 * limit.measured_ms / limit.limit_ms))
