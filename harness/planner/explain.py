"""EXPLAIN over libpq: the bytes that crossed the wire are bound again as they were, nothing is decoded.

All of it blocks: callers give it a thread. One Explainer serves one clone and one thread.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Self

from harness.planner.model import Plan, Unplanned, Way
from harness.planner.questions import GENERIC, Question
from harness.planner.sessions import RefusedError, Session
from harness.planner.tree import read_tree

PLAN: Final = "EXPLAIN (FORMAT JSON, COSTS, VERBOSE off) "
EXECUTE: Final = "EXPLAIN (ANALYZE, TIMING off, BUFFERS, SUMMARY off, FORMAT JSON) "
"""Counts are the same on every machine; times are not, and taking them costs most of an ANALYZE."""

_INTEGRITY: Final = "23"
"""Class of SQLSTATEs: the row that an INSERT made is there already, in the copy of the same data."""


class Explainer:
    """Explains questions on one clone. `schemas`: the schema of each table whose name is known once."""

    def __init__(self, address: str, schemas: Mapping[str, str]) -> None:
        self._address = address
        self._schemas = schemas
        self._sessions: dict[tuple[str, tuple[tuple[str, str], ...]], Session] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for session in self._sessions.values():
            session.close()

    def plan(self, asked: Iterable[Question], way: Way, scale: int) -> Iterator[Plan | Unplanned]:
        """The plan of each question, or why there is none; nothing is executed.

        A question that the target did not send itself is dropped where it has no plan.
        """
        for question in asked:
            yield from self._answer(question, PLAN, way, scale)
        self._leave()

    def execute(self, asked: Iterable[Question]) -> Iterator[Plan | Unplanned]:
        """What each question's plan does with the data of today; each is rolled back.

        Statements that the copy's own rows forbid (a key that is there by now) are dropped.
        """
        for question in asked:
            yield from self._answer(question, EXECUTE, Way.NOW, 1)
            self._leave()

    def _leave(self) -> None:
        for session in self._sessions.values():
            if not session.lost:
                session.leave()

    def _answer(self, question: Question, explain: str, way: Way, scale: int) -> Iterator[Plan | Unplanned]:
        session = self._session(question)
        generic = question.label == GENERIC
        try:
            failed = session.enter(question.settings, generic=generic)
            if question.real:
                yield from (
                    Unplanned(fingerprint=question.fingerprint, sql=sql, reason=reason)
                    for sql, reason in failed.items()
                )
            if generic:
                oids = tuple(parameter.oid for parameter in question.parameters)
                result = session.run(explain + session.prepare(question.sql, oids))
            else:
                result = session.run(explain + question.sql, question.parameters)
            root = read_tree(result.get_value(0, 0) or b"", self._schemas)
        except RefusedError as error:
            session.leave()
            if question.real and not (explain == EXECUTE and error.state.startswith(_INTEGRITY)):
                yield Unplanned(fingerprint=question.fingerprint, sql=question.sql, reason=str(error))
        except ValueError as error:
            if question.real:
                yield Unplanned(fingerprint=question.fingerprint, sql=question.sql, reason=str(error))
        else:
            yield Plan(
                fingerprint=question.fingerprint,
                way=way,
                scale=scale,
                binding=question.label,
                number=question.number,
                within=question.within,
                root=root,
            )

    def _session(self, question: Question) -> Session:
        key = question.user, tuple(sorted(question.options.items()))
        session = self._sessions.get(key)
        if session is None or session.lost:
            session = Session(self._address, question.user, question.options)
            self._sessions[key] = session
        return session
