"""Relays between the target and its services, and the addresses that lead over them."""

import asyncio
import os
import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl

import harness
from harness.errors import ServiceFailed
from harness.target.keeper import Child, Spawn
from harness.target.readiness import NoAnswerError, NotReadyError, answer
from harness.target.services.site import Site
from harness.wires.wire import Wire

ROOT: Final = Path(harness.__file__).parent.parent
READY_S: Final = 15.0
PORTS: Final[Mapping[str, int]] = {"postgres": 5432, "redis": 6379}
"""The kinds that a relay reads, with the ports that their addresses need not name."""
SCHEMES: Final[Mapping[str, re.Pattern[str]]] = {
    "postgres": re.compile(r"postgres(ql)?(\+[a-z0-9_]+)?"),  # SQLAlchemy names its driver after a plus
    "redis": re.compile(r"redis"),
}
ADDRESS: Final = re.compile(
    r"""
    (?P<scheme> [A-Za-z][A-Za-z0-9+._-]*) ://
    (?P<user> [^/?#]*@)?
    (?P<host> \[[0-9A-Fa-f:.]+\] | [^/?#@:,\[\]]*)
    (?: : (?P<port> [0-9]+))?
    (?P<rest> [/?\#].*)?
    """,
    re.VERBOSE | re.DOTALL,
)
ENCRYPTED: Final[Mapping[str, frozenset[str]]] = {
    "sslmode": frozenset({"require", "verify-ca", "verify-full"}),
    "ssl": frozenset({"require", "verify-ca", "verify-full", "true", "1"}),
    "gssencmode": frozenset({"require"}),
    "channel_binding": frozenset({"require"}),
    "sslnegotiation": frozenset({"direct"}),
}
"""Options of an address that make a client refuse a wire that is not encrypted end to end."""
ELSEWHERE: Final = frozenset({"host", "hostaddr", "port", "service"})
"""Options that overrule the host of the address."""


class NotWiredError(Exception):
    """This address cannot lead over a relay; the message says why."""


async def wire_up(
    services: Mapping[str, str], site: Site, folder: Path
) -> tuple[dict[str, Wire], dict[str, str], dict[str, str]]:
    """Put a relay before every service that one can read: the wires, the addresses, what is not wired.

    `services` are addresses by kind. In the addresses that come back those of wired services name the
    relay's host and port, with all else as it was; services of other kinds are there as they were.
    The third is kind -> reason for those whose kind has a decoder and whose address cannot be wired.
    Events go to `folder/wires/KIND.events`, what a relay itself says to the site's logs. Relays are
    the keeper's children, named `wire-KIND`. Raises ServiceFailed where one does not start.
    """
    wires: dict[str, Wire] = {}
    addresses = dict(services)
    unwired: dict[str, str] = {}
    places: dict[str, re.Match[str]] = {}
    for kind in PORTS.keys() & services.keys():
        try:
            places[kind] = place(kind, services[kind])
        except NotWiredError as error:
            unwired[kind] = str(error)
    events = folder / "wires"
    await asyncio.to_thread(events.mkdir, parents=True, exist_ok=True)
    made: dict[str, asyncio.Task[Wire]] = {}
    try:
        async with asyncio.TaskGroup() as group:
            for kind, found in sorted(places.items()):
                made[kind] = group.create_task(start(kind, found, site, events))
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from failures
    for kind, task in made.items():
        wires[kind] = task.result()
        addresses[kind] = wires[kind].address
    return wires, addresses, unwired


async def start(kind: str, found: re.Match[str], site: Site, events: Path) -> Wire:
    """One relay, once it listens. Raises ServiceFailed with its log's last lines."""
    host, port = found["host"], int(found["port"] or PORTS[kind])
    listen = site.ports.take(f"the wire to {kind}")
    control = site.ports.take(f"the control of the wire to {kind}")
    log = events / f"{kind}.events"
    child = await site.keeper.spawn(
        Spawn(
            name=f"wire-{kind}",
            argv=(
                *(site.python, "-m", "harness.wires", "--kind", kind, "--listen", str(listen)),
                *("--upstream", f"{host}:{port}", "--control", str(control), "--log", str(log.absolute())),
            ),
            env=os.environ | {"TMPDIR": str(site.data)},
            cwd=ROOT,
            log=site.logs / f"wire-{kind}.log",
            cores=site.cores,
        )
    )
    wire = Wire(kind, rewritten(found, listen), control, log, child.log)
    try:
        await answer(f"The wire to {kind}", partial(probe, wire), child, READY_S)
    except NotReadyError as error:
        await given_up(wire, child)
        raise ServiceFailed(str(error)) from error
    except asyncio.CancelledError:
        await given_up(wire, child)
        raise
    return wire


async def given_up(wire: Wire, child: Child) -> None:
    """Stop a relay that nobody will use."""
    await wire.close()
    await child.stop()


async def probe(wire: Wire) -> str:
    """Ask a relay whether it is there. Raises NoAnswerError."""
    try:
        await wire.counters()
    except ServiceFailed as error:
        raise NoAnswerError(str(error).partition(". Last lines")[0]) from error
    return wire.address


def place(kind: str, address: str) -> re.Match[str]:
    """The parts of an address that a relay can take the place of. Raises NotWiredError."""
    found = ADDRESS.fullmatch(address)
    if found is None:
        raise NotWiredError("its address is no URL of one host, as scheme://user:password@host:port/…")
    scheme = found["scheme"].lower()
    if scheme == "rediss":
        raise NotWiredError("its address asks for TLS (rediss://), which a wire cannot read")
    if not SCHEMES[kind].fullmatch(scheme):
        raise NotWiredError(f"addresses of {scheme}:// cannot be wired")
    if not found["host"]:
        raise NotWiredError("its address names no host: a Unix socket cannot be wired")
    _, _, query = (found["rest"] or "").partition("?")
    for name, value in parse_qsl(query.partition("#")[0], keep_blank_values=True):
        if value.lower() in ENCRYPTED.get(name, ()):
            raise NotWiredError(f"its address asks for encryption ({name}={value}), which a wire cannot read")
        if name in ELSEWHERE:
            raise NotWiredError(f"its address names its host by the option {name}; put it before the path")
    return found


def rewritten(found: re.Match[str], port: int) -> str:
    """The address with the relay's host and port, everything else to the byte as it was."""
    return f"{found.string[: found.start('host')]}127.0.0.1:{port}{found['rest'] or ''}"
