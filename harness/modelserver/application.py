"""The ASGI application: routes, bodies, statuses, streams."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Any

import msgspec

from harness.modelserver.answer import Answerer
from harness.modelserver.catalogue import ServedModel
from harness.modelserver.errors import RequestRefused
from harness.modelserver.metrics import Metrics
from harness.modelserver.schema import (
    ChatRequest,
    ErrorBody,
    GenerateRequest,
    ModelList,
    Version,
)

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

LOG = logging.getLogger(__name__)

OLLAMA_VERSION = "0.33.0"
"""The version whose API this follows; clients compare it with the features they want."""
LARGEST_BODY_BYTES = 1 << 20
"""Far above what the context holds as text; a larger body is not read to its end."""
HUNG_UP = 499
"""What Ollama and nginx log for a client that left before its answer."""

JSON = b"application/json; charset=utf-8"
NDJSON = b"application/x-ndjson"
TEXT = b"text/plain; charset=utf-8"
PROMETHEUS = b"text/plain; version=0.0.4; charset=utf-8"

Question = GenerateRequest | ChatRequest
QUESTIONS: dict[str, type[Question]] = {
    "/api/generate": GenerateRequest,
    "/api/chat": ChatRequest,
}
READ = ("GET", "HEAD")
POST = ("POST",)


class Application:
    """Ollama's API over one model, as ASGI 3."""

    def __init__(self, model: ServedModel, answerer: Answerer, metrics: Metrics) -> None:
        self._answerer = answerer
        self._metrics = metrics
        encode = msgspec.json.encode
        self._pages: dict[str, tuple[bytes, Callable[[], bytes]]] = {
            "/": (TEXT, lambda: b"Ollama is running"),
            "/api/version": (JSON, lambda: encode(Version(OLLAMA_VERSION))),
            "/api/tags": (JSON, lambda: encode(ModelList((model.tag(),)))),
            "/api/ps": (JSON, lambda: encode(ModelList((model.loaded(),)))),
            "/metrics": (PROMETHEUS, metrics.text),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; nothing it does wrong ends the server."""
        if scope["type"] != "http":
            return
        path, method = scope["path"], scope["method"]
        question, page = QUESTIONS.get(path), self._pages.get(path)
        answer = Answer(send)
        route = path if question or page else "other"
        allowed = POST if question else READ
        try:
            if page is None and question is None:
                await answer.refuse(RequestRefused(404, f"{path} not found"))
            elif method not in allowed:
                await answer.refuse_method(method, allowed)
            elif page is not None:
                kind, body = page
                await answer.whole(200, kind, body())
            elif question is not None:
                await self._ask(question, receive, answer)
        except RequestRefused as refusal:
            await answer.refuse(refusal)
        except Exception:
            LOG.exception("%s %s failed", method, path)
            await answer.refuse(RequestRefused(500, "internal error; the server's log has the cause"))
        finally:
            self._metrics.count_request(route, answer.status or 500)

    async def _ask(self, question: type[Question], receive: Receive, answer: "Answer") -> None:
        """Answer until done or until the client is gone; then its generation is cancelled."""
        body = await read_body(receive)
        if body is None:
            answer.status = HUNG_UP
            return
        asked = decode(body, question)
        work = asyncio.ensure_future(self._reply(asked, answer))
        gone = asyncio.ensure_future(receive())
        try:
            await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                answer.status = HUNG_UP
                work.cancel()
                await asyncio.wait({work})
            else:
                work.result()
        finally:
            gone.cancel()
            work.cancel()

    async def _reply(self, asked: Question, answer: "Answer") -> None:
        encode = msgspec.json.encode
        async with aclosing(self._answerer.frames(asked)) as batches:
            async for frames in batches:
                if not asked.stream:
                    await answer.whole(200, JSON, encode(frames[-1]))
                else:
                    await answer.part(b"".join(encode(frame) + b"\n" for frame in frames))
        if asked.stream:
            await answer.end()


class Answer:
    """One response, whole or in parts. `status` is None until it began."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._started = False
        self.status: int | None = None

    async def whole(self, status: int, kind: bytes, body: bytes, *headers: tuple[bytes, bytes]) -> None:
        """Send all of it."""
        length = (b"content-length", str(len(body)).encode())
        await self._start(status, (b"content-type", kind), length, *headers)
        await self._send({"type": "http.response.body", "body": body, "more_body": False})

    async def part(self, body: bytes) -> None:
        """Send some lines of a stream; the first part sends 200."""
        if not self._started:
            await self._start(200, (b"content-type", NDJSON))
        await self._send({"type": "http.response.body", "body": body, "more_body": True})

    async def end(self) -> None:
        """End the stream."""
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def refuse(self, refusal: RequestRefused) -> None:
        """Send the error: as a status, or as the last line of a stream that began with 200."""
        body = msgspec.json.encode(ErrorBody(refusal.message))
        if self._started:
            await self.part(body + b"\n")
            await self.end()
        else:
            await self.whole(refusal.status, JSON, body)

    async def refuse_method(self, method: str, allowed: tuple[str, ...]) -> None:
        """Send 405 with what is allowed."""
        body = msgspec.json.encode(ErrorBody(f"method {method} not allowed: use {' or '.join(allowed)}"))
        await self.whole(405, JSON, body, (b"allow", ", ".join(allowed).encode()))

    async def _start(self, status: int, *headers: tuple[bytes, bytes]) -> None:
        self._started = True
        self.status = status
        await self._send({"type": "http.response.start", "status": status, "headers": list(headers)})


async def read_body(receive: Receive) -> bytes | None:
    """Return the request's body; None where the client left before its end. Raises RequestRefused(413)."""
    parts: list[bytes] = []
    size_bytes = 0
    while True:
        event = await receive()
        if event["type"] == "http.disconnect":
            return None
        parts.append(event["body"])
        size_bytes += len(event["body"])
        if size_bytes > LARGEST_BODY_BYTES:
            raise RequestRefused(413, f"request body is larger than {LARGEST_BODY_BYTES} bytes")
        if not event["more_body"]:
            return b"".join(parts)


def decode(body: bytes, kind: type[Question]) -> Question:
    """Return the request; raises RequestRefused(400) with the place of the mistake."""
    if not body:
        raise RequestRefused(400, "missing request body")
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.DecodeError as error:
        raise RequestRefused(400, f"bad request body: {error}") from error
