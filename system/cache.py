"""Answers kept in Redis: versioned namespaces, one load at a time per key, and no harm where Redis is down.

An entry holds the version its namespace had *before* its data were read, and is valid only while the
namespace still has it. A write changes the version after its commit, so an entry that was being filled
meanwhile is dead on arrival, and nothing is ever searched for or deleted by pattern.
"""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Final, cast

import structlog
from msgspec import Struct
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from system.settings import Settings
from system.timing import spent

VERSION_BYTES: Final = 12
VERSION_LIFE_S: Final = 24 * 3600
"""Longer than any entry lives; an entry whose namespace has lost its version is not valid."""
REST_S: Final = 1.0
"""After a failure Redis is left alone so long: waiting for it on every request would stop the service."""

log = structlog.get_logger("system.cache")

# redis-py on uvloop raises RuntimeError where a pooled connection has gone stale.
FAILURES: Final = (RedisError, OSError, TimeoutError, RuntimeError)


Load = Callable[[], Awaitable[bytes]]


class CacheStatus(StrEnum):
    """How an answer came about, in the words of RFC 9211."""

    HIT = "system; hit"
    STORED = "system; fwd=miss; stored"
    COLLAPSED = "system; fwd=miss; collapsed"
    BYPASS = "system; fwd=bypass"


class Cached(Struct, frozen=True):
    """A body and where it came from."""

    body: bytes
    status: CacheStatus


class Cache:
    """One Redis. `through` is the way to read, `invalidate` what a write calls after its commit."""

    def __init__(self, settings: Settings) -> None:
        self._wait_s = settings.redis_wait_s
        pool = BlockingConnectionPool.from_url(
            settings.redis_url,
            max_connections=settings.pool_size * 2,
            timeout=settings.redis_wait_s,
            socket_timeout=settings.redis_wait_s,
            socket_connect_timeout=settings.redis_wait_s,
            retry=Retry(NoBackoff(), 1),
        )
        # from_pool: the client owns the pool, and closes it with itself.
        self._redis = Redis.from_pool(pool)
        self._rests_until = 0.0
        self._owed: dict[str, object] = {}
        self._settling = False
        self._flights: dict[str, asyncio.Task[bytes]] = {}

    async def close(self) -> None:
        """Let running loads end, and close the connections."""
        await asyncio.gather(*self._flights.values(), return_exceptions=True)
        await self._redis.aclose()

    async def ping(self) -> bool:
        """Say whether Redis answers."""
        try:
            async with asyncio.timeout(self._wait_s):
                await self._redis.get("ping")
        except FAILURES:
            return False
        return True

    async def through(self, namespace: str, key: str, life_s: int, load: Load) -> Cached:
        """Return what is kept under a key of a namespace, or load and keep it.

        Requests for one key at one version share a load. Where Redis does not answer, each loads for
        itself: without a version nobody knows whether a load under way began before one's own write.
        Errors of `load` pass through and are never kept.
        """
        if time.monotonic() < self._rests_until or (self._owed and not await self._settle()):
            return Cached(await load(), CacheStatus.BYPASS)
        name = f"{namespace}/{key}"
        try:
            with spent("cache"):
                version, entry = cast("list[bytes | None]", await self._redis.mget(namespace, name))
                if version is None:
                    version = await self._new_version(namespace)
        except FAILURES as error:
            self._rest(error)
            return Cached(await load(), CacheStatus.BYPASS)
        if entry is not None and entry[:VERSION_BYTES] == version:
            return Cached(entry[VERSION_BYTES:], CacheStatus.HIT)
        flight = f"{name}/{version.hex()}"
        task = self._flights.get(flight)
        status = CacheStatus.STORED if task is None else CacheStatus.COLLAPSED
        if task is None:
            task = asyncio.create_task(self._fill(name, version, life_s, load))
            self._flights[flight] = task
            task.add_done_callback(lambda _: self._flights.pop(flight, None))
        # A caller that goes away must not take the load from the others.
        return Cached(await asyncio.shield(task), status)

    async def invalidate(self, namespace: str) -> None:
        """Make all entries of a namespace invalid; where Redis is down, before it is used again."""
        debt = self._owed.get(namespace)
        try:
            with spent("cache"):
                await self._redis.set(namespace, secrets.token_bytes(VERSION_BYTES), ex=VERSION_LIFE_S)
        except asyncio.CancelledError:
            self._owed[namespace] = object()
            raise
        except FAILURES as error:
            self._owed[namespace] = object()
            self._rest(error)
        else:
            # A debt made meanwhile is of a later write, which this version may be older than.
            if self._owed.get(namespace) is debt:
                self._owed.pop(namespace, None)

    async def _fill(self, name: str, version: bytes, life_s: int, load: Load) -> bytes:
        body = await load()
        try:
            with spent("cache"):
                await self._redis.set(name, version + body, ex=life_s)
        except FAILURES as error:
            self._rest(error)
        return body

    async def _new_version(self, namespace: str) -> bytes:
        """Give a namespace a version unless another instance just did; NX with GET needs Redis 7."""
        fresh = secrets.token_bytes(VERSION_BYTES)
        async with self._redis.pipeline(transaction=True) as commands:
            commands.set(namespace, fresh, nx=True, ex=VERSION_LIFE_S)
            commands.get(namespace)
            _, kept = await commands.execute()
        return bytes(kept)

    async def _settle(self) -> bool:
        """Invalidate what could not be while Redis was away; False while anything is still owed.

        One caller does it. The others may not use Redis before it is done: they would find old entries.
        """
        if self._settling:
            return False
        self._settling = True
        try:
            for namespace in tuple(self._owed):
                await self.invalidate(namespace)
                if namespace in self._owed:
                    return False
        finally:
            self._settling = False
        return not self._owed

    def _rest(self, error: Exception) -> None:
        log.error("cache away; loading from the database", rest_s=REST_S, error=repr(error))
        self._rests_until = time.monotonic() + REST_S
