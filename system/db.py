"""Postgres: the pool, statements from .sql files, and the organization that every statement runs for."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection, OperationalError
from psycopg.adapt import Loader
from psycopg.errors import QueryCanceled
from psycopg_pool import AsyncConnectionPool, PoolTimeout, TooManyRequests

from system.errors import ErrorCode, Refused
from system.settings import Settings
from system.timing import spent

ENTER_ORGANIZATION: Final = b"SELECT set_config('app.organization_id', %s, true)"
WORK_AS: Final = b"""
    SELECT set_config('role', 'system_app', false),
           set_config('statement_timeout', %s, false),
           set_config('jit', 'off', false)
"""
PAGE_FILE: Final = Path(__file__).with_name("page.sql")

Row = tuple[Any, ...]
Parameters = Mapping[str, object]


class Statement(Struct, frozen=True):
    """One named statement of a .sql file, as bytes for the driver."""

    name: str
    sql: bytes


@cache
def read_statements(path: Path) -> Mapping[str, Statement]:
    """Read a file of statements: each begins with a line `-- name: words_of_it` and ends at the next one.

    `-- page:` in place of `-- name:` marks a statement that selects the items of a page: it stands inside the
    one of page.sql. Comments stay in the file. ValueError where a file holds no named statement, or one name
    twice.
    """
    statements: dict[str, Statement] = {}
    parts = re.split(r"^-- (name|page): (\w+)\n", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    for kind, name, text in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        if name in statements:
            raise ValueError(f"{path}: statement {name!r} is there twice")
        lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("--")]
        sql = "\n".join(lines).rstrip(" ;").encode()
        statements[name] = Statement(name, paged(sql) if kind == "page" else sql)
    if not statements:
        raise ValueError(f"{path}: no line `-- name: …`")
    return statements


def paged(items: bytes) -> bytes:
    """Return the statement that gives a page of items as JSON, and the cursor of the next or null."""
    return read_statements(PAGE_FILE)["page"].sql.replace(b"ITEMS", items)


class RawJson(Loader):
    """JSON made by SQL goes to the client as it came: decoding it would only be undone."""

    def load(self, data: bytes | bytearray | memoryview) -> bytes:
        """Return the bytes."""
        return bytes(data)


class Database:
    """A pool of connections that work as `system_app`, each statement for one organization."""

    def __init__(self, settings: Settings) -> None:
        self._wait_s = settings.pool_wait_s
        self._statement_ms = str(round(settings.statement_s * 1000))
        self._pool = AsyncConnectionPool(
            settings.database_url,
            min_size=settings.pool_size,
            max_size=settings.pool_size,
            timeout=settings.pool_wait_s,
            # A pause of a second or two of Postgres is waited out; more callers than this could not be
            # served within the wait, and are refused at once.
            max_waiting=settings.pool_size * 512,
            open=False,
            kwargs={"autocommit": True, "prepare_threshold": 3},
            configure=self._configure,
        )

    async def open(self) -> None:
        """Start filling the pool; it does not wait, so that the service is alive without a database."""
        await self._pool.open(wait=False)

    async def close(self) -> None:
        """Close all connections."""
        await self._pool.close()

    async def one(self, statement: Statement, organization: UUID, parameters: Parameters) -> Row | None:
        """Run a statement for an organization and return its first row, or None.

        `organization` is set for row security and passed as parameter `organization`. Both statements
        travel in one pipeline, whose implicit transaction ends the setting: one round trip, no BEGIN.
        Database errors of the statement itself pass through; Refused 503 where no connection is free
        in time, Postgres cannot be reached, or the statement took too long.
        """
        with spent("db"):
            connection = await self._checkout()
            try:
                cursor = connection.cursor()
                async with connection.pipeline():
                    await connection.execute(ENTER_ORGANIZATION, (str(organization),))
                    await cursor.execute(statement.sql, {"organization": organization, **parameters})
                return await cursor.fetchone()
            except (OperationalError, QueryCanceled) as error:
                raise unavailable() from error
            finally:
                await self._pool.putconn(connection)

    async def before_sign_in(self, statement: Statement, parameters: Parameters) -> Row | None:
        """Run a statement for no organization: what it may see is up to row security."""
        with spent("db"):
            connection = await self._checkout()
            try:
                return await (await connection.execute(statement.sql, parameters)).fetchone()
            except (OperationalError, QueryCanceled) as error:
                raise unavailable() from error
            finally:
                await self._pool.putconn(connection)

    async def ping(self) -> bool:
        """Say whether a statement can be run now."""
        try:
            return await self.before_sign_in(Statement("ping", b"SELECT true"), {}) is not None
        except Refused:
            return False

    async def _checkout(self) -> AsyncConnection[Row]:
        try:
            return await self._pool.getconn(self._wait_s)
        except (PoolTimeout, TooManyRequests, OperationalError) as error:
            raise unavailable() from error

    async def _configure(self, connection: AsyncConnection[Row]) -> None:
        connection.adapters.register_loader("json", RawJson)
        await connection.execute(WORK_AS, (self._statement_ms,))


def unavailable() -> Refused:
    """The refusal where Postgres does not answer, or not in time."""
    return Refused(503, ErrorCode.OVERLOADED, "The database is busy; try again shortly.", retry_after_s=1)
