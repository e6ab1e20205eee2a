"""A relay on a real Postgres, in a thread of its own so that drivers of any kind may be used beside it."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from harness.wires.log import LogWriter, read_events
from harness.wires.model import Counters, Event, Statement
from harness.wires.postgres import PostgresDecoder
from harness.wires.relay import Relay


class Capture:
    """What the relay saw. `url` is that of the database, through the relay."""

    def __init__(self, url: str, relay: Relay, loop: asyncio.AbstractEventLoop, log: Path) -> None:
        self.url = url
        self._relay = relay
        self._loop = loop
        self._log = log

    def counters(self) -> Counters:
        """Where the relay stands once it is quiet."""
        return asyncio.run_coroutine_threadsafe(self._relay.settle(0.05, 5), self._loop).result()

    def events(self) -> list[Event]:
        self.counters()
        return read_events(self._log)

    def statements(self) -> list[Statement]:
        return [event for event in self.events() if isinstance(event, Statement)]


@pytest.fixture
def capture(postgres_url: str, tmp_path: Path) -> Iterator[Capture]:
    """A relay that decodes, before the suite's Postgres."""
    parts = urlsplit(postgres_url)
    assert parts.hostname
    assert parts.port
    relay = Relay(
        listen=("127.0.0.1", 0),
        upstream=(parts.hostname, parts.port),
        negotiates=True,
        decoder=PostgresDecoder,
        log=LogWriter(tmp_path / "wire.log"),
    )
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(relay.start(), loop).result()
    assert relay._server
    port = relay._server.sockets[0].getsockname()[1]
    login = parts.netloc.rpartition("@")[0]
    url = urlunsplit(parts._replace(netloc=f"{login}@127.0.0.1:{port}" if login else f"127.0.0.1:{port}"))
    yield Capture(url, relay, loop, tmp_path / "wire.log")
    asyncio.run_coroutine_threadsafe(relay.close(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()
