"""The target's Redis, emptied before a cold request of what the exercise itself has brought there."""

from typing import Self
from urllib.parse import urlsplit

from redis.asyncio import Redis
from redis.exceptions import RedisError

BATCH = 1000


class SharedCache:
    """Every database of the Redis at an address; with the address empty there is nothing to empty.

    Keys that were there when it was opened stay: the sessions of identities that have just signed in, the
    groups of streams that workers read. FLUSHALL would sign everybody out, and show nothing but that.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._kept: dict[int, set[bytes]] = {}
        self._clients: dict[int, Redis] = {}
        self.broken = ""

    async def __aenter__(self) -> Self:
        if self._address:
            try:
                for number in await self._databases():
                    self._kept[number] = await self._keys(number)
            except (RedisError, OSError) as error:
                self.broken = str(error)
        return self

    async def __aexit__(self, *_: object) -> None:
        for client in self._clients.values():
            await client.aclose()

    @property
    def exists(self) -> bool:
        """Whether there is one that can be emptied."""
        return bool(self._address) and not self.broken

    async def empty(self) -> None:
        """Remove all keys that were not there at the beginning."""
        if not self.exists:
            return
        try:
            for number in await self._databases():
                fresh = list(await self._keys(number) - self._kept.get(number, set()))
                for start in range(0, len(fresh), BATCH):
                    await self._client(number).delete(*fresh[start : start + BATCH])
        except (RedisError, OSError) as error:
            self.broken = str(error)

    async def _databases(self) -> list[int]:
        spaces = await self._client(0).info("keyspace")
        return [int(str(name).removeprefix("db")) for name in spaces if str(name).startswith("db")]

    async def _keys(self, number: int) -> set[bytes]:
        client = self._client(number)
        return {key async for key in client.scan_iter(count=BATCH)}

    def _client(self, number: int) -> Redis:
        if number not in self._clients:
            # The database of an address wins over any argument, so it is put there.
            address = urlsplit(self._address)._replace(path=f"/{number}").geturl()
            self._clients[number] = Redis.from_url(address)
        return self._clients[number]
