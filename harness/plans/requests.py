"""Windows of the exercise as work: what each request had Postgres do, without values."""

import re
import struct
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Final

import msgspec

from harness.exercise.model import Seen, Window
from harness.planner.rules.case import Syntax
from harness.plans.model import Repeat, RequestWork
from harness.statements.reading import route_of
from harness.wires.model import BINARY, Parameter, Statement

LONG_WAIT_S: Final = 0.2
"""Pauses inside a transaction are kept apart at this length; see docs/rules/plans-idle-in-transaction.md."""
WRITTEN_LIMIT: Final = re.compile(
    r"\blimit\s+(\d+)|\bfetch\s+(?:first|next)\s+(\d+)\s+rows?\b", re.IGNORECASE
)
WRITES: Final = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE"})
INTEGERS: Final = {2: ">h", 4: ">i", 8: ">q"}
"""Postgres's binary integers by their length in bytes."""


def work_of(
    windows: Iterable[Window], syntaxes: Mapping[str, Syntax], declared: Collection[str]
) -> tuple[RequestWork, ...]:
    """Every request as work; equal ones are one, `times` of them.

    `syntaxes` by fingerprint are those of the statements that count: neither session settings nor a driver's
    look into the catalogue. `declared` are routes with a table of their own, `GET /orders?q` among them.
    """
    merged: dict[bytes, RequestWork] = {}
    for window in windows:
        work = _work(window, syntaxes, declared)
        same = msgspec.structs.replace(work, answer_bytes=0, waited_s=float(work.waited_s > LONG_WAIT_S))
        key = msgspec.msgpack.encode(same)
        seen = merged.get(key)
        merged[key] = (
            work
            if seen is None
            else msgspec.structs.replace(
                seen,
                times=seen.times + 1,
                answer_bytes=max(seen.answer_bytes, work.answer_bytes),
                waited_s=max(seen.waited_s, work.waited_s),
            )
        )
    return tuple(merged.values())


def limit_of(statement: Statement, syntax: Syntax) -> int | None:
    """The LIMIT that one run had; None where there is none or its value is not known."""
    if syntax.limit.isdigit():
        # Texts with values in them share a fingerprint and differ in their LIMIT: the run's own text first.
        written = WRITTEN_LIMIT.search(statement.sql)
        return int(written[1] or written[2]) if written else int(syntax.limit)
    number = re.fullmatch(r"\$(\d+)", syntax.limit)
    if number is None or not 0 < int(number[1]) <= len(statement.parameters):
        return None
    return _integer(statement.parameters[int(number[1]) - 1])


def _integer(parameter: Parameter) -> int | None:
    value = parameter.value
    if value is None:
        return None
    if parameter.format == BINARY:
        layout = INTEGERS.get(len(value))
        return int(struct.unpack(layout, value)[0]) if layout else None
    return int(value) if value.lstrip(b"-").isdigit() else None


def _work(window: Window, syntaxes: Mapping[str, Syntax], declared: Collection[str]) -> RequestWork:
    call = window.call
    counting = [seen for seen in window.statements if seen.fingerprint in syntaxes]
    unused: dict[str, set[str]] = defaultdict(set)
    for fingerprint, column in window.unused:
        unused[fingerprint].add(column)
    identical = _identical(counting)
    runs: dict[str, list[Statement]] = defaultdict(list)
    for seen in counting:
        runs[seen.fingerprint].append(seen.statement)
    return RequestWork(
        route=route_of(window, declared),
        variant=call.variant,
        warmth=call.warmth.value,
        identity=call.identity,
        status=call.status,
        answer_bytes=call.answer_bytes,
        lengths=call.lengths,
        page=call.page,
        statements=len(counting),
        repeats=tuple(
            _repeat(
                fingerprint, statements, syntaxes[fingerprint], identical[fingerprint], unused[fingerprint]
            )
            for fingerprint, statements in runs.items()
        ),
        left_open=window.left_open,
        waited_s=window.waited_s,
    )


def _repeat(
    fingerprint: str, runs: list[Statement], syntax: Syntax, identical: int, unused: set[str]
) -> Repeat:
    limits = [limit_of(run, syntax) for run in runs]
    return Repeat(
        fingerprint=fingerprint,
        count=len(runs),
        identical=identical,
        rows=sum(run.rows for run in runs),
        most_rows=max(run.rows for run in runs),
        full_pages=sum(run.rows == limit for run, limit in zip(runs, limits, strict=True)),
        size_bytes=sum(column.size_bytes for run in runs for column in run.columns),
        unused_bytes=sum(
            column.size_bytes for run in runs for column in run.columns if column.name in unused
        ),
        unused=tuple(sorted(unused)),
    )


def _identical(seen: Iterable[Seen]) -> Counter[str]:
    """By fingerprint, the most runs with the same text and parameters without a write between them."""
    most: Counter[str] = Counter()
    since_write: Counter[tuple[str, str, tuple[bytes | None, ...]]] = Counter()
    for one in seen:
        statement = one.statement
        if statement.tag.split(" ")[0] in WRITES:
            since_write.clear()
        key = (one.fingerprint, statement.sql, tuple(each.value for each in statement.parameters))
        since_write[key] += 1
        most[one.fingerprint] = max(most[one.fingerprint], since_write[key])
    return most
