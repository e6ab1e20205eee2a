"""Where files are out of reach, rows are really multiplied, on the server itself and with whole keys."""

import psycopg
import pytest

from harness.model.progress import Silent
from harness.planner.clones import open_clones
from harness.planner.model import Way

DATABASES = "SELECT count(*) FROM pg_database WHERE datname LIKE 'harness_%'"
ORPHANS = """
SELECT (SELECT count(*) FROM order_lines l LEFT JOIN orders o ON o.id = l.order_id WHERE o.id IS NULL)
     + (SELECT count(*) FROM orders o
        LEFT JOIN customers c ON c.workspace_id = o.workspace_id AND c.id = o.customer_id WHERE c.id IS NULL)
"""
LARGEST = "SELECT max(n) FROM (SELECT count(*) AS n FROM orders GROUP BY workspace_id) each"


def one(address: str, sql: str) -> object:
    with psycopg.connect(address) as connection:
        row = connection.execute(sql.encode()).fetchone()
    assert row is not None
    return row[0]


async def test_an_external_server_gets_clones_with_real_rows(open_target, growing) -> None:
    async with open_target(provider="external") as target:
        source = target.services["postgres"]
        async with open_clones(target, growing(scales=(3, 1_000)), (), Silent()) as clones:
            assert not clones.simulated
            assert clones.scales == (1, 3)
            more, bigger = await clones.scaled(Way.MORE, 3), await clones.scaled(Way.BIGGER, 3)
            for address, workspaces, largest in ((more, 75, 1500), (bigger, 25, 4500)):
                assert one(address, "SELECT count(*) FROM orders") == 31_500
                assert one(address, "SELECT count(DISTINCT workspace_id) FROM orders") == workspaces
                assert one(address, "SELECT count(*) FROM workspaces") == workspaces
                assert one(address, LARGEST) == largest
                assert one(address, ORPHANS) == 0
                assert one(address, "SELECT count(*) FROM countries") == 200
                assert one(address, "SELECT count(*) FROM pg_constraint WHERE contype = 'f'") == 13
                assert one(address, "SELECT count(*) FROM pg_index WHERE NOT indisvalid") == 0
                assert one(address, "SELECT reltuples FROM pg_class WHERE relname = 'orders'") == 31_500
            assert one(source, DATABASES) == 4
        assert one(source, DATABASES) == 0
        assert one(source, "SELECT count(*) FROM orders") == 10_500


@pytest.mark.parametrize("version", ["18", "16"])
async def test_a_database_in_use_is_dumped(version: str, open_target, growing) -> None:
    async with open_target(version, "external") as target:
        source = target.services["postgres"]
        with psycopg.connect(source) as busy:
            busy.execute("SELECT FROM orders LIMIT 1")
            async with open_clones(target, growing(), (), Silent()) as clones:
                assert one(clones.now(), "SELECT count(*) FROM order_lines") == 21_000
                assert {table.name for table in clones.tables} >= {"orders", "events", "countries"}
        assert one(source, DATABASES) == 0


AWKWARD = """
CREATE DOMAIN short AS varchar(6);
CREATE TABLE tenants (
    tenant_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, slug short UNIQUE NOT NULL,
    digest bytea UNIQUE NOT NULL
);
CREATE TABLE notes (
    tenant_id int NOT NULL REFERENCES tenants, id int NOT NULL, parent int, code varchar(8) NOT NULL UNIQUE,
    words tsvector GENERATED ALWAYS AS (to_tsvector('simple', code)) STORED, price int CHECK (price < 900),
    PRIMARY KEY (tenant_id, id), FOREIGN KEY (tenant_id, parent) REFERENCES notes
);
CREATE TABLE readings (tenant_id int NOT NULL REFERENCES tenants, at timestamptz NOT NULL, value float8)
    PARTITION BY RANGE (at);
CREATE TABLE readings_1 PARTITION OF readings FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE readings_2 PARTITION OF readings FOR VALUES FROM ('2026-02-01') TO ('2027-01-01');
CREATE INDEX ON readings (tenant_id, at);
INSERT INTO tenants (slug, digest) SELECT 't' || i, decode(md5(i::text), 'hex') FROM generate_series(1, 20) i;
INSERT INTO notes (tenant_id, id, parent, code, price)
SELECT t, i, nullif(i - 1, 0), 'c' || t || '-' || i, i
FROM generate_series(1, 20) t, generate_series(1, 50) i;
INSERT INTO readings
SELECT 1 + i % 20, '2026-01-01'::timestamptz + i * interval '1 hour', i FROM generate_series(1, 1400) i;
"""


@pytest.mark.parametrize("way", [Way.MORE, Way.BIGGER])
async def test_identities_domains_generated_columns_and_partitions_are_multiplied(
    way: Way, open_target, growing
) -> None:
    async with (
        open_target(provider="external", sql=AWKWARD) as target,
        open_clones(target, growing(scales=(4,)), (), Silent()) as clones,
    ):
        assert clones.tenant == "public.tenants.tenant_id"
        address = await clones.scaled(way, 4)
        assert one(address, "SELECT count(*) FROM notes") == 4_000
        assert one(address, "SELECT count(*) FROM tenants") == (80 if way is Way.MORE else 20)
        assert one(address, "SELECT count(*) FROM readings") == 5_600
        assert one(address, "SELECT count(*) FROM readings_2") == 4 * (1400 - 743)
        assert one(address, "SELECT max(length(code)) FROM notes") == 8
        assert one(address, "SELECT count(*) FROM notes WHERE words IS NULL") == 0
