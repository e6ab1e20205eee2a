"""Brings the schema up to date: numbered SQL files, each in a transaction, one process at a time."""

import hashlib
from pathlib import Path
from typing import Final

import psycopg

from system.errors import MigrationFailed

FOLDER: Final = Path(__file__).with_name("migrations")
LOCK: Final = 0x73797374656D
"""Key of the advisory lock: `system` in ASCII."""
LEDGER: Final = """
    CREATE TABLE IF NOT EXISTS migrations (
        name text PRIMARY KEY, digest text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now()
    )
"""
ENTRY: Final = "INSERT INTO migrations (name, digest) VALUES (%s, %s)"


def migrate(database_url: str, folder: Path = FOLDER) -> tuple[str, ...]:
    """Apply what has not been applied and return its names, in order.

    A second process waits for the first and finds nothing to do. MigrationFailed where a file fails (it
    leaves nothing behind), or an applied one has changed since or is gone.
    """
    files = sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.sql"))
    applied: list[str] = []
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
        connection.execute(LEDGER)
        rows = connection.execute("SELECT name, digest FROM migrations").fetchall()
        known: dict[str, str] = {str(name): str(digest) for name, digest in rows}
        if gone := sorted(known.keys() - {file.name for file in files}):
            raise MigrationFailed(f"the database has {gone[0]}, unknown to this version: deploy a later one")
        for file in files:
            text = file.read_text(encoding="utf-8")
            digest = hashlib.sha256(text.encode()).hexdigest()
            if file.name in known:
                if known[file.name] != digest:
                    raise MigrationFailed(
                        f"{file.name} changed after it was applied: write a new one instead"
                    )
                continue
            try:
                with connection.transaction():
                    connection.execute(text.encode())
                    connection.execute(ENTRY, (file.name, digest))
            except psycopg.Error as error:
                raise MigrationFailed(f"{file.name}: {error}") from error
            applied.append(file.name)
    return tuple(applied)
