"""The run as one JSON document, for programs: figures, findings, the verdict; no histograms, no plans."""

from typing import Final

import msgspec
from msgspec import Struct

from harness.load.figures import RouteFigures
from harness.model.record import Machine, ProcessFacts, Record
from harness.model.verdict import Verdict
from harness.report.functional_summary import (
    ExerciseSummary,
    IndexesSummary,
    PlansSummary,
    summarize_exercise,
    summarize_indexes,
    summarize_plans,
)
from harness.report.view import load_of

SCHEMA: Final = "harness.summary"


class LoadSummary(Struct, frozen=True, kw_only=True):
    """A load in a few numbers; shares are 0 to 1. `margin` is the least part of a budget that is left."""

    users: int
    users_planned: int
    steady_s: float
    requests: int
    requests_per_s: float
    error_rate: float
    generator_error_p95_ms: float
    send_lag_p99_ms: float
    margin: float | None
    margin_of: str
    routes: tuple[RouteFigures, ...]


class Summary(Struct, frozen=True, kw_only=True):
    """What summary.json holds; `exit_code` is that of the command which judged."""

    schema: str = SCHEMA
    version: int = 1
    run: str
    target: str
    profile: str
    started_at: str
    finished_at: str
    exit_code: int
    verdict: Verdict
    load: LoadSummary | None
    exercise: ExerciseSummary | None = None
    plans: PlansSummary | None = None
    indexes: IndexesSummary | None = None
    processes: tuple[ProcessFacts, ...]
    machine: Machine


def summarize(record: Record, verdict: Verdict) -> Summary:
    """The summary of a judged record. Raises RecordUnreadable where a measurement is damaged."""
    view = load_of(record)
    load = None
    if view is not None:
        load = LoadSummary(
            users=view.users,
            users_planned=view.measurement.result.users_planned,
            steady_s=view.steady_s,
            requests=view.requests,
            requests_per_s=view.requests_per_s,
            error_rate=view.errors.share,
            generator_error_p95_ms=view.generator_error_ms,
            send_lag_p99_ms=view.send_lag.quantile_us(0.99) / 1000,
            margin=view.margin,
            margin_of=view.margin_route,
            routes=view.figures,
        )
    return Summary(
        run=record.run,
        target=record.target,
        profile=record.profile,
        started_at=record.started_at,
        finished_at=record.finished_at,
        exit_code=int(verdict.outcome.exit_code),
        verdict=verdict,
        load=load,
        exercise=summarize_exercise(record),
        plans=summarize_plans(record, verdict),
        indexes=summarize_indexes(record),
        processes=record.processes,
        machine=record.machine,
    )


def to_json(document: Struct) -> str:
    """A document as JSON with two spaces and a final newline; the same document gives the same text."""
    return msgspec.json.format(msgspec.json.encode(document, order="deterministic"), indent=2).decode() + "\n"
