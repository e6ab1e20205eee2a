import psycopg
import redis


def test_the_shared_postgres_answers(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        row = connection.execute("SELECT current_database(), current_setting('fsync')").fetchone()
    assert row == ("target", "off")


def test_the_shared_redis_answers(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.set("a", "b", ex=60)
        assert client.get("a") == b"b"
