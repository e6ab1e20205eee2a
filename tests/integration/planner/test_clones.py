"""Clones are copies beside the target: it does not notice, and nothing of them is left."""

from pathlib import Path

import psutil
import psycopg
import pytest

from harness.errors import ConfigurationError
from harness.model.progress import Silent
from harness.planner.clones import open_clones
from harness.planner.model import Way
from harness.planner.pages import PAGE_BYTES


def told(address: str, sql: str, *values: object) -> list[tuple[object, ...]]:
    with psycopg.connect(address) as connection:
        return connection.execute(sql.encode(), values or None).fetchall()


def owner(path: Path) -> int:
    return path.stat().st_uid


def used_bytes(folder: Path) -> int:
    return 512 * sum(each.stat().st_blocks for each in folder.iterdir())


SIZES = "SELECT reltuples, relpages, pg_relation_size(oid) FROM pg_class WHERE relname = %s"


@pytest.mark.parametrize("version", ["18", "16"])
async def test_a_target_in_use_is_copied_and_scaled(version: str, open_target, growing) -> None:
    async with open_target(version) as target:
        source = target.services["postgres"]
        with psycopg.connect(source) as busy:
            busy.execute("DELETE FROM payments WHERE id = 1")
            async with open_clones(target, growing(), (), Silent()) as clones:
                assert clones.server_version // 10_000 == int(version)
                assert clones.simulated
                assert clones.scales == (1, 10)
                assert clones.tenant == "public.workspaces.id"
                now, scaled = clones.now(), await clones.scaled(Way.MORE, 10)
                assert await clones.scaled(Way.MORE, 10) == scaled
                assert told(now, "SELECT count(*) FROM payments") == [(6610,)]
                for name in ("orders", "orders_pkey"):
                    [(rows, pages, _)] = told(now, SIZES, name)
                    [(more_rows, more_pages, size)] = told(scaled, SIZES, name)
                    assert more_rows == 10 * rows
                    assert 9 * pages <= more_pages <= 10 * pages
                    assert size == more_pages * PAGE_BYTES
                assert told(source, SIZES, "orders")[0][2] == told(now, SIZES, "orders")[0][2]
            assert busy.execute("SELECT count(*) FROM payments").fetchone() == (6609,)


async def test_nothing_of_the_copy_is_left(open_target, growing) -> None:
    async with open_target() as target:
        async with open_clones(target, growing(), (), Silent()):
            data = target.site.data / "planner"
            pid = int((data / "postmaster.pid").read_text().split()[0])
        assert not data.exists()
        assert not psutil.pid_exists(pid)
        assert told(target.services["postgres"], "SELECT count(*) FROM orders") == [(10500,)]


async def test_an_index_is_built_before_its_clone_is_scaled(open_target, growing) -> None:
    definitions = (
        "CREATE INDEX tried ON orders (workspace_id, lower(status))",
        "CREATE INDEX ON nowhere (x)",
    )
    plan = "EXPLAIN SELECT FROM orders WHERE workspace_id = made_id('w1') AND lower(status) = 'late'"
    async with open_target() as target, open_clones(target, growing(), (), Silent()) as clones:
        async with clones.scaled_with(definitions, Way.BIGGER, 10) as (address, failed):
            assert failed == {definitions[1]: 'relation "nowhere" does not exist'}
            [(rows, pages, size)] = told(address, SIZES, "tried")
            assert rows == 105_000
            assert size == pages * PAGE_BYTES
            assert "tried" in str(told(address, plan))
        with pytest.raises(psycopg.OperationalError, match="does not exist"):
            told(address, "SELECT 1")
        assert told(clones.now(), "SELECT to_regclass('tried')") == [(None,)]


async def test_small_tables_are_lifted_to_the_rows_that_are_asked_for(open_target, growing) -> None:
    async with (
        open_target() as target,
        open_clones(target, growing(rows=2_100_000), (), Silent()) as clones,
    ):
        # The greatest table, order_lines, has 21,000 rows: ten times as many at the least scale.
        assert clones.lift == 10
        assert {table.lift for table in clones.tables} == {10}
        assert told(await clones.scaled(Way.BIGGER, 1), SIZES, "order_lines")[0][0] == 210_000
        assert told(await clones.scaled(Way.BIGGER, 10), SIZES, "order_lines")[0][0] == 2_100_000
        assert told(await clones.scaled(Way.NOW, 1), SIZES, "order_lines")[0][0] == 21_000


async def test_more_than_a_gibibyte_goes_into_segments(open_target, growing) -> None:
    async with open_target() as target, open_clones(target, growing(scales=(1_000,)), (), Silent()) as clones:
        address = await clones.scaled(Way.BIGGER, 1_000)
        [(_, pages, size)] = told(address, SIZES, "orders")
        assert size == pages * PAGE_BYTES > 1 << 30
        path = (
            target.site.data / "planner" / str(told(address, "SELECT pg_relation_filepath('orders')")[0][0])
        )
        assert owner(Path(f"{path}.1")) == owner(path)
        assert used_bytes(path.parent) < 100 << 20


async def test_a_tenant_that_is_not_there_is_a_mistake_of_the_configuration(open_target, growing) -> None:
    async with open_target() as target:
        with pytest.raises(ConfigurationError, match=r'tenant = "orders.shop"'):
            async with open_clones(target, growing(tenant="orders.shop"), (), Silent()):
                pass
