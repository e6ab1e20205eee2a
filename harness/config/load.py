"""harness.toml to frozen settings: every mistake of the file at once, each with its line."""

import difflib
import re
import tomllib
from operator import itemgetter
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from harness.config.contradictions import find_contradictions
from harness.config.locate import Lines
from harness.config.locate import Path as KeyPath
from harness.config.settings import Settings
from harness.errors import ConfigurationError


def load_settings(path: Path, *, to_run: bool = True) -> Settings:
    """The settings of one file. Raises ConfigurationError with one line for each mistake.

    `to_run` False leaves out whether files it names exist: a record is judged without them.
    """
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
        line = at[1] if (at := re.search(r"at line (\d+)", str(error))) else len(text.splitlines())
        message = f"{path.name}:{line}: not TOML: {error}"
        raise ConfigurationError(message) from error
    lines = Lines(text)
    mistakes = [
        (lines.line(where), f"{path.name}:{lines.line(where)}: {what}")
        for where, what in find_contradictions(table, path.parent, to_run=to_run)
    ]
    settings = None
    try:
        settings = Settings.model_validate(table)
    except ValidationError as error:
        mistakes += [
            (lines.line(detail["loc"]), _sentence(path.name, lines, detail)) for detail in error.errors()
        ]
    if settings is None or mistakes:
        raise ConfigurationError(*(what for _, what in sorted(mistakes, key=itemgetter(0))))
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
