"""The client of one user: lean HTTP/1.1, one kept connection, every request timed and counted."""

import asyncio
import ssl
import time
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

import msgspec

from harness.driver.connection import UNAVAILABLE, Answer, Broken, Connection
from harness.driver.recorder import FAILED, IN_FLIGHT, OK, REFUSED, TIMED_OUT, Fate, Recorder, Ticket
from harness.errors import ConfigurationError

monotonic = time.monotonic

NOTHING: Final[Mapping[str, str]] = {}
DEFAULT_PORTS: Final = {"http": 80, "https": 443}


class Server:
    """Where requests go: host, port, and the certificate check where the URL is https."""

    __slots__ = ("authority", "host", "port", "tls")

    def __init__(self, base_url: str) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
            raise ConfigurationError(f"{base_url!r} is no http or https address; write http://host:port")
        self.host = parts.hostname
        self.port = parts.port or DEFAULT_PORTS[parts.scheme]
        self.authority = parts.netloc.rpartition("@")[2]
        self.tls = ssl.create_default_context() if parts.scheme == "https" else None


class Client:
    """Sends requests one after the other on a connection of its own, which it makes when it has none.

    A request without an answer gives an Answer with status 0: `problem` says why. Nothing is sent
    again: a connection that the server closes under a request is a failed request.

    With a recorder each request is opened when it is due and settled when the next one begins, or the
    step ends: until then the scenario may still find the answer wrong.
    """

    __slots__ = (
        "_cache", "_connection", "_end", "_fate", "_head", "_headers", "_intended", "_server", "_size_bytes",
        "_ticket", "recorder", "timeout_s",
    )  # fmt: skip

    def __init__(
        self,
        server: Server,
        timeout_s: float,
        headers: Mapping[str, str] = NOTHING,
        recorder: Recorder | None = None,
    ) -> None:
        self._server = server
        self.timeout_s = timeout_s
        self._connection: Connection | None = None
        self.recorder = recorder
        self._intended: float | None = None
        self._ticket: Ticket | None = None
        self._fate: Fate = IN_FLIGHT
        self._end = 0.0
        self._cache = Answer(0).cache
        self._size_bytes = 0
        self.headers = headers

    @property
    def headers(self) -> Mapping[str, str]:
        """The fields that go with every request."""
        return self._headers

    @headers.setter
    def headers(self, headers: Mapping[str, str]) -> None:
        self._headers = headers
        fields = {"Host": self._server.authority, **headers}
        self._head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())

    async def get(self, path: str, *, route: str = "", headers: Mapping[str, str] = NOTHING) -> Answer:
        """GET a path with its query; `route` is its label, `METHOD /path/{template}` or with `?name`."""
        return await self.request("GET", path, route=route, headers=headers)

    async def post(
        self, path: str, *, route: str = "", json: object = None, headers: Mapping[str, str] = NOTHING
    ) -> Answer:
        """POST a JSON body."""
        return await self.request("POST", path, route=route, json=json, headers=headers)

    async def put(
        self, path: str, *, route: str = "", json: object = None, headers: Mapping[str, str] = NOTHING
    ) -> Answer:
        """PUT a JSON body."""
        return await self.request("PUT", path, route=route, json=json, headers=headers)

    async def patch(
        self, path: str, *, route: str = "", json: object = None, headers: Mapping[str, str] = NOTHING
    ) -> Answer:
        """PATCH with a JSON body."""
        return await self.request("PATCH", path, route=route, json=json, headers=headers)

    async def delete(self, path: str, *, route: str = "", headers: Mapping[str, str] = NOTHING) -> Answer:
        """DELETE a path."""
        return await self.request("DELETE", path, route=route, headers=headers)

    async def request(
        self,
        method: str,
        path: str,
        *,
        route: str = "",
        json: object = None,
        headers: Mapping[str, str] = NOTHING,
    ) -> Answer:
        """Send one request and wait for its whole answer, or for its time limit."""
        recorder = self.recorder
        if recorder is None:
            return await self._answer(self._bytes(method, path, json, headers), None)
        self.settle()
        if self._ticket is not None:
            raise RuntimeError("a client sends one request after the other: await the answer before the next")
        # What cannot be sent raises here, before it is planned: it is then the step that fails.
        request = self._bytes(method, path, json, headers)
        intended = self._intended
        self._intended = None
        ticket = recorder.open(
            route or f"{method} {path.partition('?')[0]}", monotonic() if intended is None else intended
        )
        self._ticket = ticket
        self._fate = IN_FLIGHT
        self._size_bytes = 0
        self._cache = "none"
        try:
            answer = await self._answer(request, ticket)
        except BaseException as error:
            if self._ticket is ticket:
                self.fail("given up by the scenario", f"{type(error).__name__} before the answer came")
            raise
        if self._ticket is not ticket:
            return answer  # it was closed meanwhile: what it came to is counted
        self._end = answer.end
        self._cache = answer.cache
        self._size_bytes = len(answer.body)
        if answer.ok:
            self._fate = OK
            if answer.parts:
                recorder.parts(ticket.route, answer.parts)
        elif answer.status == 0:
            self._fate = TIMED_OUT if answer.problem.startswith("timed out") else FAILED
            recorder.error(ticket.route, answer.problem.partition(":")[0], answer.problem)
        elif answer.refused:
            self._fate = REFUSED
        else:
            self._fate = FAILED
            kind = f"status {answer.status}"
            if answer.status == UNAVAILABLE:
                kind += " without Retry-After"
            recorder.error(ticket.route, kind, answer.body[:300].decode(errors="replace"))
        return answer

    def _bytes(self, method: str, path: str, json: object, headers: Mapping[str, str]) -> bytes:
        """The whole request. Raises where the body is no JSON, or the head is not latin-1."""
        head = f"{method} {path} HTTP/1.1\r\n{self._head}"
        if headers:
            head += "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        if json is not None:
            body = msgspec.json.encode(json)
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            return head.encode("latin-1") + body
        if method == "GET":
            return f"{head}\r\n".encode("latin-1")
        return f"{head}Content-Length: 0\r\n\r\n".encode("latin-1")

    async def _answer(self, request: bytes, ticket: Ticket | None) -> Answer:
        """The answer, or one with status 0 and the problem; one time limit for connection and answer."""
        sent = monotonic()
        if ticket is not None and self.recorder is not None:
            self.recorder.sent(ticket, sent)
        left_s = self.timeout_s
        try:
            connection = self._connection
            if connection is None or not connection.usable:
                connection = await self._connect()
                left_s = max(0.0, sent + left_s - monotonic())
            limit = asyncio.get_running_loop().call_later(left_s, connection.expire, self.timeout_s)
            try:
                return await connection.exchange(request)
            finally:
                limit.cancel()
        except Broken as broken:
            answer = Answer(0, f"{broken.kind}: {broken}")
        except TimeoutError:
            answer = Answer(0, f"timed out: no connection within {self.timeout_s:g} s")
        except OSError as error:
            answer = Answer(0, f"{type(error).__name__}: {error.strerror or error}")
        answer.end = monotonic()
        return answer

    async def _connect(self) -> Connection:
        server = self._server
        _, connection = await asyncio.wait_for(
            asyncio.get_running_loop().create_connection(
                Connection, server.host, server.port, ssl=server.tls
            ),
            self.timeout_s,
        )
        self._connection = connection
        return connection

    def expect(self, intended: float | None) -> None:
        """The next request is due then; with None it follows at once on the one before."""
        self._intended = intended

    @property
    def expecting(self) -> bool:
        """Whether no request was made since `expect`."""
        return self._intended is not None

    def fail(self, kind: str, text: str) -> bool:
        """Count the last request as failed, with a reason; False where there is none to count.

        The first reason stays: a scenario that stumbles over a failed answer tells nothing new. A
        request that is still in flight ends now, and its connection with it.
        """
        ticket, recorder = self._ticket, self.recorder
        if ticket is None or recorder is None:
            return False
        if self._fate == IN_FLIGHT:
            self._end = monotonic()
            if self._connection is not None:
                self._connection.give_up(kind, text)
        if self._fate in {OK, REFUSED, IN_FLIGHT}:
            self._fate = FAILED
            recorder.error(ticket.route, kind, text)
        return True

    def settle(self) -> None:
        """Close the last request with what it came to."""
        ticket, recorder = self._ticket, self.recorder
        if ticket is not None and recorder is not None and self._fate != IN_FLIGHT:
            recorder.close(ticket, self._fate, self._end, self._cache, self._size_bytes)
            self._ticket = None

    def abandon(self, moment: float) -> None:
        """The run ends at `moment`: what is still in flight is closed at its age; the connection too."""
        self.settle()
        ticket, recorder = self._ticket, self.recorder
        if ticket is not None and recorder is not None:
            recorder.close(ticket, IN_FLIGHT, moment, "none", 0)
            self._ticket = None
        self.close()

    def twin(self) -> "Client":
        """Another client of the same server, with a connection of its own and nothing recorded."""
        return Client(self._server, self.timeout_s, self._headers)

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.abort()
            self._connection = None
