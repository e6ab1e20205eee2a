"""harness.toml to frozen settings: every mistake of the file at once, each with its line."""

import difflib
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from harness.config.locate import Lines
from harness.config.locate import Path as KeyPath
from harness.config.settings import Settings
from harness.errors import ConfigurationError


def load_settings(path: Path) -> Settings:
    """The settings of one file. Raises ConfigurationError with one line for each mistake."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        message = f"{path}: no such file; name one with --config"
        raise ConfigurationError(message) from error
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path}: cannot be read: {error}"
        raise ConfigurationError(message) from error
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = f"{path.name}: not TOML: {error}"
        raise ConfigurationError(message) from error
    lines = Lines(text)
    try:
        settings = Settings.model_validate(table)
    except ValidationError as error:
        details = sorted(error.errors(), key=lambda detail: lines.line(detail["loc"]))
        raise ConfigurationError(*(_sentence(path.name, lines, detail) for detail in details)) from error
    mistakes = [
        f"{path.name}:{lines.line(where)}: {what}" for where, what in _contradictions(settings, path.parent)
    ]
    if mistakes:
        raise ConfigurationError(*mistakes)
    return settings


def _sentence(file: str, lines: Lines, detail: ErrorDetails) -> str:
    """One mistake in words: file, line, what is wrong, and the nearest right key."""
    where: KeyPath = tuple(detail["loc"])
    place = f"{file}:{lines.line(where)}"
    table = _table_name(where[:-1])
    match detail["type"]:
        case "extra_forbidden":
            key = str(where[-1])
            near = difflib.get_close_matches(key, _keys(where[:-1]), n=1)
            hint = f"; did you mean `{near[0]}`?" if near else f"; known: {', '.join(_keys(where[:-1]))}"
            return f"{place}: unknown key `{key}` in {table}{hint}"
        case "missing":
            return f"{place}: {table} lacks `{where[-1]}`"
        case _:
            message = detail["msg"][0].lower() + detail["msg"][1:]
            return f"{place}: `{where[-1]}` in {table}: {message}, not {detail['input']!r}"


def _table_name(path: KeyPath) -> str:
    """A table as one would write its header."""
    if not path:
        return "the file"
    parts = [
        part if part.replace("_", "").replace("-", "").isalnum() else f'"{part}"'
        for part in path
        if isinstance(part, str)
    ]
    return f"[{'.'.join(parts)}]"


def _keys(path: KeyPath) -> list[str]:
    """The keys that the table at this path may have."""
    model: Any = Settings
    for part in path:
        model = _inner(model, part)
    return [field.alias or name for name, field in model.model_fields.items()] if _is_model(model) else []


def _is_model(model: Any) -> bool:
    return isinstance(model, type) and issubclass(model, BaseModel)


def _inner(model: Any, part: str | int) -> Any:
    """The type of one member: a model's field, a mapping's value, a tuple's item, without None."""
    if _is_model(model):
        named = {field.alias or name: field.annotation for name, field in model.model_fields.items()}
        model = named.get(str(part))
    else:
        model = get_args(model)[0 if isinstance(part, int) else -1] if get_args(model) else None
    models = [choice for choice in get_args(model) if _is_model(choice)]
    return models[0] if models and type(None) in get_args(model) else model


def _contradictions(settings: Settings, folder: Path) -> Iterator[tuple[KeyPath, str]]:
    """What each table allows and the tables together do not."""
    target = settings.target
    kinds = [name for name in ("process", "container") if getattr(target, name)] + (
        ["base_url"] if target.base_url else []
    )
    if len(kinds) != 1:
        found = " and ".join(kinds) or "none of them"
        yield (
            ("target",),
            f"[target] needs exactly one of process, container and base_url; it has {found}",
        )
    for kind in ("postgres", "redis", "model"):
        service = getattr(settings.services, kind)
        if service and service.provider == "external" and not service.address:
            yield ("services", kind), f"[services.{kind}] is external and lacks `address`"
    for index, identity in enumerate(settings.identities):
        if bool(identity.headers) == bool(identity.login):
            yield ("identities", index), f"identity `{identity.name}` needs either `headers` or `login`"
        if identity.name in {other.name for other in settings.identities[:index]}:
            yield ("identities", index), f"identity `{identity.name}` is declared twice"
    for route in settings.routes:
        if not _is_route(route):
            yield (
                ("routes", route),
                f'[routes."{route}"]: a route is "METHOD /path/{{template}}", such as "GET /orders/{{id}}"',
            )
    for name, cache in settings.cache.items():
        if not _is_route(cache.operation):
            yield ("cache", name, "operation"), f'[cache.{name}]: `{cache.operation}` is no "METHOD /path"'
    if settings.load:
        for name, profile in settings.load.profiles.items():
            place: KeyPath = ("load", "profiles", name)
            if not (folder / profile.workload).is_file():
                yield (*place, "workload"), f"workload {profile.workload} does not exist beside the file"
            for route in profile.routes:
                if not _is_route(route):
                    yield (*place, "routes", route), f'`{route}` is no "METHOD /path"'
            for promised in profile.hit_rates:
                if promised not in settings.cache:
                    known = ", ".join(settings.cache) or "none"
                    yield (*place, "hit_rates"), f"`{promised}` is no table of [cache]; known: {known}"


def _is_route(text: str) -> bool:
    method, _, path = text.partition(" ")
    return method.isalpha() and method.isupper() and path.startswith("/")
