import socket
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from harness.config.settings import ServiceSettings
from harness.errors import ConfigurationError, EnvironmentLimit, ServiceFailed
from harness.target.services.postgres import EmbeddedPostgres
from harness.target.services.redis import EmbeddedRedis


def test_the_shared_postgres_answers(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        row = connection.execute("SELECT current_database(), current_setting('fsync')").fetchone()
    assert row == ("target", "off")


def test_the_shared_redis_answers(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.set("a", "b", ex=60)
        assert client.get("a") == b"b"


@pytest.mark.parametrize("version", ["18", "16"])
async def test_postgres_starts_answers_and_leaves_nothing(version: str, open_site) -> None:
    async with open_site() as place:
        postgres = EmbeddedPostgres(place, ServiceSettings(version=version))
        address = await postgres.start()
        with psycopg.connect(address) as connection:
            row = connection.execute("SELECT current_setting('server_version'), upper('ä')").fetchone()
        assert row is not None
        assert row[0].startswith(f"{version}.")
        assert row[1] == ("Ä" if version == "18" else "ä")
        assert postgres.facts()[0].version == row[0]
        pid = postgres.pid
        assert pid is not None
        family = [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]
        await postgres.stop()
        await postgres.stop()
        assert not [each for each in family if psutil.pid_exists(each)]
        data = place.data
    assert not data.exists()


async def test_postgres_under_load_keeps_its_promises_to_the_disk(open_site) -> None:
    async with open_site(load=True) as place:
        address = await EmbeddedPostgres(place, ServiceSettings()).start()
        with psycopg.connect(address) as connection:
            names = (
                "fsync",
                "synchronous_commit",
                "full_page_writes",
                "track_io_timing",
                "checkpoint_timeout",
            )
            shown = [connection.execute("SELECT current_setting(%s)", (name,)).fetchone() for name in names]
    assert shown == [("on",), ("on",), ("on",), ("on",), ("1h",)]


async def test_two_clusters_of_one_template_do_not_see_each_other(open_site) -> None:
    async with open_site("first") as first, open_site("second") as second:
        one = await EmbeddedPostgres(first, ServiceSettings()).start()
        two = await EmbeddedPostgres(second, ServiceSettings()).start()
        with psycopg.connect(one) as connection:
            connection.execute("CREATE TABLE orders ()")
        with psycopg.connect(two) as connection:
            assert connection.execute("SELECT to_regclass('orders')").fetchone() == (None,)


async def test_postgres_that_does_not_start_shows_its_log(open_site, tmp_path: Path) -> None:
    async with open_site() as place:
        postgres = EmbeddedPostgres(place, ServiceSettings(), {"max_connections": "many"})
        with pytest.raises(ServiceFailed) as caught:
            await postgres.start()
    message = str(caught.value)
    assert message.startswith("Postgres ended with status 1. Last lines of ")
    assert str(tmp_path / "site" / "postgres.log") in message
    assert 'invalid value for parameter "max_connections": "many"' in message


async def test_a_postgres_that_is_not_shipped_is_refused_with_those_that_are(open_site) -> None:
    async with open_site() as place:
        with pytest.raises(ConfigurationError, match='version = "9" is not shipped; use "18" or "16"'):
            await EmbeddedPostgres(place, ServiceSettings(version="9")).start()


async def test_a_postgres_whose_port_is_taken_is_refused(open_site) -> None:
    async with open_site() as place:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            with pytest.raises(EnvironmentLimit, match=f"Port {port} for Postgres is taken"):
                await EmbeddedPostgres(place, ServiceSettings(port=port)).start()


async def test_redis_writes_nothing_to_the_disk(open_site) -> None:
    async with open_site() as place:
        address = await EmbeddedRedis(place, ServiceSettings()).start()
        with redis.Redis.from_url(address) as client:
            assert client.set("a", "b")
            assert client.config_get("save") == {"save": ""}
            assert client.config_get("appendonly") == {"appendonly": "no"}
        assert list((place.data / "redis").iterdir()) == []


async def test_a_redis_of_another_version_than_asked_for_is_refused(open_site) -> None:
    async with open_site() as place:
        with pytest.raises(ConfigurationError, match=r'version = "1", but .*redis-server is \d'):
            await EmbeddedRedis(place, ServiceSettings(version="1")).start()
