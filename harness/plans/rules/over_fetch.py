"""Rows or columns are fetched that nobody is told of."""

from collections.abc import Iterator, Sequence
from typing import Final

from harness.planner.rules.case import Violation
from harness.planner.rules.wording import counted_number
from harness.plans.model import Repeat, RequestWork
from harness.plans.rules.route import RouteWork

RULE: Final = "plans/over-fetch"
ERROR_RATIO: Final = 4.0
"""Bytes fetched for nothing for each byte that is used."""
ERROR_ROW_BYTES: Final = 512.0
"""About what makes one row leave its page for TOAST four times as early (TOAST_TUPLE_THRESHOLD is 2 kB)."""
ERROR_BYTES: Final = 16_384
"""In one request; below, a wide row of a point is read and no more."""
WARNING_SHARE: Final = 0.5
WARNING_ROW_BYTES: Final = 200.0
WARNING_BYTES: Final = 512
"""In one request; a single short row read whole is how object mappers work."""
LEAST_SHARE: Final = 0.5
"""Share of the requests in which it was so."""
ROWS_RATIO: Final = 10.0
ROW_BYTES: Final = 8
"""An answer with so many bytes for each row may well have told them all: as CSV, or as an object by key."""
LEAST_ROWS: Final = 1_000
"""Rows fetched from which answering a tenth of them means that the target filters or adds up itself."""


def violations(route: RouteWork) -> Iterator[Violation]:
    """Columns whose values went nowhere, and rows far more than the answer has elements."""
    for fingerprint, runs in route.runs().items():
        if route.kind(fingerprint) != "select":
            continue
        rows = _rows(fingerprint, runs)
        if rows is not None:
            yield rows
            continue
        columns = _columns(fingerprint, runs)
        if columns is not None:
            yield columns


def _rows(fingerprint: str, runs: Sequence[tuple[RequestWork, Repeat]]) -> Violation | None:
    for request, repeat in runs:
        answered = max(1, sum(n for path, n in request.lengths.items() if not path.startswith("sent ")))
        told = request.answer_bytes >= ROW_BYTES * repeat.most_rows
        if repeat.most_rows >= LEAST_ROWS and repeat.most_rows >= ROWS_RATIO * answered and not told:
            return Violation(
                rule=RULE,
                fingerprint=fingerprint,
                error=True,
                detail=f"Fetches {counted_number(repeat.most_rows)} rows and answers {answered} elements.",
                remedy="Filter, add up and limit in the statement: what is answered should cross the wire.",
            )
    return None


def _columns(fingerprint: str, runs: Sequence[tuple[RequestWork, Repeat]]) -> Violation | None:
    told = [(request, repeat) for request, repeat in runs if repeat.rows and request.warmth == "cold"]
    times = sum(request.times for request, _ in told)
    for error in (True, False):
        bad = [(request, repeat) for request, repeat in told if _wastes(repeat, error=error)]
        if not bad or sum(request.times for request, _ in bad) < LEAST_SHARE * times:
            continue
        worst = max((repeat for _, repeat in bad), key=lambda repeat: repeat.unused_bytes)
        names = sorted(set.intersection(*(set(repeat.unused) for _, repeat in bad)))
        return Violation(
            rule=RULE,
            fingerprint=fingerprint,
            error=error,
            detail=(
                f"Fetches {counted_number(worst.unused_bytes / worst.rows)} bytes a row that go nowhere, of "
                f"{counted_number(worst.size_bytes / worst.rows)}: {', '.join(names) or 'varying columns'}."
            ),
            remedy="Name the columns that are answered instead of *.",
        )
    return None


def _wastes(repeat: Repeat, *, error: bool) -> bool:
    a_row = repeat.unused_bytes / repeat.rows
    used = repeat.size_bytes - repeat.unused_bytes
    if error:
        return (
            a_row >= ERROR_ROW_BYTES
            and repeat.unused_bytes >= ERROR_RATIO * used
            and repeat.unused_bytes >= ERROR_BYTES
        )
    return (
        a_row >= WARNING_ROW_BYTES
        and repeat.unused_bytes >= WARNING_BYTES
        and repeat.unused_bytes >= WARNING_SHARE * repeat.size_bytes
    )
