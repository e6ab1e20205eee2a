"""Statistics of the simulated size are those that ANALYZE finds in data of that size."""

import psycopg
import pytest

from harness.model.progress import Silent
from harness.planner.clones import open_clones
from harness.planner.model import Way

DISTINCT = """
SELECT s.tablename || '.' || s.attname,
       CASE WHEN s.n_distinct < 0 THEN -s.n_distinct * c.reltuples ELSE s.n_distinct END::float8
FROM pg_stats s JOIN pg_class c ON c.oid = format('%I.%I', s.schemaname, s.tablename)::regclass
WHERE s.schemaname = 'public' AND (s.attname ~ '(^|_)id$' OR s.attname IN ('number', 'status', 'sku', 'code'))
"""
PAGES = "SELECT relname, relpages FROM pg_class WHERE relnamespace = 'public'::regnamespace"


def told(address: str, sql: str) -> dict[str, float]:
    with psycopg.connect(address) as connection:
        return dict(connection.execute(sql.encode()).fetchall())


@pytest.mark.parametrize("way", [Way.MORE, Way.BIGGER])
async def test_values_and_pages_are_those_of_data_that_is_there(way: Way, open_target, growing) -> None:
    async with (
        open_target() as target,
        open_clones(target, growing(scales=(3,)), (), Silent(), rewritten=True) as clones,
    ):
        simulated = await clones.scaled(way, 3)
        async with clones.loaded(way, 3) as loaded:
            assert told(simulated, DISTINCT) == pytest.approx(told(loaded, DISTINCT), rel=0.15)
            pages, real = told(simulated, PAGES), told(loaded, PAGES)
            assert pages == pytest.approx(real, rel=0.1, abs=8)
