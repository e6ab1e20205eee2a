"""A captured statement can be run again on another connection, and gives the rows that it gave."""

import datetime as dt
import decimal
import json
import uuid

import asyncpg
import psycopg
import psycopg2
import pytest
from psycopg import pq

from harness.wires.model import Parameter
from harness.wires.statements import Binding, Query, distinct

SCHEMA = """
DROP TABLE IF EXISTS kept;
DROP ROLE IF EXISTS keeper;
CREATE ROLE keeper;
CREATE TABLE kept (id uuid, tenant int, amount numeric, at timestamptz, name text, tags text[]);
INSERT INTO kept SELECT gen_random_uuid(), n % 4, n / 2.0, '2024-01-01'::timestamptz + n * '1 hour'::interval,
    'name ' || n, ARRAY['a', 'b' || n % 3] FROM generate_series(1, 400) n;
ALTER TABLE kept ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON kept TO keeper USING (tenant = current_setting('app.tenant')::int);
GRANT SELECT ON kept TO keeper;
"""


@pytest.fixture
def kept(postgres_url):
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(SCHEMA)
        yield postgres_url
        connection.execute("DROP TABLE kept; DROP ROLE keeper")


def run_again(url: str, query: Query) -> list[int]:
    """Rows that EXPLAIN ANALYZE counts for every binding, in a session with its settings."""
    texts = query.literal_texts or (query.sql,) * len(query.bindings)
    with psycopg.connect(url, autocommit=True) as connection:
        rows = []
        for sql, binding in zip(texts, query.bindings, strict=True):
            connection.execute("BEGIN")
            for setting in binding.settings:
                bound(connection.pgconn, setting.sql, setting.parameters)
            plan = bound(connection.pgconn, f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", binding.parameters)
            rows.append(round(json.loads(plan)[0]["Plan"]["Actual Rows"]))
            connection.execute("ROLLBACK")
        return rows


def bound(connection: pq.abc.PGconn, sql: str, parameters: tuple[Parameter, ...]) -> bytes:
    result = connection.exec_params(
        sql.encode(),
        [parameter.value for parameter in parameters],
        [parameter.oid for parameter in parameters],
        [parameter.format for parameter in parameters],
    )
    assert result.status in {pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK}, result.error_message
    return result.get_value(0, 0) or b"" if result.ntuples else b""


def of_kept(capture) -> Query:
    (query,) = [query for query in distinct(capture.events()) if "kept" in query.sql.lower()]
    return query


def first_values(bindings: tuple[Binding, ...]) -> list[bytes | None]:
    return [binding.parameters[0].value for binding in bindings]


def test_row_security_sees_the_same_rows_through_settings_of_a_pipeline(kept, capture):
    with psycopg.connect(capture.url, autocommit=True) as connection:
        connection.execute("SELECT set_config('role', 'keeper', false), set_config('jit', 'off', false)")
        seen = []
        for tenant in (1, 2, 9):
            with connection.pipeline():
                connection.execute("SELECT set_config('app.tenant', %s, true)", (str(tenant),))
                cursor = connection.execute(
                    "SELECT * FROM kept WHERE amount < %s", (decimal.Decimal(50 + tenant),)
                )
            seen.append(len(cursor.fetchall()))

    query = of_kept(capture)
    assert seen == [26, 26, 0]
    assert run_again(kept, query) == [26, 0, 26]
    assert [len(binding.settings) for binding in query.bindings] == [2, 2, 2]


async def test_asyncpgs_binary_values_are_bound_again(kept, capture):
    connection = await asyncpg.connect(capture.url)
    rows = await connection.fetch(
        "SELECT * FROM kept WHERE at > $1 AND amount > $2 AND tags && $3 AND id <> $4 AND tenant = ANY($5)",
        dt.datetime(2024, 1, 3, tzinfo=dt.UTC),
        decimal.Decimal("33.5"),
        ["b1", "b2"],
        uuid.uuid4(),
        [1, 2, 3],
    )
    await connection.close()

    assert rows
    assert run_again(kept, of_kept(capture)) == [len(rows)]


def test_psycopg2s_texts_are_run_again_each_with_its_settings(kept, capture):
    connection = psycopg2.connect(capture.url)
    seen = []
    for tenant, limit in ((1, 30), (2, 5), (3, 12)):
        with connection, connection.cursor() as cursor:
            cursor.execute("SET LOCAL ROLE keeper")
            cursor.execute("SET LOCAL app.tenant = %s", (str(tenant),))
            cursor.execute("SELECT * FROM kept WHERE tenant = %s AND name <> 'x' LIMIT %s", (tenant, limit))
            seen.append(len(cursor.fetchall()))
    connection.close()

    query = of_kept(capture)
    assert seen == [30, 5, 12]
    assert run_again(kept, query) == [30, 5, 12]
    assert len(query.literal_texts) == 3


def test_a_cursors_query_is_run_again_with_the_values_it_was_declared_with(kept, capture):
    with psycopg.connect(capture.url) as connection, connection.cursor(name="pages") as cursor:
        cursor.execute("SELECT name FROM kept WHERE tenant = %s", (2,))
        count = len(cursor.fetchall())

    query = of_kept(capture)
    assert run_again(kept, query) == [count]
    assert first_values(query.bindings) == [b"\0\2"]


def test_the_query_of_a_copy_is_run_again(kept, capture):
    copying = "COPY (SELECT name FROM kept WHERE tenant = %s) TO STDOUT"
    with psycopg.connect(capture.url) as connection, connection.cursor().copy(copying, (1,)) as copy:
        count = sum(1 for _ in copy.rows())

    query = of_kept(capture)
    assert query.sql == "SELECT name FROM kept WHERE tenant = 1"
    assert run_again(kept, query) == [count]
