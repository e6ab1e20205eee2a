"""Databases of one server, made from a template that nobody uses, and dropped again."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

import psycopg
from psycopg import AsyncConnection, sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from harness.errors import ServiceFailed
from harness.planner.catalogue import statement

FILE_COPY_SINCE: Final = 150_000
VACUUMS: Final = 5
"""The first VACUUM may leave pages not all visible, when something else still looks at them."""


def at(address: str, database: str) -> str:
    """The address of another database of the same server, as a connection string."""
    return make_conninfo(address, dbname=database)


def database_of(address: str) -> str:
    """The database that an address names."""
    parts = conninfo_to_dict(address)
    return str(parts.get("dbname") or parts.get("user") or "postgres")


async def connect(address: str) -> AsyncConnection[Any]:
    """A connection without a transaction of its own. Raises ServiceFailed with the server's reason."""
    try:
        return await AsyncConnection.connect(address, autocommit=True)
    except psycopg.Error as error:
        raise ServiceFailed(
            f"The planner's database does not answer: {' '.join(str(error).split())}"
        ) from error


class Databases:
    """Clones on one server; `admin` is the address that commands are sent to."""

    def __init__(self, admin: str, prefix: str) -> None:
        self.admin = admin
        self._prefix = prefix
        self._made: list[str] = []
        self._count = 0

    async def clone(self, template: str) -> str:
        """A new database like `template`, to which nobody may be connected; its name."""
        self._count += 1
        name = f"{self._prefix}{self._count}"
        async with await connect(self.admin) as connection:
            strategy = "STRATEGY file_copy" if connection.info.server_version >= FILE_COPY_SINCE else ""
            command = f"CREATE DATABASE {{}} TEMPLATE {{}} {strategy}"
            await connection.execute(sql.SQL(command).format(sql.Identifier(name), sql.Identifier(template)))
            self._made.append(name)
            # An ordinary role may not write there; its clones then have the server's settings.
            with suppress(psycopg.errors.InsufficientPrivilege):
                settings = {"template": template, "name": name}
                await connection.execute(statement("database_settings"), settings)
        return name

    async def empty(self) -> str:
        """A new database without anything; its name."""
        return await self.clone("template0")

    async def drop(self, name: str) -> None:
        """Drop a clone, whoever is still connected to it."""
        async with await connect(self.admin) as connection:
            await connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )
        if name in self._made:
            self._made.remove(name)

    async def drop_all(self) -> None:
        """Drop all clones that were made."""
        for name in reversed(tuple(self._made)):
            await self.drop(name)


async def vacuum(address: str, *, full: bool = False) -> None:
    """Vacuum and analyze a database; `full` writes its tables and indexes anew."""
    async with await connect(address) as connection:
        if full:
            await connection.execute("VACUUM (FULL)")
        await refresh(connection)


async def refresh(connection: AsyncConnection[Any]) -> None:
    """VACUUM ANALYZE until nearly all pages of every table are known to be visible to all."""
    await connection.execute("VACUUM (ANALYZE)")
    for _ in range(VACUUMS):
        found = await (await connection.execute(statement("half_visible"))).fetchall()
        if not found:
            return
        for schema, name in found:
            await connection.execute(
                sql.SQL("VACUUM (ANALYZE, DISABLE_PAGE_SKIPPING) {}").format(sql.Identifier(schema, name))
            )


async def build(address: str, definitions: Sequence[str]) -> dict[str, str]:
    """Build indexes and analyze their tables; the server's reason by definition for those that failed.

    ANALYZE, since an index on an expression has no statistics before it.
    """
    failed: dict[str, str] = {}
    async with await connect(address) as connection:
        for definition in definitions:
            try:
                await connection.execute(definition.encode())
            except psycopg.Error as error:
                failed[definition] = " ".join(str(error).split())
        unanalyzed = await (await connection.execute(statement("unanalyzed"))).fetchall()
        for schema, name in unanalyzed:
            await connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(schema, name)))
    return failed
