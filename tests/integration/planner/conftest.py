"""A running Postgres with a multi-tenant schema, as the planner is given one."""

from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest

from harness.config.settings import GrowthSettings, ServiceSettings, Settings, TargetSettings
from harness.target.services.postgres import EmbeddedPostgres
from harness.wires.model import Parameter
from harness.wires.statements import Binding, Query

HERE = Path(__file__).parent
UUID = 2950


@pytest.fixture
def open_target(open_site):
    """Targets with tables of workspaces and their orders: `async with open_target("18") as target`."""

    @asynccontextmanager
    async def opened(version: str = "18", provider: str = "embedded", sql: str = ""):
        async with open_site(f"postgres-{version}-{provider}") as place:
            server = EmbeddedPostgres(place, ServiceSettings(version=version))
            address = await server.start()
            with psycopg.connect(address, autocommit=True) as connection:
                connection.execute((sql or (HERE / "workspaces.sql").read_text()).encode())
            yield SimpleNamespace(
                services={"postgres": address},
                providers={"postgres": provider},
                versions={"postgres": server.version},
                site=place,
            )

    return opened


@pytest.fixture
def growing():
    """Settings with a growth: `growing(scales=(10,), rows=1)`."""

    def settings(**growth) -> Settings:
        return Settings(
            target=TargetSettings(name="shop", openapi="openapi.json", disposable=True),
            growth=GrowthSettings(**({"scales": (10,), "rows": 1} | growth)),
        )

    return settings


@pytest.fixture
def workspace_queries():
    """Statements on those tables, each bound for a large and for a small workspace."""

    def queries(address: str) -> tuple[Query, ...]:
        with psycopg.connect(address) as connection:
            keys = [
                connection.execute(
                    "SELECT c.workspace_id, c.id, o.id FROM customers c "
                    "JOIN orders o ON o.workspace_id = c.workspace_id AND o.customer_id = c.id "
                    "WHERE c.workspace_id = made_id(%s) ORDER BY o.number LIMIT 1",
                    (name,),
                ).fetchone()
                for name in ("w1", "w20")
            ]
        return tuple(
            asked(text, keys) for text in (HERE / "workspaces_statements.sql").read_text().splitlines()
        )

    return queries


def asked(text: str, keys) -> Query:
    """The statement with its parameters numbered from 1 on."""
    used = [number for number in (1, 2, 3) if f"${number}" in text]
    for place, number in enumerate(used, 1):
        text = text.replace(f"${number}", f"${place}")
    bindings = dict.fromkeys(
        tuple(Parameter(str(row[number - 1]).encode(), oid=UUID) for number in used) for row in keys
    )
    return Query(
        fingerprint=f"{hash(text):x}",
        sql=text,
        user="",
        bindings=tuple(Binding("real", parameters) for parameters in bindings),
    )
