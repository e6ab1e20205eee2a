import asyncio

import httpx
import pytest

from system.cache import Cache, CacheStatus
from system.settings import Settings


def test_without_redis_reads_come_from_postgres(seeded, start, sign_in):
    url = start({**seeded, "REDIS_URL": "redis://127.0.0.1:9/0"})
    client = sign_in(url=url)
    for path in ("/contacts", "/dashboard"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["cache-status"]) == (200, "system; fwd=bypass")
    made = client.post("/contacts", json={"name": "No Cache"})
    assert made.status_code == 201
    assert client.get("/contacts").json()["items"][0]["id"] == made.json()["id"]
    ready = httpx.get(f"{url}/health/ready", trust_env=False)
    assert (ready.status_code, ready.json()["cache"]) == (200, False)


def test_without_postgres_the_process_lives_and_refuses(seeded, start):
    url = start({**seeded, "DATABASE_URL": "postgresql://postgres@127.0.0.1:9/none", "POOL_WAIT_S": "0.3"})
    with httpx.Client(base_url=url, trust_env=False) as client:
        assert client.get("/health").status_code == 200
        ready = client.get("/health/ready")
        assert (ready.status_code, ready.json()["error"]["code"]) == (503, "not_ready")
        credentials = {"email": "owner@org-001.example", "password": "x"}
        refused = client.post("/api/v1/session", json=credentials)
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "overloaded")
        assert refused.headers["retry-after"] == "1"


READY = b"Z\x00\x00\x00\x05I"
"""Postgres's ReadyForQuery outside of a transaction: the commit is done."""


@pytest.mark.parametrize("kind", ["create", "change", "delete"])
async def test_a_write_whose_answer_is_lost_after_the_commit_is_seen_in_the_list(
    seeded, start, sign_in, relay, kind
):
    through_relay = await relay.open(seeded["DATABASE_URL"])
    url = await asyncio.to_thread(start, {**seeded, "DATABASE_URL": through_relay, "POOL_SIZE": "1"})
    client = await asyncio.to_thread(sign_in, "owner", "org-085", url)
    made = (await asyncio.to_thread(client.post, "/contacts", json={"name": "Kept"})).json()["id"]

    def contacts():
        answer = client.get("/contacts")
        return answer.headers["cache-status"], {item["id"]: item["name"] for item in answer.json()["items"]}

    await asyncio.to_thread(contacts)
    status, before = await asyncio.to_thread(contacts)
    assert (status, before[made]) == ("system; hit", "Kept")

    relay.lost = READY
    method, path, body = {
        "create": ("POST", "/contacts", {"name": "New"}),
        "change": ("PATCH", f"/contacts/{made}", {"name": "Changed"}),
        "delete": ("DELETE", f"/contacts/{made}", None),
    }[kind]
    answer = await asyncio.to_thread(client.request, method, path, json=body)
    assert answer.status_code == 503

    _, after = await asyncio.to_thread(contacts)
    wanted = {"create": ["New", "Kept"], "change": ["Changed"], "delete": []}[kind]
    assert [name for id_, name in after.items() if id_ >= made] == wanted


def test_a_write_that_is_refused_leaves_the_list_in_the_cache(sign_in):
    client = sign_in(organization="org-086")
    client.get("/contacts")
    nobody = "/contacts/01a20a05-e51a-720c-a8a2-f88e1ab01fbd"
    invoiced = f"/contacts/{client.get('/invoices?limit=1').json()['items'][0]['contactId']}"
    refusals = [
        client.patch(nobody, json={"city": "Pune"}),
        client.delete(nobody),
        client.delete(invoiced),
        client.post("/contacts", json={"name": " "}),
    ]
    assert [answer.status_code for answer in refusals] == [404, 404, 409, 400]
    assert client.get("/contacts").headers["cache-status"] == "system; hit"


@pytest.fixture
async def cache(redis_url, relay):
    made = Cache(settings(await relay.open(redis_url)))
    yield made
    await made.close()


def settings(redis_url: str) -> Settings:
    return Settings(
        database_url="postgresql://none",
        redis_url=redis_url,
        ollama_url="http://none",
        system_jwt_secret="unused",
    )


async def value() -> bytes:
    return b"value"


async def test_a_write_while_redis_is_away_is_not_forgotten(cache, relay, monkeypatch):
    async def read(body):
        async def load():
            return body

        return await cache.through("orders:1", "page", 60, load)

    await read(b"old")
    assert (await read(b"-")).body == b"old"

    relay.close()
    await cache.invalidate("orders:1")
    assert (await read(b"new")).status is CacheStatus.BYPASS

    await relay.reopen()
    monkeypatch.setattr(cache, "_rests_until", 0.0)
    found = await read(b"new")
    assert (found.body, found.status) == (b"new", CacheStatus.STORED)


async def test_while_one_reader_settles_what_is_owed_no_other_gets_an_old_entry(cache, relay, monkeypatch):
    async def read(body):
        async def load():
            return body

        return await cache.through("orders:4", "page", 60, load)

    await read(b"old")
    relay.close()
    await cache.invalidate("orders:4")
    await relay.reopen()
    monkeypatch.setattr(cache, "_rests_until", 0.0)

    entered, allowed, set_now = asyncio.Event(), asyncio.Event(), cache._redis.set

    async def slow_set(*arguments, **options):
        entered.set()
        await allowed.wait()
        return await set_now(*arguments, **options)

    monkeypatch.setattr(cache._redis, "set", slow_set)
    settling = asyncio.create_task(read(b"new"))
    await entered.wait()
    others = await asyncio.gather(*(read(b"new") for _ in range(4)))
    assert {(found.body, found.status) for found in others} == {(b"new", CacheStatus.BYPASS)}
    allowed.set()
    assert (await settling).status is CacheStatus.STORED
    assert (await read(b"-")).body == b"new"


async def test_a_debt_outlives_a_reader_that_leaves_while_settling_it(cache, relay, monkeypatch):
    await cache.through("orders:5", "page", 60, value)
    relay.close()
    await cache.invalidate("orders:5")
    await relay.reopen()
    monkeypatch.setattr(cache, "_rests_until", 0.0)

    entered, set_now = asyncio.Event(), cache._redis.set

    async def hanging_set(*_, **__):
        entered.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(cache._redis, "set", hanging_set)
    settling = asyncio.create_task(cache.through("orders:5", "page", 60, value))
    await entered.wait()
    settling.cancel()
    await asyncio.gather(settling, return_exceptions=True)

    monkeypatch.setattr(cache._redis, "set", set_now)
    assert (await cache.through("orders:5", "page", 60, value)).status is CacheStatus.STORED


async def test_an_entry_filled_while_a_write_commits_is_never_served(cache):
    async def load_during_a_write():
        await cache.invalidate("orders:2")
        return b"from before the write"

    await cache.through("orders:2", "page", 60, load_during_a_write)
    found = await cache.through("orders:2", "page", 60, value)
    assert (found.body, found.status) == (b"value", CacheStatus.STORED)


async def test_an_error_is_not_kept(cache):
    async def fail():
        raise LookupError("no")

    with pytest.raises(LookupError):
        await cache.through("orders:3", "page", 60, fail)
    assert (await cache.through("orders:3", "page", 60, value)).status is CacheStatus.STORED
