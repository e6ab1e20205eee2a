"""How long a hundred statements take at three sizes in two ways, clones included: the bar is 30 s.

One round, because the second would find its clones made. `make bench` prints it, and the number of plans.
"""

import asyncio
import sys
from itertools import cycle, islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from msgspec import structs
from pytest_benchmark.fixture import BenchmarkFixture

from harness.config.settings import GrowthSettings, ServiceSettings, Settings, TargetSettings
from harness.model.progress import Silent
from harness.planner.laboratory import laboratory
from harness.target.services.postgres import EmbeddedPostgres
from harness.wires.model import Parameter
from harness.wires.statements import Binding, Query

TABLES = Path(__file__).parents[1] / "integration" / "planner"
STATEMENTS = 100
UUID = 2950
KEYS = (
    "SELECT c.workspace_id, c.id, o.id FROM customers c "
    "JOIN orders o ON o.workspace_id = c.workspace_id AND o.customer_id = c.id "
    "WHERE c.workspace_id = made_id('w1') ORDER BY o.number LIMIT 1"
)


def queries(connection: psycopg.Connection[Any]) -> tuple[Query, ...]:
    """A hundred statements: thirty texts in turn, each with a fingerprint of its own."""
    keys = connection.execute(KEYS.encode()).fetchone()
    assert keys is not None
    values = [Parameter(str(key).encode(), oid=UUID) for key in keys]
    texts = (TABLES / "workspaces_statements.sql").read_text().splitlines()
    return tuple(
        structs.replace(asked(text, values), fingerprint=f"statement-{number}")
        for number, text in enumerate(islice(cycle(texts), STATEMENTS))
    )


def asked(text: str, values: list[Parameter]) -> Query:
    """The statement with those parameters that it has, numbered from 1 on."""
    used = [number for number in (1, 2, 3) if f"${number}" in text]
    for place, number in enumerate(used, 1):
        text = text.replace(f"${number}", f"${place}")
    binding = Binding("real", tuple(values[number - 1] for number in used))
    return Query(fingerprint="", sql=text, user="", bindings=(binding,))


@pytest.mark.benchmark(group="a hundred statements, three sizes, two ways")
def test_planning(benchmark: BenchmarkFixture, open_site) -> None:
    async def planned() -> float:
        async with open_site("planning") as place:
            server = EmbeddedPostgres(place, ServiceSettings(version="18"))
            address = await server.start()
            with psycopg.connect(address, autocommit=True) as connection:
                connection.execute((TABLES / "workspaces.sql").read_bytes())
                hundred = queries(connection)
            target: Any = SimpleNamespace(
                services={"postgres": address},
                providers={"postgres": "embedded"},
                versions={"postgres": server.version},
                site=place,
            )
            settings = Settings(
                target=TargetSettings(name="shop", openapi="-"), growth=GrowthSettings(scales=(10, 100))
            )
            began = asyncio.get_running_loop().time()
            async with laboratory(target, settings, hundred, Silent()) as opened:
                answer = await opened.plan(hundred)
                took_s = asyncio.get_running_loop().time() - began
            assert answer.unplanned == ()
            benchmark.extra_info["plans"] = len(answer.plans)
            return took_s

    took_s = benchmark.pedantic(lambda: asyncio.run(planned()), rounds=1)
    benchmark.extra_info["took_s"] = round(took_s, 1)
    sys.stdout.write(f"{benchmark.extra_info['plans']} plans in {took_s:.1f} s, copy and clones included\n")
