"""What a target asked of Postgres and what it had prepared, as the decoder remembers it."""

from typing import Final

from harness.wires.model import TEXT, Parameter
from harness.wires.postgres_messages import Bound
from harness.wires.postgres_result import Described, Result

QUERY: Final = ord("Q")
PARSE: Final = ord("P")
BIND: Final = ord("B")
DESCRIBE: Final = ord("D")
EXECUTE: Final = ord("E")
CLOSE: Final = ord("C")
SYNC: Final = ord("S")
CALL: Final = ord("F")

RUNS: Final = frozenset({QUERY, EXECUTE})
"""Requests that run a statement."""

ENDS: Final = frozenset({QUERY, SYNC, CALL})
"""Requests that the server answers with ReadyForQuery at last."""

ANSWERED: Final = frozenset({QUERY, PARSE, BIND, DESCRIBE, EXECUTE, CLOSE, SYNC, CALL})


class Sent:
    """A request that waits for its answer. `done` are the statements of a simple query that completed."""

    __slots__ = ("body", "done", "failed", "kind", "pipelined", "result", "sent_s", "texts")

    def __init__(self, kind: int, body: bytes, sent_s: float, *, pipelined: bool) -> None:
        self.kind = kind
        self.body = body
        self.sent_s = sent_s
        self.pipelined = pipelined
        self.failed = False
        self.result: Result | None = None
        self.texts: list[str] | None = None
        self.done: list[tuple[str, int, Result | None, float]] = []


class Prepared:
    """A prepared statement; `oids` and `columns` as declared, then as the server described them."""

    __slots__ = ("columns", "key", "name", "oids", "sql")

    def __init__(self, key: bytes, sql: str, oids: tuple[int, ...]) -> None:
        self.key = key
        self.name = key.decode(errors="replace")
        self.sql = sql
        self.oids = oids
        self.columns: Described | None = None


class Portal:
    """A prepared statement with its parameters, and what its Executes have returned so far.

    `columns` are those of the portal's own description; `fetched` counts the rows of earlier parts;
    `finished` once the statement was told.
    """

    __slots__ = (
        "_bound",
        "columns",
        "done_s",
        "fetched",
        "finished",
        "pipelined",
        "prepared",
        "result",
        "sent_s",
        "suspended",
    )

    def __init__(self, prepared: Prepared, bound: Bound | None, sent_s: float) -> None:
        self._bound = bound
        self.prepared = prepared
        self.sent_s = sent_s
        self.columns: Described | None = None
        self.result: Result | None = None
        self.done_s = sent_s
        self.fetched = 0
        self.pipelined = False
        self.suspended = False
        self.finished = False

    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters, each with its format and type spelt out."""
        if self._bound is None:
            return ()
        formats, oids = self._bound.formats, self.prepared.oids
        return tuple(
            Parameter(value, _format(formats, index), oids[index] if index < len(oids) else 0)
            for index, value in enumerate(self._bound.values)
        )

    def open_result(self) -> Result:
        """The result that rows are added to.

        A target that described the statement once, when it prepared it, does not describe its portals.
        """
        if self.result is None:
            columns = self.columns
            if columns is None and self.prepared.columns and self._bound is not None:
                formats = self._bound.result_formats
                columns = [
                    (name, oid, _format(formats, index))
                    for index, (name, oid, _) in enumerate(self.prepared.columns)
                ]
            self.result = Result(columns)
        return self.result


def _format(formats: tuple[int, ...], index: int) -> int:
    """Formats are given for each value, one for all, or not at all for text."""
    if not formats:
        return TEXT
    return formats[0] if len(formats) == 1 else formats[index]
