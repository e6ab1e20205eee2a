"""What a person at a terminal sees: the run as it goes on, then its verdict; plain lines elsewhere."""

import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from rich import box
from rich.console import Console, Group
from rich.live import Live
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from harness.load.wording import milliseconds, percent
from harness.model.finding import Effect
from harness.model.progress import LoadNow
from harness.model.record import Record
from harness.model.verdict import JudgedFinding, Outcome, Verdict
from harness.report.detection import print_detection
from harness.report.document import summarize, to_json
from harness.report.scale import print_scale
from harness.report.view import LoadView, load_of, passed, sorted_findings

__all__ = ["Terminal", "print_detection", "print_document", "print_verdict"]

PLAIN_EVERY_S: Final = 5.0
WIDE: Final = 140
"""Columns of the summary where there is no terminal that says how many it has."""
COLOURS: Final = {
    Outcome.PASS: "green",
    Outcome.FAIL: "red",
    Outcome.INCONCLUSIVE: "yellow",
    Outcome.INVALID: "magenta",
}
MARKS: Final = {"within": ("✓", "green"), "beyond": ("✗", "red"), "open": ("?", "yellow"), "": ("", "")}


class Terminal:
    """A watcher that shows a run on stderr: a live table on a terminal, a line in 5 s elsewhere.

    `quiet` shows nothing, for --json.
    """

    def __init__(self, *, quiet: bool = False, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True, highlight=False)
        self._quiet = quiet
        self._live: Live | None = None
        self._began = time.monotonic()
        self._shown = float("-inf")
        self._phase = ""

    def __enter__(self) -> Self:
        self._began = time.monotonic()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stop()

    def stage(self, text: str) -> None:
        """A new step: one line, with the seconds since the beginning."""
        if self._quiet:
            return
        self._stop()
        self._console.print(Text(f"{time.monotonic() - self._began:6.1f} s  {text}"), soft_wrap=True)

    def load(self, now: LoadNow) -> None:
        """The load moved on: the live table is drawn again, or a line is due."""
        if self._quiet:
            return
        if self._console.is_terminal:
            if self._live is None:
                self._live = Live(console=self._console, auto_refresh=False, transient=True)
                self._live.start()
            self._live.update(picture(now), refresh=True)
            return
        moment = time.monotonic()
        if now.phase == self._phase and moment - self._shown < PLAIN_EVERY_S:
            return
        self._phase, self._shown = now.phase, moment
        self._console.print(Text(f"{moment - self._began:6.1f} s  {in_a_line(now)}"), soft_wrap=True)

    def _stop(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None


def in_a_line(now: LoadNow) -> str:
    """A moment of a load: phase, users, rate, failures, the generator's error."""
    return (
        f"{now.phase:<8} {now.at_s:4.0f} s, {now.left_s:3.0f} s left  {now.users:>6,} users  "
        f"{now.requests_per_s:6.0f} requests/s  {now.failed:,} failed  "
        f"generator's error p95 {milliseconds(now.generator_error_p95_ms)}"
    )


def picture(now: LoadNow) -> Group:
    """A moment of a load as a bar, a line and a table of routes."""
    bar = Table.grid(padding=(0, 1))
    total = max(now.at_s + now.left_s, 1e-9)
    bar.add_row(
        Text(now.phase, style="bold"),
        ProgressBar(total=total, completed=now.at_s, width=40),
        Text(f"{now.left_s:.0f} s left", style="dim"),
    )
    numbers = Text.assemble(
        (f"{now.users:,}", "bold"), " users   ",
        (f"{now.requests_per_s:,.0f}", "bold"), " requests/s   ",
        (f"{now.failed:,}", "bold red" if now.failed else "bold"), " failed   generator's error p95 ",
        (milliseconds(now.generator_error_p95_ms), "bold"),
    )  # fmt: skip
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("route", overflow="ellipsis", no_wrap=True)
    for name in ("requests/s", "p95", "failed"):
        table.add_column(name, justify="right")
    for route in now.routes:
        table.add_row(
            route.route,
            f"{route.requests_per_s:.1f}",
            milliseconds(route.p95_ms),
            Text(f"{route.failed:,}", style="red" if route.failed else ""),
        )
    return Group(bar, numbers, table)


def print_verdict(
    folder: Path, record: Record, verdict: Verdict, console: Console | None = None, *, report: bool = True
) -> None:
    """Print figures, findings, the verdict and where the report is, on stdout.

    Figures are held against the record's policy: a record judged by another one is given with that in its
    place. `report` is False where the page in the folder is not of this verdict.
    """
    console = console or Console(highlight=False, width=None if sys.stdout.isatty() else WIDE)
    view = load_of(record)
    if view is not None:
        console.print()
        console.print(_table(view))
        console.print(Text(_headline(view)))
    print_scale(record, verdict, console)
    for judged in sorted_findings(verdict):
        console.print()
        _tell(judged, console)
    console.print()
    for check in verdict.checks:
        if check.skipped:
            console.print(Text(f"{check.check} did not run: {check.skipped}", style="dim"))
    console.print(Text(verdict.outcome.value.upper(), style=f"bold {COLOURS[verdict.outcome]}"))
    if not verdict.reasons:
        console.print(Text(passed(record)))
    elif not verdict.findings:
        console.print(Text("\n".join(verdict.reasons)))
    if report:
        console.print(Text(f"report   {folder / 'report.html'}"), soft_wrap=True)
    console.print(Text(f"again    harness gate {folder}"), soft_wrap=True)


def _table(view: LoadView) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("route", overflow="fold")
    for name in ("req/s", "p50", "p95", "budget", "over", "at most", "p99", "max", "errors", "hits"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("")
    for one in view.figures:
        limit = one.limits[0] if one.limits else None
        mark, colour = MARKS[view.standing(one)]
        table.add_row(
            one.route,
            f"{one.requests_per_s:.1f}",
            milliseconds(one.p50_ms),
            milliseconds(one.p95_ms),
            milliseconds(limit.limit_ms) if limit else "",
            percent(limit.share.share) if limit else "",
            percent(limit.share.upper) if limit else "",
            milliseconds(one.p99_ms),
            milliseconds(one.max_ms),
            Text(f"{one.errors:,}", style="red" if one.errors else ""),
            "" if one.hit_share is None else percent(one.hit_share),
            Text(mark, style=colour),
        )
    return table


def _headline(view: LoadView) -> str:
    planned = view.measurement.result.users_planned
    return (
        f"{view.users:,} of {planned:,} users, {view.requests_per_s:,.0f} requests/s, "
        f"errors {percent(view.errors.share)}; "
        f"the generator's own error is p95 {milliseconds(view.generator_error_ms)}"
    )


def _tell(judged: JudgedFinding, console: Console) -> None:
    """A finding as STYLE has it: rule, subject; what is wrong; the evidence; what to do."""
    finding = judged.finding
    colour = {Effect.FAIL: "red", Effect.INVALID: "magenta", Effect.INCONCLUSIVE: "yellow"}.get(
        finding.effect, ""
    )
    told = Text.assemble(
        (finding.severity.value, colour), "  ", (finding.rule, "bold"), "  ", finding.subject
    )
    if judged.waived_by:
        told.append(f"  waived by {judged.waived_by}", style="dim")
    if judged.taken_back:
        told.append(f"  taken back: {judged.taken_back}", style="dim")
    console.print(told, soft_wrap=True)
    lines = [Text(line) for line in (finding.detail, *finding.evidence, f"Mend: {finding.remedy}")]
    if not judged.waived_by and finding.effect is not Effect.NONE:
        lines.append(Text(f"fingerprint {judged.fingerprint}", style="dim"))
    for line in lines:
        _print_indented(line, console)


def _print_indented(text: Text, console: Console) -> None:
    """Wrapped to the width of a terminal; elsewhere each line whole, without blanks at its end."""
    if console.is_terminal:
        console.print(Padding(text, (0, 0, 0, 2), expand=False))
        return
    for line in text.split():
        console.print(Text.assemble("  ", line), soft_wrap=True)


def print_document(record: Record, verdict: Verdict) -> None:
    """Print the summary as one JSON document, and nothing else, on stdout."""
    sys.stdout.write(to_json(summarize(record, verdict)))
