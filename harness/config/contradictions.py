"""What each table of harness.toml allows and the tables together do not.

Works on the table as it was read, and passes over whatever has a wrong type, so that these mistakes are
reported together with those of types and keys.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness.config.locate import Path as KeyPath

Mistake = tuple[KeyPath, str]
Table = dict[str, Any]


def find_contradictions(table: Table, folder: Path, *, to_run: bool) -> Iterator[Mistake]:
    """Where, and what in words; `to_run` also looks whether the files that are named exist in `folder`."""
    yield from _target(table)
    yield from _services(table)
    yield from _identities(table)
    yield from _routes(table)
    yield from _profiles(table, folder, to_run=to_run)


def _target(table: Table) -> Iterator[Mistake]:
    target = _tables(table.get("target"))
    kinds = [kind for kind in ("process", "container", "base_url") if target.get(kind)]
    if target and len(kinds) != 1:
        found = " and ".join(kinds) or "none of them"
        yield ("target",), f"[target] needs exactly one of process, container and base_url; it has {found}"


def _services(table: Table) -> Iterator[Mistake]:
    for kind, service in _tables(table.get("services")).items():
        if _tables(service).get("provider") == "external" and not service.get("address"):
            yield ("services", kind), f"[services.{kind}] is external and lacks `address`"
        if kind == "model" and _tables(service).get("provider") == "container" and not service.get("pull"):
            yield (
                ("services", kind),
                "[services.model] is a container and lacks `pull`, the models it fetches",
            )


def _identities(table: Table) -> Iterator[Mistake]:
    identities = table.get("identities")
    seen: set[object] = set()
    for index, identity in enumerate(identities if isinstance(identities, list) else ()):
        name = _tables(identity).get("name")
        if not isinstance(name, str):
            continue
        if bool(identity.get("headers")) == bool(identity.get("login")):
            yield ("identities", index), f"identity `{name}` needs either `headers` or `login`"
        if name in seen:
            yield ("identities", index), f"identity `{name}` is declared twice"
        seen.add(name)


def _routes(table: Table) -> Iterator[Mistake]:
    for route in _tables(table.get("routes")):
        if not is_route(route):
            yield (
                ("routes", route),
                f'[routes."{route}"]: a route is "METHOD /path/{{template}}", such as "GET /orders/{{id}}"',
            )
    for name, cache in _tables(table.get("cache")).items():
        operation = _tables(cache).get("operation")
        if isinstance(operation, str) and not is_route(operation):
            yield ("cache", name, "operation"), f'[cache.{name}]: `{operation}` is no "METHOD /path"'


def _profiles(table: Table, folder: Path, *, to_run: bool) -> Iterator[Mistake]:
    caches = _tables(table.get("cache"))
    for name, profile in _tables(_tables(table.get("load")).get("profiles")).items():
        place: KeyPath = ("load", "profiles", name)
        workload = _tables(profile).get("workload")
        if to_run and isinstance(workload, str) and not (folder / workload).is_file():
            yield (*place, "workload"), f"workload {workload} does not exist beside the file"
        for route in _tables(_tables(profile).get("routes")):
            if not is_route(route):
                yield (*place, "routes", route), f'`{route}` is no "METHOD /path"'
        for cache in _tables(_tables(profile).get("hit_rates")):
            if cache not in caches:
                known = ", ".join(caches) or "none"
                yield (*place, "hit_rates"), f"`{cache}` is no table of [cache]; known: {known}"


def _tables(value: object) -> Table:
    """The value where it is a table, else an empty one: its type is another mistake's business."""
    return value if isinstance(value, dict) else {}


def is_route(text: str) -> bool:
    """Whether a text is `METHOD /path`."""
    method, _, path = text.partition(" ")
    return method.isalpha() and method.isupper() and path.startswith("/")
