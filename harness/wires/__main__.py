"""`python -m harness.wires`: one relay as a process of its own.

It ends on SIGTERM. What it cannot do it says on standard error, and exits with 1.
"""

import argparse
import asyncio
import contextlib
import gc
import resource
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import uvloop

from harness.wires.control import Control
from harness.wires.log import LogWriter
from harness.wires.postgres import PostgresDecoder
from harness.wires.redis import RedisDecoder
from harness.wires.relay import MakeDecoder, Relay

LOOPBACK: Final = "127.0.0.1"
DECODERS: Final[Mapping[str, MakeDecoder]] = {
    "postgres": PostgresDecoder,
    "redis": lambda connection, _: RedisDecoder(connection),
}


def address(text: str) -> tuple[str, int]:
    """HOST:PORT, an IPv6 host in brackets. Raises ArgumentTypeError."""
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdigit():
        raise argparse.ArgumentTypeError(f"{text} is not HOST:PORT")
    return host.strip("[]"), int(port)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    options = argparse.ArgumentParser(prog="python -m harness.wires", description="A relay on one wire.")
    options.add_argument("--kind", choices=sorted(DECODERS), required=True, help="what is decoded")
    options.add_argument("--listen", type=int, required=True, help="port for the target")
    options.add_argument("--upstream", type=address, required=True, help="HOST:PORT of the service")
    options.add_argument("--control", type=int, required=True, help="port for the harness")
    options.add_argument("--log", type=Path, help="file of the events; without it nothing is decoded")
    return options


async def serve(options: argparse.Namespace) -> None:
    """Relay until SIGTERM or SIGINT. Raises OSError where a port or the log cannot be had."""
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, over.set)
    relay = Relay(
        listen=(LOOPBACK, options.listen),
        upstream=options.upstream,
        negotiates=options.kind == "postgres",
        decoder=DECODERS[options.kind],
        log=LogWriter(options.log) if options.log else None,
    )
    await relay.start()
    # What answers here is a wire that listens: the control comes second.
    control = await loop.create_server(lambda: Control(relay), LOOPBACK, options.control)
    # What lives now lives to the end, and collecting it again and again would show in latencies.
    gc.collect()
    gc.freeze()
    await over.wait()
    control.close()
    await relay.close()


def raise_descriptors() -> None:
    """Allow as many sockets as the machine does: each connection of the target's takes two."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def main() -> None:
    """Run the relay of the command line."""
    options = parser().parse_args()
    raise_descriptors()
    try:
        with contextlib.suppress(KeyboardInterrupt):
            uvloop.run(serve(options))
    except OSError as error:
        sys.exit(f"The wire on port {options.listen} to {options.kind} cannot be made: {error}")


if __name__ == "__main__":
    main()
