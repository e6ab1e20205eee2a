"""The process: engine up, HTTP up, one line on standard output, down within a second of SIGTERM."""

import asyncio
import os
import signal
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import uvloop
from granian.constants import HTTPModes, Interfaces
from granian.server.embed import Server as HttpServer
from msgspec import Struct

from harness.modelserver.admission import Admission
from harness.modelserver.answer import Answerer
from harness.modelserver.application import Application
from harness.modelserver.catalogue import describe
from harness.modelserver.engine import Engine
from harness.modelserver.errors import AddressTaken
from harness.modelserver.metrics import Metrics
from harness.modelserver.weights import find_or_write

CONTEXT_TOKENS = 2048
"""Prompt plus answer of one slot; 1.5 MiB of keys and values each with the built-in weights."""
LONGEST_ANSWER_TOKENS = 128
"""Where the request names no length: the answer of a short assistant, and an end that always comes."""
CONNECTIONS = 4096
"""Open connections; above any queue here, so that it is the queue that says no, with a 503."""
EXIT_WITHIN_S = 0.8


class ServerSettings(Struct, frozen=True, kw_only=True):
    """`weights` None means the random ones, kept in `cache`."""

    host: str
    port: int
    weights: Path | None
    cache: Path
    queue: int
    slots: int


def serve(settings: ServerSettings, announce: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT; `announce` gets the line that says where, once it answers.

    Raises a ModelServerError where it cannot start.
    """
    refuse_taken_address(settings.host, settings.port)
    random = settings.weights is None
    weights = settings.weights or find_or_write(settings.cache)
    model = describe(weights, random=random, context_tokens=CONTEXT_TOKENS)
    engine = Engine(
        weights,
        slots=settings.slots,
        context=CONTEXT_TOKENS,
        longest_answer=LONGEST_ANSWER_TOKENS,
        endless=random,
    )
    admission = Admission(settings.slots, settings.queue)
    metrics = Metrics(admission)
    application = Application(model, Answerer(model, engine, admission, metrics), metrics)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(application, engine, settings, announce))


def refuse_taken_address(host: str, port: int) -> None:
    """Raise AddressTaken where `host`:`port` cannot be bound.

    Asked beforehand, because Granian shares ports: a second server would take half of the
    first one's requests instead of failing.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise AddressTaken(
                f"{host}:{port} cannot be listened on ({error.strerror}); choose another --port"
            ) from error


async def _serve(
    application: Application,
    engine: Engine,
    settings: ServerSettings,
    announce: Callable[[str], None],
) -> None:
    http = HttpServer(
        application,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGINL,
        http=HTTPModes.http1,
        websockets=False,
        backlog=1024,
        backpressure=CONNECTIONS,
        log_enabled=False,
    )

    def end() -> None:
        # A slot deep in a long prompt, or a client that does not read, must not hold the process:
        # it keeps nothing that would have to be saved.
        last_resort = threading.Timer(EXIT_WITHIN_S, os._exit, (0,))
        last_resort.daemon = True
        last_resort.start()
        engine.close()
        http.stop()  # type: ignore[no-untyped-call]  # Granian's own gap

    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, end)
    serving = asyncio.ensure_future(http.serve())
    await _until_it_answers(serving, settings)
    if not serving.done():
        announce(f"Listening on {settings.host}:{settings.port}")
    await serving


async def _until_it_answers(serving: "asyncio.Future[None]", settings: ServerSettings) -> None:
    """Ask `/` of the server itself: only its own answer proves that it is ready."""
    while not serving.done():
        try:
            reader, writer = await asyncio.open_connection(settings.host, settings.port)
        except ConnectionRefusedError:
            await asyncio.sleep(0)  # one turn of the loop, in which the server goes on starting
            continue
        writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        await reader.read()
        writer.close()
        await writer.wait_closed()
        return
