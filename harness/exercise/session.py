"""Sending: one request at a time, each with its call, its answer, and a quiet target before it."""

import asyncio
import json
import math
import time
from contextlib import AsyncExitStack
from typing import Any, Final, NamedTuple, Self

import httpx

from harness.exercise.model import Call, Warmth
from harness.exercise.order import READING
from harness.exercise.quiet import Quiet
from harness.exercise.requests import Prepared
from harness.exercise.shared_cache import SharedCache
from harness.exercise.unused import exchanged
from harness.exercise.windows import Answered
from harness.target.target import Identity

TEXT_CHARACTERS: Final = 2_000_000
"""More of an answer is not kept; its columns are then looked for in this much."""
EXCERPT: Final = 300


class Reply(NamedTuple):
    """An answer: `value` its JSON or None, `text` its text or why there was none."""

    call: Call
    text: str
    value: Any
    location: str
    retry_after_s: float | None

    @property
    def ok(self) -> bool:
        """2xx, or 304."""
        return 200 <= self.call.status < 300 or self.call.status == httpx.codes.NOT_MODIFIED  # noqa: PLR2004

    @property
    def words(self) -> str:
        """Its beginning, on one line."""
        return " ".join(self.text.split())[:EXCERPT]


class Session:
    """The clients of all instances. `sent` has every call, in order, for the windows."""

    def __init__(
        self, instances: tuple[str, ...], quiet: Quiet, cache: SharedCache, timeout_s: float
    ) -> None:
        self._instances = instances
        self._quiet = quiet
        self._cache = cache
        self._timeout_s = timeout_s
        self._stack = AsyncExitStack()
        self._clients: list[httpx.AsyncClient] = []
        self._wrote = False
        self.sent: list[Answered] = []

    async def __aenter__(self) -> Self:
        for address in self._instances:
            client = httpx.AsyncClient(
                base_url=address, timeout=self._timeout_s, trust_env=False, follow_redirects=False
            )
            self._clients.append(await self._stack.enter_async_context(client))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    @property
    def instances(self) -> int:
        """How many there are."""
        return len(self._instances)

    async def send(self, identity: Identity, prepared: Prepared, warmth: Warmth, instance: int = 0) -> Reply:
        """Await quiet, empty the shared caches where the request is to be cold, send it, take the answer."""
        if warmth is Warmth.COLD:
            await self._cache.empty()
        await self._quiet.settle(wrote=self._wrote)
        operation = prepared.operation
        self._wrote = operation.method not in READING
        headers = {**identity.headers, **prepared.headers}
        if prepared.content is not None and operation.body:
            known = {name.lower() for name in headers}
            if "content-type" not in known:
                headers["Content-Type"] = operation.body.media_type
        started_s = time.monotonic()
        status, content, said, text = 0, b"", httpx.Headers(), ""
        try:
            request = self._clients[instance].build_request(
                operation.method, prepared.target, headers=headers, content=prepared.content
            )
            async with asyncio.timeout(self._timeout_s):
                answer = await self._ask(instance, request)
            status, content, said, text = answer.status_code, answer.content, answer.headers, answer.text
        except TimeoutError:
            text = f"no answer within {self._timeout_s:g} s"
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            text = f"no answer: {str(error) or type(error).__name__}"
        ended_s = time.monotonic()
        value = json_of(said, content)
        call = Call(
            operation=operation.name,
            identity=identity.name,
            tenant=identity.tenant,
            target=prepared.target,
            variant=prepared.variant,
            warmth=warmth,
            status=status,
            started_s=started_s,
            ended_s=ended_s,
            answer_bytes=len(content),
            lengths=exchanged(value, prepared.body) if 200 <= status < 300 else {},  # noqa: PLR2004 - 2xx
            page=prepared.page,
            instance=instance,
        )
        cold = warmth is Warmth.COLD
        sent = f"{prepared.target}\n{(prepared.content or b'').decode(errors='replace')}" if cold else ""
        self.sent.append(Answered(call, text[:TEXT_CHARACTERS] if cold else "", sent))
        return Reply(call, text, value, said.get("location", ""), retry_after_s(said))

    async def _ask(self, instance: int, request: httpx.Request) -> httpx.Response:
        try:
            return await self._clients[instance].send(request)
        except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
            # A server may close an idle connection just as it is used again; only reads may be sent twice.
            if request.method not in READING:
                raise
            return await self._clients[instance].send(request)

    async def settle(self) -> None:
        """Await quiet after the last call, as long as after a write."""
        await self._quiet.settle(wrote=True)


def retry_after_s(headers: httpx.Headers) -> float | None:
    """The seconds of Retry-After; infinity for a date, None without it."""
    if "retry-after" not in headers:
        return None
    value = headers["retry-after"].strip()
    return float(value) if value.isdigit() else math.inf


def json_of(headers: httpx.Headers, content: bytes) -> Any:
    """The JSON value of an answer, None where it is none."""
    if "json" not in headers.get("content-type", "json"):
        return None
    try:
        return json.loads(content)
    except ValueError:
        return None
