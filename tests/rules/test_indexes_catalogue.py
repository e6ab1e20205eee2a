"""Rules of the catalogue: one fault, one repair, on a real Postgres."""

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest

from harness.indexes.catalogue import statement

SCHEMA = """
    CREATE TABLE shops (id bigint PRIMARY KEY);
    CREATE TABLE orders (
        shop_id bigint NOT NULL REFERENCES shops,
        id bigint NOT NULL,
        placed_at timestamptz NOT NULL,
        paid boolean NOT NULL,
        state text NOT NULL,
        PRIMARY KEY (shop_id, id)
    );
    CREATE TABLE parcels (
        shop_id bigint NOT NULL,
        id bigint NOT NULL,
        order_id bigint NOT NULL,
        PRIMARY KEY (shop_id, id),
        CONSTRAINT parcels_order_fkey FOREIGN KEY (shop_id, order_id) REFERENCES orders
    );
    CREATE INDEX parcels_order_idx ON parcels (shop_id, order_id);
    CREATE INDEX orders_placed_idx ON orders (shop_id, placed_at);
    INSERT INTO shops SELECT generate_series(1, 20);
    INSERT INTO orders
        SELECT 1 + n % 20, n, now() - n * interval '1 minute', n % 2 = 0, 'new'
        FROM generate_series(1, 2000) AS n;
    ANALYZE;
"""


class Database:
    """An own database with the schema above; `found` gives the subjects of a rule."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def run(self, *statements: str) -> None:
        for sql in statements:
            self._connection.execute(sql.encode())

    def found(self, rule: str) -> list[tuple[str, bool]]:
        cursor = self._connection.execute(statement(rule).encode())
        assert cursor.description is not None
        names = [column.name for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        assert all(row["detail"] and row["remedy"] for row in rows)
        return [(row["subject"], row["error"]) for row in rows]


@pytest.fixture
def database(postgres_url: str) -> Iterator[Database]:
    name = f"rules_{uuid4().hex}"
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}".encode())
    with psycopg.connect(postgres_url, dbname=name, autocommit=True) as connection:
        connection.execute(SCHEMA.encode())
        yield Database(connection)
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


RULES = (
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


@pytest.mark.parametrize("rule", RULES)
def test_a_clean_schema_has_nothing_to_be_told(database: Database, rule: str) -> None:
    assert database.found(rule) == []


def test_all_rules_have_the_same_columns(database: Database) -> None:
    shapes = set()
    for rule in (*RULES, "unused"):
        cursor = database._connection.execute(statement(rule).encode())
        assert cursor.description is not None
        shapes.add(tuple(column.name for column in cursor.description))
    assert len(shapes) == 1


def test_a_foreign_key_without_an_index_is_named_until_it_has_one(database: Database) -> None:
    database.run("DROP INDEX parcels_order_idx")
    assert database.found("unindexed_foreign_key") == [("parcels.shop_id,order_id", False)]
    database.run("CREATE INDEX ON parcels (order_id, shop_id, id)")
    assert database.found("unindexed_foreign_key") == []


def test_an_index_on_half_of_a_composite_key_does_not_serve_it(database: Database) -> None:
    database.run("DROP INDEX parcels_order_idx", "CREATE INDEX ON parcels (order_id)")
    assert database.found("unindexed_foreign_key") == [("parcels.shop_id,order_id", False)]


def test_a_partial_index_serves_a_foreign_key_only_where_it_leaves_out_nulls(database: Database) -> None:
    database.run(
        "CREATE TABLE notes (id bigint PRIMARY KEY, shop_id bigint REFERENCES shops ON DELETE CASCADE)",
        "CREATE INDEX notes_some ON notes (shop_id) WHERE id > 5",
    )
    assert database.found("unindexed_foreign_key") == [("notes.shop_id", True)]
    database.run("CREATE INDEX notes_all ON notes (shop_id) WHERE shop_id IS NOT NULL")
    assert database.found("unindexed_foreign_key") == []


def test_of_two_equal_indexes_the_younger_is_named(database: Database) -> None:
    database.run("CREATE INDEX orders_again_idx ON orders (shop_id, placed_at)")
    assert database.found("duplicate") == [("orders_again_idx", True)]
    database.run("DROP INDEX orders_again_idx")
    assert database.found("duplicate") == []


@pytest.mark.parametrize(
    "definition",
    [
        "orders (shop_id, placed_at DESC)",
        "orders (shop_id, placed_at) WHERE paid",
        "orders (shop_id, placed_at) INCLUDE (state)",
        "orders (placed_at, shop_id)",
    ],
)
def test_an_index_that_differs_in_anything_is_no_duplicate(database: Database, definition: str) -> None:
    database.run(f"CREATE INDEX ON {definition}")
    assert database.found("duplicate") == []


def test_the_copy_of_a_primary_key_is_the_one_to_drop(database: Database) -> None:
    database.run("CREATE INDEX orders_key_again ON orders (shop_id, id)")
    # A unique index is another thing than one that is not, as an index to read it is the same.
    assert database.found("duplicate") == [("orders_key_again", True)]


def test_an_index_with_the_first_columns_of_another_is_a_prefix(database: Database) -> None:
    database.run("CREATE INDEX orders_shop_idx ON orders (shop_id)")
    assert database.found("prefix") == [("orders_shop_idx", False)]
    database.run("DROP INDEX orders_shop_idx", "CREATE INDEX orders_state_idx ON orders (state)")
    assert database.found("prefix") == []


def test_an_index_that_failed_to_build_is_invalid_until_it_is_rebuilt(database: Database) -> None:
    with pytest.raises(psycopg.errors.UniqueViolation):
        database.run("CREATE UNIQUE INDEX CONCURRENTLY orders_state_key ON orders (state)")
    assert database.found("invalid") == [("orders_state_key", True)]
    database.run("DROP INDEX orders_state_key")
    assert database.found("invalid") == []


def test_a_constraint_is_named_until_it_is_validated(database: Database) -> None:
    database.run("ALTER TABLE orders ADD CONSTRAINT orders_state_check CHECK (state <> '') NOT VALID")
    assert database.found("unvalidated") == [("orders.orders_state_check", False)]
    database.run("ALTER TABLE orders VALIDATE CONSTRAINT orders_state_check")
    assert database.found("unvalidated") == []


def test_a_table_is_named_until_something_names_its_rows(database: Database) -> None:
    database.run("CREATE TABLE events (at timestamptz NOT NULL, what text NOT NULL)")
    assert database.found("no_primary_key") == [("events", False)]
    database.run("CREATE UNIQUE INDEX ON events (at, what)")
    assert database.found("no_primary_key") == []


def test_an_index_that_begins_with_a_boolean_is_named(database: Database) -> None:
    database.run("CREATE INDEX orders_paid_idx ON orders (paid, placed_at)")
    assert database.found("low_value_leading") == [("orders_paid_idx", False)]
    database.run("DROP INDEX orders_paid_idx", "CREATE INDEX ON orders (placed_at) WHERE paid")
    assert database.found("low_value_leading") == []


def test_a_sequence_is_named_once_half_of_its_numbers_are_gone(database: Database) -> None:
    database.run(
        "CREATE TABLE tickets (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY)",
        "SELECT setval('tickets_id_seq', 1500000000)",
    )
    assert database.found("sequence") == [("tickets.id", False)]
    database.run("SELECT setval('tickets_id_seq', 1000)")
    assert database.found("sequence") == []


def test_an_index_of_mostly_dead_entries_is_bloated_until_it_is_rebuilt(database: Database) -> None:
    database.run(
        "CREATE TABLE log (id bigint PRIMARY KEY, body bigint NOT NULL)",
        "ALTER TABLE log SET (autovacuum_enabled = off)",
        "INSERT INTO log SELECT n, n FROM generate_series(1, 80000) AS n",
        "DELETE FROM log WHERE id % 10 <> 0",
        "VACUUM ANALYZE log",
    )
    assert database.found("bloat") == [("log_pkey", False)]
    database.run("REINDEX TABLE log", "ANALYZE log")
    assert database.found("bloat") == []


def test_an_index_is_unused_until_something_reads_it(database: Database) -> None:
    database.run("CREATE INDEX orders_late_idx ON orders (placed_at)")
    assert database.found("unused") == [("orders_late_idx", False)]
    database.run(
        "SET enable_seqscan = off",
        "SET enable_bitmapscan = off",
        "SELECT FROM orders WHERE placed_at > now() - interval '5 minutes'",
        "SELECT pg_stat_force_next_flush()",
    )
    assert database.found("unused") == []


def test_an_index_that_a_foreign_key_needs_is_not_called_unused(database: Database) -> None:
    assert database.found("unused") == []
    database.run("ALTER TABLE parcels DROP CONSTRAINT parcels_order_fkey")
    assert database.found("unused") == [("parcels_order_idx", False)]
