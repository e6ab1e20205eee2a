"""Mutants of the reference system find what they break: a fault that is planted on nothing proves nothing."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from harness.prove.mutant import Planting, find_mutants

REPOSITORY = Path(__file__).parents[3]
MUTANTS = find_mutants(REPOSITORY / "tests" / "mutants", "plans,indexes")
INSIDE = [mutant for mutant in MUTANTS if mutant.planting is Planting.INSIDE]
SQL = [mutant for mutant in MUTANTS if mutant.planting is Planting.SQL]

PLANT_EACH = """
import importlib, json, runpy, sys

def parts(module):
    statements = {name: held.sql for name, held in getattr(module, "STATEMENTS", {}).items()}
    methods = {(name, key): value for name, held in vars(module).items() if isinstance(held, type)
               for key, value in vars(held).items()}
    functions = {name: held for name, held in vars(module).items() if callable(held)}
    return statements, methods, functions

untouched = []
for path in sys.argv[1:]:
    for name in [name for name in sys.modules if name.split(".")[0] == "system"]:
        del sys.modules[name]
    mutant = runpy.run_path(path)
    module = importlib.import_module(mutant["MODULE"])
    before = parts(module)
    mutant["inside"](module)
    if parts(module) == before:
        untouched.append(path)
print(json.dumps(untouched))
"""


def test_each_mutant_inside_finds_the_statement_or_function_that_it_changes() -> None:
    assert INSIDE
    planted = subprocess.run(
        [sys.executable, "-c", PLANT_EACH, *(str(mutant.path) for mutant in INSIDE)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert planted.returncode == 0, planted.stderr
    assert json.loads(planted.stdout) == []


@pytest.fixture(scope="module")
def migrated(postgres_url: str) -> Iterator[psycopg.Connection]:
    """A connection to the reference system's schema, without rows."""
    server = postgres_url.rpartition("/")[0]
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE mutants")
    address = f"{server}/mutants"
    services = {
        "DATABASE_URL": address,
        "REDIS_URL": "redis://127.0.0.1:1",
        "OLLAMA_URL": "http://127.0.0.1:1",
    }
    secrets = {"SYSTEM_JWT_SECRET": "only for tests, and long enough for HS256", "SEED_PASSWORD": "for-tests"}
    command = [sys.executable, "-m", "system", "migrate"]
    subprocess.run(command, cwd=REPOSITORY, env={**os.environ, **services, **secrets}, check=True)
    with psycopg.connect(address) as connection:
        yield connection


@pytest.mark.parametrize("mutant", SQL, ids=lambda mutant: mutant.id)
def test_each_mutant_in_sql_finds_what_it_changes(mutant, migrated: psycopg.Connection) -> None:
    catalogue = (
        "SELECT indexrelid::regclass::text, indisvalid::text, pg_get_indexdef(indexrelid) FROM pg_index"
        " WHERE indrelid::regclass::text !~ '^pg_'"
        " UNION ALL SELECT oid::regprocedure::text, prokind::text, pg_get_functiondef(oid) FROM pg_proc"
        " WHERE pronamespace = 'public'::regnamespace ORDER BY 1"
    )
    before = migrated.execute(catalogue).fetchall()
    migrated.execute(mutant.path.read_bytes())
    assert migrated.execute(catalogue).fetchall() != before
    migrated.rollback()
