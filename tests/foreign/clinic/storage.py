"""Postgres: a bounded pool of connections, one transaction for each request, statements by name."""

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from psycopg2.extras import RealDictCursor
from psycopg2.pool import ThreadedConnectionPool

CONNECTIONS = 8
WAIT_S = 2.0


def read_statements(path: Path) -> dict[str, str]:
    """The statements of a file by the name in the line above each: `-- name: get_patient`."""
    parts = re.split(r"^-- name: (\w+)\n", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return {name: text.strip() for name, text in zip(parts[::2], parts[1::2], strict=True)}


STATEMENTS = read_statements(Path(__file__).with_name("statements.sql"))


class Busy(Exception):
    """No connection became free in time."""


class Work:
    """One transaction: statements by name, rows as dicts."""

    def __init__(self, cursor: RealDictCursor) -> None:
        self.cursor = cursor

    def all(self, name: str, **values: object) -> list[dict]:
        """All rows of a statement."""
        self.cursor.execute(STATEMENTS[name], values)
        return self.cursor.fetchall()

    def one(self, name: str, **values: object) -> dict | None:
        """The first row of a statement, or None."""
        self.cursor.execute(STATEMENTS[name], values)
        return self.cursor.fetchone()

    def run(self, name: str, **values: object) -> int:
        """How many rows a statement without an answer has changed."""
        self.cursor.execute(STATEMENTS[name], values)
        return self.cursor.rowcount


class Storage:
    """The pool. It raises Busy rather than open more connections than it has."""

    def __init__(self, address: str, connections: int = CONNECTIONS) -> None:
        self._pool = ThreadedConnectionPool(1, connections, address, cursor_factory=RealDictCursor)
        self._free = threading.BoundedSemaphore(connections)

    @contextmanager
    def work(self) -> Iterator[Work]:
        """One transaction: committed when the block ends, rolled back when it raises."""
        if not self._free.acquire(timeout=WAIT_S):
            raise Busy
        try:
            connection = self._pool.getconn()
            try:
                with connection, connection.cursor() as cursor:
                    yield Work(cursor)
            finally:
                self._pool.putconn(connection)
        finally:
            self._free.release()


def one_page(page: Mapping[str, int]) -> dict[str, int]:
    """LIMIT and OFFSET of a page; one row more than shown tells whether there is a next one."""
    return {"limit": page["per_page"] + 1, "offset": (page["page"] - 1) * page["per_page"]}
