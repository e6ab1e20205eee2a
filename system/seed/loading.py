"""Fills an empty, migrated database with the population, by COPY, in one transaction."""

import time
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import psycopg

from system.auth.passwords import hash_password
from system.db import read_statements
from system.errors import SystemFailure
from system.seed.population import Population, Row

STATEMENTS: Final = read_statements(Path(__file__).with_name("loading.sql"))
TEST_PASSWORD: Final = "correct horse battery staple"  # noqa: S105  public test data, never a real account
"""The password of all seeded users where SEED_PASSWORD gives none. Test data only."""
CHUNK: Final = 2000


def seed(database_url: str, scale: int, password: str = "", today: date | None = None) -> str:
    """Fill the database and return a sentence that says with what.

    All users share one hash: hashing 400 passwords would take longer than all the rest. SystemFailure
    where the scale is no count, or the database holds organizations already.
    """
    if scale < 1:
        raise SystemFailure(f"--scale {scale}: it must be 1 or more")
    began = time.monotonic()
    people = Population(scale, today or datetime.now(UTC).date())
    counts = dict.fromkeys(("contacts", "invoices", "lines"), 0)
    with psycopg.connect(database_url) as connection, connection.cursor() as cursor:
        if cursor.execute(_sql("is_empty")).fetchone() != (True,):
            raise SystemFailure("the database holds organizations already: seed an empty one")
        (index,) = cursor.execute(_sql("search_index")).fetchone() or ("",)
        cursor.execute(_sql("drop_search_index"))
        _copy(cursor, "organizations", people.organization_rows())
        _copy(cursor, "users", people.user_rows(hash_password(password or TEST_PASSWORD)))
        _copy(cursor, "counters", people.counter_rows())
        for organization in people.organizations:
            contacts = list(people.contact_rows(organization))
            lines: list[Row] = []
            ids = [str(row[1]) for row in contacts]
            counts["contacts"] += _copy(cursor, "contacts", contacts)
            counts["invoices"] += _copy(cursor, "invoices", people.invoice_rows(organization, ids, lines))
            counts["lines"] += _copy(cursor, "lines", lines)
        cursor.execute(str(index).encode())
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(_sql("vacuum"))
    return (
        f"seeded {len(people.organizations)} organizations, {counts['contacts']:,} contacts, "
        f"{counts['invoices']:,} invoices, {counts['lines']:,} lines in {time.monotonic() - began:.1f} s"
    )


def _sql(name: str) -> bytes:
    return STATEMENTS[name].sql


def _copy(cursor: psycopg.Cursor[Any], table: str, rows: Iterable[Row]) -> int:
    """Send rows in COPY's text format and return how many; the population has nothing to escape."""
    count = 0
    with cursor.copy(_sql(f"copy_{table}")) as copy:
        lines: list[str] = []
        for row in rows:
            lines.append("\t".join(["\\N" if value is None else str(value) for value in row]))
            if len(lines) == CHUNK:
                count += len(lines)
                copy.write("\n".join(lines) + "\n")
                lines.clear()
        if lines:
            copy.write("\n".join(lines) + "\n")
    return count + len(lines)
