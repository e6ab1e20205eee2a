"""Parameters and bodies as bytes: OpenAPI's styles, JSON, forms."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

import msgspec

from harness.exercise.operations import Argument, Body

SEPARATORS: Final = {"spaceDelimited": " ", "pipeDelimited": "|"}


def text_of(value: Any) -> str:
    """A scalar as it stands in a path, a query or a header; objects as JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return msgspec.json.encode(value).decode()


def in_path(value: Any) -> str:
    """A path parameter, percent-encoded; arrays are separated by commas."""
    parts = value if isinstance(value, list) else [value]
    return ",".join(quote(text_of(part), safe="") for part in parts)


def in_query(argument: Argument | None, name: str, value: Any) -> Iterator[tuple[str, str]]:
    """The pairs of name and text that a query parameter is written with, by its style."""
    if argument is not None and argument.media_type:
        yield name, msgspec.json.encode(value).decode()
    elif isinstance(value, list):
        explode, style = (argument.explode, argument.style) if argument else (True, "form")
        if explode:
            yield from ((name, text_of(part)) for part in value)
        else:
            yield name, SEPARATORS.get(style, ",").join(text_of(part) for part in value)
    elif isinstance(value, dict):
        yield from object_in_query(argument, name, value)
    else:
        yield name, text_of(value)


def object_in_query(
    argument: Argument | None, name: str, value: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """An object: `name[key]=…` for deepObject, `key=…` exploded, else `key,value,…`."""
    if argument is not None and argument.style == "deepObject":
        yield from ((f"{name}[{key}]", text_of(part)) for key, part in value.items())
    elif argument is None or argument.explode:
        yield from ((key, text_of(part)) for key, part in value.items())
    else:
        yield name, ",".join(f"{key},{text_of(part)}" for key, part in value.items())


def query_text(pairs: list[tuple[str, str]]) -> str:
    """The query with its question mark, `` where it is empty."""
    return f"?{urlencode(pairs, safe=',', quote_via=quote)}" if pairs else ""


def encoded(body: Body, value: Any) -> tuple[str, bytes] | None:
    """The Content-Type header and the bytes of a body; None where its media type cannot be written."""
    plain = body.media_type.partition(";")[0].strip().lower()
    if plain in {"*/*", "application/json"} or plain.endswith("+json"):
        return ("application/json" if plain == "*/*" else body.media_type), msgspec.json.encode(value)
    if plain == "application/x-www-form-urlencoded":
        pairs = [pair for name, part in fields(value) for pair in in_query(None, name, part)]
        return plain, urlencode(pairs, quote_via=quote).encode()
    if plain.startswith("multipart/"):
        return multipart(body, value)
    if plain.startswith("text/") or plain == "application/octet-stream":
        return plain, text_of(value).encode()
    return None


def fields(value: Any) -> list[tuple[str, Any]]:
    """The named parts of a form."""
    return list(value.items()) if isinstance(value, dict) else []


def multipart(body: Body, value: Any) -> tuple[str, bytes]:
    """A form of several parts; binary fields are sent as files."""
    properties = body.schema.get("properties", {})
    parts = []
    for name, part in fields(value):
        schema = properties.get(name, {})
        binary = schema.get("format") == "binary" or "contentMediaType" in schema
        kind = f'; filename="{name}.txt"\r\nContent-Type: text/plain' if binary else ""
        parts += [
            f'Content-Disposition: form-data; name="{name}"{kind}\r\n\r\n{text_of(one)}\r\n'
            for one in (part if isinstance(part, list) else [part])
        ]
    boundary = hashlib.sha256("".join(parts).encode()).hexdigest()[:24]
    text = "".join(f"--{boundary}\r\n{part}" for part in parts) + f"--{boundary}--\r\n"
    return f"multipart/form-data; boundary={boundary}", text.encode()
