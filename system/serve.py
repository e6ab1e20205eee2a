"""The server process: Granian with one worker on uvloop."""

import resource
from typing import Final

import structlog
from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.server import Server

BACKLOG: Final = 16_384
"""Connections that may wait and be served at once: 10,000 keep-alive users and room for a reconnect."""

log = structlog.get_logger("system")


def run_server(address: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    log.info("serving", address=address, port=port, descriptors=most)
    Server(
        "system.app:serve",
        address=address,
        port=port,
        interface=Interfaces.ASGI,
        factory=True,
        workers=1,
        loop=Loops.uvloop,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(keep_alive=True),
        websockets=False,
        backlog=BACKLOG,
        backpressure=BACKLOG,
        log_access=False,
    ).serve()
