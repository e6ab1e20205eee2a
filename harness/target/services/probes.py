"""Asking a service whether it answers, and of what version it is; the same for every provider."""

from typing import Final

import httpx
import psycopg
from redis.asyncio import Redis
from redis.exceptions import RedisError

from harness.target.readiness import NoAnswerError

ATTEMPT_S: Final = 5


async def postgres_version(address: str) -> str:
    """The server's version, `18.4`. Raises NoAnswerError with the reason."""
    try:
        connection = await psycopg.AsyncConnection.connect(address, connect_timeout=ATTEMPT_S)
    except psycopg.Error as error:
        raise NoAnswerError(" ".join(str(error).split())) from error
    async with connection:
        return str(connection.info.parameter_status("server_version")).split()[0]


async def redis_version(address: str) -> str:
    """The server's version, `7.0.15`. Raises NoAnswerError with the reason."""
    try:
        client = Redis.from_url(address, socket_connect_timeout=ATTEMPT_S, socket_timeout=ATTEMPT_S)
        async with client:
            return str((await client.info("server"))["redis_version"])
    except (RedisError, OSError, ValueError) as error:
        raise NoAnswerError(str(error)) from error


async def model_version(address: str) -> str:
    """The version of the Ollama API's server. Raises NoAnswerError with the reason."""
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=ATTEMPT_S) as client:
            reply = await client.get(f"{address.rstrip('/')}/api/version")
            return str(reply.raise_for_status().json()["version"])
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError) as error:
        raise NoAnswerError(str(error) or type(error).__name__) from error


PROBES: Final = {"postgres": postgres_version, "redis": redis_version, "model": model_version}
