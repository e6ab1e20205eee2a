"""Settings of the system: read once from the environment into a frozen value, every fault named at once."""

from collections.abc import Mapping
from typing import Final

import msgspec
from msgspec import Struct

from system.errors import SettingsWrong

SECRET_BYTES: Final = 32
"""Least length of the signing secret: RFC 7518 §3.2 asks HS256 for a key as long as its hash."""


class Settings(Struct, frozen=True, kw_only=True):
    """What the processes of the system need to know; each field is the variable of its name in capitals.

    `model` is the name that the model server knows; the default is the bundled one's, for trying out.
    `answer_s` bounds the whole of one answer of the assistant, facts, cache and model: a little less than
    the 5 s it is promised in. `model_deadline_s` bounds one model call with its waiting. `model_calls` may
    run at a time, `model_waiting` more may wait. `session_s` is the life of a token.
    """

    database_url: str
    redis_url: str
    ollama_url: str
    system_jwt_secret: str
    model: str = "shape-3m"
    pool_size: int = 8
    pool_wait_s: float = 2.0
    statement_s: float = 5.0
    redis_wait_s: float = 0.5
    answer_s: float = 4.8
    model_deadline_s: float = 4.5
    model_calls: int = 4
    model_waiting: int = 32
    model_tokens: int = 32
    session_s: int = 3600
    overdue_every_s: float = 5.0


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read the settings from an environment; SettingsWrong names every variable that is missing or wrong."""
    faults: list[str] = []
    values: dict[str, object] = {}
    for field in msgspec.structs.fields(Settings):
        variable = field.encode_name.upper()
        text = environment.get(variable, "")
        if not text:
            if field.default is msgspec.NODEFAULT:
                faults.append(f"{variable} is not set")
            continue
        try:
            values[field.name] = msgspec.convert(text, field.type, strict=False)
        except msgspec.ValidationError:
            faults.append(f"{variable}={text!r} is not a number of type {field.type.__name__}")
    faults += [
        f"{name.upper()}={value!r} must be greater than 0"
        for name, value in values.items()
        if isinstance(value, int | float) and value <= 0
    ]
    secret = str(values.get("system_jwt_secret", ""))
    if secret and len(secret.encode()) < SECRET_BYTES:
        faults.append(f"SYSTEM_JWT_SECRET has {len(secret.encode())} bytes; it needs {SECRET_BYTES} or more")
    faults += [
        f"{name.upper()} must begin with {' or '.join(schemes)}"
        for name, schemes in _SCHEMES.items()
        if name in values and not str(values[name]).startswith(schemes)
    ]
    if faults:
        raise SettingsWrong(*faults)
    return msgspec.convert(values, Settings)


_SCHEMES: Final[dict[str, tuple[str, ...]]] = {
    "database_url": ("postgresql://", "postgres://"),
    "redis_url": ("redis://", "rediss://", "unix://"),
    "ollama_url": ("http://", "https://"),
}
