"""Q01: a statement runs once for each thing that the request answers."""

from collections.abc import Iterator, Mapping, Sequence
from statistics import linear_regression
from typing import Final

from msgspec import Struct

from harness.model.policy import RouteClass
from harness.planner.rules.case import Violation
from harness.planner.rules.reading import STRICT
from harness.planner.rules.wording import counted_number
from harness.plans.model import Repeat, RequestWork
from harness.plans.rules.route import RouteWork

RULE: Final = "plans/n-plus-one"
LEAST_SLOPE: Final = 0.5
"""Statements per element. One for each is 1; a statement per batch of ten is 0.1, and none of it."""
SURE_SLOPE: Final = 0.8
"""What two lengths alone must show."""
LEAST_DISTANCE: Final = 3
LEAST_COUNT: Final = 3
"""Prosopite raises from two on; two may be two different questions."""
LEAST_FIT: Final = 0.8
"""Share of the counts' variance that the lengths explain (r²)."""
LEAST_CONSTANT: Final = {RouteClass.REPORT: 5, RouteClass.MODEL: 5}
"""Where a length never varies, counts that equal it; a report may well ask three questions of one form."""
LEAST_LENGTHS: Final = 3
BATCH_FIT: Final = 0.9
"""What three and more lengths must explain of a loop over batches, which is a staircase."""
LOOP_COUNT: Final = 10
"""A SELECT that runs so often in one request, with other values each time, is worth a warning."""
SURE_COUNT: Final = 20
"""And so often it is a loop on any route, whatever it goes through: a week is 7, months are 12."""


class Fit(Struct, frozen=True, kw_only=True):
    """An array that explains how often a statement runs; `slope` is None where its length never varies."""

    path: str
    slope: float | None
    points: tuple[tuple[int, float], ...]


def violations(route: RouteWork) -> Iterator[Violation]:
    """One for each statement whose count follows the length of an array of the answer.

    An error for SELECTs; inserting what was sent row by row is a warning.
    """
    for fingerprint, runs in route.runs().items():
        most = max(repeat.count for _, repeat in runs)
        if most < LEAST_COUNT:
            continue
        kind = route.kind(fingerprint)
        fit = explaining_array(route.route_class, runs)
        if fit is not None:
            yield _follows(fingerprint, fit, most, error=kind in {"select", "other", ""})
        elif kind == "select" and route.route_class in STRICT and (batch := _batched(runs)) is not None:
            yield _follows(fingerprint, batch, most, error=True)
        elif kind == "select" and _loops(runs):
            yield Violation(
                rule=RULE,
                fingerprint=fingerprint,
                error=most >= SURE_COUNT and not _reads_pages(runs),
                detail=f"One request runs this statement {most} times, each time with other values.",
                remedy="Ask for all of them at once: WHERE key = ANY ($1), or a join.",
            )


def _batched(runs: Sequence[tuple[RequestWork, Repeat]]) -> Fit | None:
    """The array that explains a loop over batches; None where there is none, or the loop is short.

    A statement for each ten elements is a tenth of the loop, and is as far from one statement for all.
    """
    if not _loops(runs):
        return None
    fits = []
    for path in sorted({path for request, _ in runs for path in request.lengths}):
        by_length: dict[int, list[int]] = {}
        for request, repeat in runs:
            if path in request.lengths:
                by_length.setdefault(request.lengths[path], []).append(repeat.count)
        means = {length: sum(counts) / len(counts) for length, counts in sorted(by_length.items())}
        if len(means) < LEAST_LENGTHS:
            continue
        slope, _ = linear_regression(list(means), list(means.values()))
        if slope > 0 and _explained(means, slope) >= BATCH_FIT:
            fits.append(Fit(path=path, slope=slope, points=tuple(means.items())))
    return max(fits, key=_closeness, default=None)


def explaining_array(route_class: RouteClass, runs: Sequence[tuple[RequestWork, Repeat]]) -> Fit | None:
    """The array of the answer whose length best explains the counts; None where none does.

    Least squares over the distinct lengths, over page sizes, variants and parents; requests that did not run
    the statement (an option was off, a cache was warm) say nothing.
    """
    paths = sorted({path for request, _ in runs for path in request.lengths})
    fits = [fit for path in paths if (fit := _fit(route_class, path, runs)) is not None]
    return max(fits, key=lambda fit: (fit.slope is not None, _closeness(fit)), default=None)


def _fit(route_class: RouteClass, path: str, runs: Sequence[tuple[RequestWork, Repeat]]) -> Fit | None:
    points = [(request.lengths[path], repeat.count) for request, repeat in runs if path in request.lengths]
    by_length: dict[int, list[int]] = {}
    for length, count in points:
        by_length.setdefault(length, []).append(count)
    means = {length: sum(counts) / len(counts) for length, counts in sorted(by_length.items())}
    if len(means) == 1:
        return _constant(route_class, path, means, runs)
    if not means or max(count for _, count in points) < LEAST_COUNT:
        return None
    slope, _ = linear_regression(list(means), list(means.values()))
    distance = max(means) - min(means)
    enough = LEAST_SLOPE if len(means) > 2 else SURE_SLOPE  # noqa: PLR2004 - three lengths make a line
    if slope < enough or distance < LEAST_DISTANCE or _explained(means, slope) < LEAST_FIT:
        return None
    return Fit(path=path, slope=slope, points=tuple(means.items()))


def _constant(
    route_class: RouteClass,
    path: str,
    means: Mapping[int, float],
    runs: Sequence[tuple[RequestWork, Repeat]],
) -> Fit | None:
    """A length that never varied: every request ran the statement exactly so often, with other values."""
    ((length, _),) = means.items()
    exact = all(
        repeat.count == length and repeat.identical < repeat.count and path in request.lengths
        for request, repeat in runs
    )
    if not exact or length < LEAST_CONSTANT.get(route_class, LEAST_COUNT):
        return None
    return Fit(path=path, slope=None, points=((length, float(length)),))


def _explained(means: Mapping[int, float], slope: float) -> float:
    """r² of the line through the means."""
    middle_length = sum(means) / len(means)
    middle = sum(means.values()) / len(means)
    whole = sum((count - middle) ** 2 for count in means.values())
    left = sum((count - middle - slope * (length - middle_length)) ** 2 for length, count in means.items())
    return 1 - left / whole if whole else 0.0


def _closeness(fit: Fit) -> float:
    """Nearer to one statement for each element is the better explanation."""
    return -abs((fit.slope or 1.0) - 1.0)


def _follows(fingerprint: str, fit: Fit, most: int, *, error: bool) -> Violation:
    array = f"elements of {fit.path or 'the answer'}"
    if fit.slope is None:
        detail = f"Runs {most} times in every request: once for each of the {most} {array}."
    else:
        detail = f"Runs {fit.slope:.2f} times for each of the {array}: {most} times in one request."
    seen = ", ".join(f"{length} -> {counted_number(count)}" for length, count in fit.points[:8])
    return Violation(
        rule=RULE,
        fingerprint=fingerprint,
        error=error,
        detail=detail,
        remedy="Ask once for all: WHERE key = ANY ($1) with the keys of the page, or a join.",
        evidence=(f"elements -> runs: {seen}",),
    )


def _reads_pages(runs: Sequence[tuple[RequestWork, Repeat]]) -> bool:
    """Whether it goes on because a page was full: that is plans/page-loop's."""
    return any(repeat.full_pages > 1 and repeat.most_rows > 1 for _, repeat in runs)


def _loops(runs: Sequence[tuple[RequestWork, Repeat]]) -> bool:
    return any(repeat.count >= LOOP_COUNT and 2 * repeat.identical <= repeat.count for _, repeat in runs)
