"""The table of a proof: which planted faults the gate caught. What it shows comes from harness.prove."""

import sys
from collections.abc import Sequence
from typing import Protocol

import msgspec
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.load.wording import percent


class DetectionRow(Protocol):
    """One mutant, and what the gate said of it."""

    @property
    def mutant(self) -> str:
        """Its id."""
        ...

    @property
    def expected(self) -> str:
        """The outcome and the rule that it must turn to."""
        ...

    @property
    def outcome(self) -> str:
        """What the verdict was."""
        ...

    @property
    def caught(self) -> bool:
        """Whether it was caught and named."""
        ...

    @property
    def found(self) -> Sequence[str]:
        """The findings that counted."""
        ...


class CleanRow(Protocol):
    """One run of the unchanged target."""

    @property
    def outcome(self) -> str:
        """What the verdict was."""
        ...

    @property
    def alarms(self) -> Sequence[str]:
        """Findings of severity error: false ones."""
        ...

    @property
    def run(self) -> str:
        """The run's name."""
        ...


class DetectionTable(Protocol):
    """A whole proof."""

    @property
    def rows(self) -> Sequence[DetectionRow]:
        """One per mutant."""
        ...

    @property
    def clean(self) -> Sequence[CleanRow]:
        """One per clean run."""
        ...

    @property
    def caught(self) -> int:
        """How many mutants were caught and named."""
        ...

    @property
    def alarms(self) -> int:
        """How many false alarms the clean runs had."""
        ...

    @property
    def good(self) -> bool:
        """Whether the gate holds its promise."""
        ...

    @property
    def false_alarm_bound(self) -> float:
        """The highest rate of red clean runs that these do not exclude, at 95 %."""
        ...


def print_detection(detection: DetectionTable, *, as_json: bool, console: Console | None = None) -> None:
    """Print the detection table on stdout, as text or as one JSON document."""
    if as_json:
        totals = {
            "caught": detection.caught,
            "mutants": len(detection.rows),
            "alarms": detection.alarms,
            "false_alarm_bound": detection.false_alarm_bound,
            "good": detection.good,
        }
        content = msgspec.json.encode({**totals, "rows": detection.rows, "clean": detection.clean})
        sys.stdout.write(msgspec.json.format(content, indent=2).decode() + "\n")
        return
    console = console or Console(highlight=False, width=None if sys.stdout.isatty() else 120)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("", "mutant", "must turn to", "verdict", "found"):
        table.add_column(name, overflow="fold")
    for row in detection.rows:
        table.add_row(
            Text("✓", style="green") if row.caught else Text("✗", style="red"),
            row.mutant,
            row.expected,
            row.outcome,
            "\n".join(row.found[:4]) + (f"\nand {len(row.found) - 4} more" if len(row.found) > 4 else ""),  # noqa: PLR2004
        )
    for clean in detection.clean:
        table.add_row(
            Text("✗", style="red") if clean.alarms else Text("✓", style="green"),
            f"none ({clean.run})",
            "no error",
            clean.outcome,
            "\n".join(clean.alarms),
        )
    console.print(table)
    console.print(
        Text(
            f"{detection.caught} of {len(detection.rows)} mutants caught and named; {detection.alarms} "
            "false alarms in "
            f"{len(detection.clean)} clean runs, so that at most {percent(detection.false_alarm_bound)} "
            "of clean runs "
            "are red (95 %)."
        )
    )
    style = "bold green" if detection.good else "bold red"
    console.print(Text("PROVED" if detection.good else "NOT PROVED", style=style))
