"""What a running instance holds, and how a handler gets at it."""

from dataclasses import dataclass
from typing import Any

from litestar import Request

from system.cache import Cache
from system.db import Database
from system.llm import Model
from system.settings import Settings


@dataclass(frozen=True)
class Resources:
    """The connections of one instance to its services."""

    settings: Settings
    database: Database
    cache: Cache
    model: Model

    async def open(self) -> None:
        """Begin connecting; no service need be there yet."""
        await self.database.open()

    async def close(self) -> None:
        """Close everything; loads under way end first, for they use the database."""
        await self.cache.close()
        await self.model.close()
        await self.database.close()


def resources(request: Request[Any, Any, Any]) -> Resources:
    """Return the resources of the instance that serves a request."""
    held: Resources = request.app.state.resources
    return held


def make_resources(settings: Settings) -> Resources:
    """Return resources that are not yet open."""
    return Resources(settings, Database(settings), Cache(settings), Model(settings))
