"""A server that answers after a fixed delay: what is seen above it is the generator's own error."""

import argparse
import asyncio
import gc
from typing import Final, cast

import uvloop

from harness.driver.descriptors import raise_descriptors

ANSWER: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: text/plain\r\n\r\nok"


class Canary(asyncio.Protocol):
    """One connection: each request is answered `delay_s` after its last byte came."""

    def __init__(self, delay_s: float) -> None:
        self._delay_s = delay_s
        self._transport: asyncio.Transport | None = None
        self._pending = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport; for the loop."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by its class

    def data_received(self, data: bytes) -> None:
        """Answer each whole request; they have no bodies."""
        *whole, self._pending = (self._pending + data).split(b"\r\n\r\n")
        for _ in whole:
            asyncio.get_running_loop().call_later(self._delay_s, self._answer)

    def _answer(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(ANSWER)


async def serve(port: int, delay_s: float) -> asyncio.Server:
    """A canary that listens on 127.0.0.1; port 0 finds a free one."""
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: Canary(delay_s), "127.0.0.1", port, backlog=1024)


async def run(port: int, delay_s: float) -> None:
    """Serve until the process is ended."""
    server = await serve(port, delay_s)
    gc.freeze()
    gc.disable()
    await server.serve_forever()


def main() -> None:
    """Run the canary as a process of its own."""
    parser = argparse.ArgumentParser(prog="harness.driver.canary", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--delay-ms", type=float, default=20.0)
    options = parser.parse_args()
    raise_descriptors()
    uvloop.run(run(options.port, options.delay_ms / 1000))


if __name__ == "__main__":
    main()
