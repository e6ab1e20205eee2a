"""Liveness and readiness."""

import asyncio
from typing import Any, Final

import msgspec
from litestar import Request, Response, get

from system.contract import Contract
from system.errors import ErrorCode, Refused
from system.payload import Shown, json_answer
from system.resources import resources


class Health(Shown, frozen=True):
    """The process answers."""

    status: str


class Readiness(Shown, frozen=True):
    """What the instance can reach; without Redis it is slower and still ready."""

    status: str
    database: bool
    cache: bool


LIVE: Final = Contract(answers={200: Health}, public=True)
READY: Final = Contract(answers={200: Readiness}, errors=(503,), public=True)


@get("/health", opt=LIVE.opt, summary="Liveness", tags=["health"], operation_id="getHealth")
async def live() -> Response[Any]:
    """Say that the process answers, whatever its services do."""
    return json_answer(b'{"status":"ok"}')


@get("/health/ready", opt=READY.opt, summary="Readiness", tags=["health"], operation_id="getReadiness")
async def ready(request: Request[Any, Any, Any]) -> Response[Any]:
    """Say whether requests can be served: 503 without the database."""
    held = resources(request)
    database, cache = await asyncio.gather(held.database.ping(), held.cache.ping())
    if not database:
        raise Refused(503, ErrorCode.NOT_READY, "The database does not answer.", retry_after_s=1)
    return json_answer(msgspec.json.encode(Readiness(status="ok", database=database, cache=cache)))
