"""The rules of the catalogue: one SQL file each, all with the same columns."""

from importlib.resources import files
from typing import Any, Final

import msgspec
import psycopg
from psycopg.rows import dict_row

from harness.errors import ServiceFailed
from harness.indexes.model import CatalogueRow
from harness.planner.laboratory import Laboratory

ON_THE_COPY: Final = (
    "unindexed_foreign_key",
    "duplicate",
    "prefix",
    "invalid",
    "unvalidated",
    "no_primary_key",
    "low_value_leading",
    "bloat",
    "sequence",
)
"""What the catalogue and fresh statistics tell; the copy has both, and disturbs nobody."""
ON_THE_SERVER: Final = ("unused",)
"""What only the server that the exercise ran against has counted."""


async def catalogue_rows(planner: Laboratory, address: str) -> tuple[CatalogueRow, ...]:
    """What every rule finds; `address` is that of the live server, which is only read.

    Raises ServiceFailed where that server does not answer any more.
    """
    found = [typed(rule, row) for rule in ON_THE_COPY for row in await planner.rows(statement(rule).encode())]
    try:
        async with await psycopg.AsyncConnection.connect(address, row_factory=dict_row) as connection:
            for rule in ON_THE_SERVER:
                cursor = await connection.execute(statement(rule).encode())
                found += [typed(rule, row) for row in await cursor.fetchall()]
    except psycopg.Error as error:
        reason = " ".join(str(error).split())
        raise ServiceFailed(
            f"What the target's database counted of its indexes cannot be read: {reason}"
        ) from error
    return tuple(found)


async def key_indexes(planner: Laboratory) -> frozenset[tuple[str, str]]:
    """(schema, name) of the indexes that begin with a foreign key's columns."""
    sql = files("harness.indexes").joinpath("serving.sql").read_bytes()
    return frozenset((row["schema"], row["index"]) for row in await planner.rows(sql))


def statement(rule: str) -> str:
    """The SQL of a rule."""
    return files("harness.indexes").joinpath("rules", f"{rule}.sql").read_text(encoding="utf-8")


def typed(rule: str, row: dict[str, Any]) -> CatalogueRow:
    """A row with the name of its rule."""
    return msgspec.convert({"rule": rule, **row}, CatalogueRow)
