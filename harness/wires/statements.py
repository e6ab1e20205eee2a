"""Statements as distinct texts: each with the parameters and the sessions it was seen in."""

from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import Struct

from harness.wires.fingerprint import fingerprint, query_text
from harness.wires.model import Connected, Event, Parameter, Statement, TransactionEnded
from harness.wires.postgres_transaction import to_savepoint
from harness.wires.settings import Session, change
from harness.wires.tokens import Kind, split, tokens

MAX_BINDINGS: Final = 3

_PLANNED: Final = frozenset({"select", "insert", "update", "delete", "merge", "with", "values", "table"})


class Setting(Struct, frozen=True):
    """A statement that set something of the session (`SET …`, `set_config(…)`), to be run before."""

    sql: str
    parameters: tuple[Parameter, ...] = ()


class Binding(Struct, frozen=True):
    """One set of parameters. `label`: real, common, rare or absent.

    Real ones came from a wire; the others replace what is compared with a column for equality by that
    column's most common, a rare, and a value that is not there. `settings` are those of the session
    that sent the real one.
    """

    label: str
    parameters: tuple[Parameter, ...]
    settings: tuple[Setting, ...] = ()


class Query(Struct, frozen=True, kw_only=True):
    """A statement to be planned: one text with the parameters it was seen with.

    `fingerprint` is `harness.wires.fingerprint` of the text; `user` and `options` are those of the
    session's start; `bindings` are real ones, distinct, at least one, at most three. Where values are
    written into the text instead of bound, `literal_texts` has the text of every binding, `sql` first.
    """

    fingerprint: str
    sql: str
    user: str
    options: dict[str, str] = {}
    bindings: tuple[Binding, ...]
    literal_texts: tuple[str, ...] = ()


class Run(Struct, frozen=True):
    """A statement as it ran: its text, values, session and rows."""

    sql: str
    user: str
    options: dict[str, str]
    parameters: tuple[Parameter, ...]
    settings: tuple[Setting, ...]
    rows: int


def distinct(events: Iterable[Event]) -> tuple[Query, ...]:
    """Every statement of the log once per fingerprint, failed ones and those that only set left out.

    What can be planned is kept: SELECT, INSERT, UPDATE, DELETE, MERGE, WITH, VALUES and TABLE, and the
    query of a cursor or a COPY. The first binding is that of the run with most rows, the second of
    the one with the fewest, the third of the one most unlike both.
    """
    runs: dict[str, dict[object, Run]] = {}
    for run in _runs(events):
        seen = runs.setdefault(fingerprint(run.sql), {})
        values = tuple(parameter.value for parameter in run.parameters)
        # Texts differ in what is written into them only where nothing is bound.
        key = (run.user, run.settings, values, "" if values else run.sql)
        known = seen.get(key)
        if known is None or known.rows < run.rows:
            seen[key] = run
    return tuple(_query(name, list(seen.values())) for name, seen in runs.items())


def _runs(events: Iterable[Event]) -> Iterator[Run]:
    """The statements that succeeded and have a plan, each with the settings that held when it ran."""
    users: dict[int, Connected] = {}
    sessions: dict[int, Session] = {}
    for event in events:
        if isinstance(event, Connected):
            users[event.connection] = event
            sessions[event.connection] = Session()
        elif isinstance(event, TransactionEnded):
            if event.failed and event.connection in sessions:
                sessions[event.connection].roll_back()
        elif isinstance(event, Statement):
            session = sessions.setdefault(event.connection, Session())
            session.enter(event)
            if event.error:
                if not event.block:
                    session.roll_back()
                continue
            if event.tag == "ROLLBACK" and not to_savepoint(event.sql):
                session.roll_back()
                continue
            made = change(event)
            if (made is None or not made.only) and _has_plan(event):
                start = users.get(event.connection)
                yield Run(
                    query_text(event.sql).rstrip().removesuffix(";"),
                    start.user if start else "",
                    start.options if start else {},
                    event.parameters,
                    tuple(Setting(each.sql, each.parameters) for each in session.changes()),
                    event.rows,
                )
            if made is not None:
                session.add(made)


def _has_plan(statement: Statement) -> bool:
    """Whether the statement can be explained, on its own."""
    sql = query_text(statement.sql)
    first = next((token for token in tokens(sql) if token.kind != Kind.COMMENT and token.text != "("), None)
    if first is None or first.text.lower() not in _PLANNED:
        return False
    return ";" not in sql or len(split(sql)) == 1


def _query(name: str, runs: list[Run]) -> Query:
    # Where a target writes values into some texts and binds them in others, the bound ones say more.
    first = max(runs, key=lambda run: (bool(run.parameters), run.rows))
    alike = [run for run in runs if run.user == first.user]
    if first.parameters:
        text = _bare(first.sql)
        alike = [run for run in alike if run.sql == first.sql or _bare(run.sql) == text]
    else:
        alike = [run for run in alike if not run.parameters]
        if any(run.sql != first.sql for run in alike):
            alike = [first, *{run.sql: run for run in alike if run.sql != first.sql}.values()]
    chosen = [first]
    rest = [run for run in alike if run is not first]
    if rest:
        chosen.append(min(rest, key=lambda run: (run.rows, -_difference(run, first))))
        rest = [run for run in rest if run is not chosen[1]]
    if rest:
        chosen.append(max(rest, key=lambda run: min(_difference(run, other) for other in chosen)))
    texts = tuple(run.sql for run in chosen)
    return Query(
        fingerprint=name,
        sql=first.sql,
        user=first.user,
        options=first.options,
        bindings=tuple(Binding("real", run.parameters, run.settings) for run in chosen),
        literal_texts=texts if not first.parameters and len(set(texts)) > 1 else (),
    )


def _bare(sql: str) -> str:
    """The text without comments, in which a trace's number may stand."""
    return " ".join(token.text for token in tokens(sql) if token.kind != Kind.COMMENT)


def _difference(run: Run, other: Run) -> int:
    """In how many values two runs differ; another session counts as one, other literals as one."""
    values = sum(a.value != b.value for a, b in zip(run.parameters, other.parameters, strict=False))
    return values + (run.settings != other.settings) + (run.sql != other.sql)
