"""Bodies in and out: strict JSON into structs, JSON from SQL to the client untouched."""

from typing import Annotated, Any, Final, TypeVar

import msgspec
from litestar import Response
from litestar.enums import MediaType
from msgspec import Meta, Struct

from system.cache import Cached
from system.errors import ErrorCode, FieldFault, Refused

T = TypeVar("T")

NO_NUL: Final = r"^[^\x00]*$"
"""Postgres has no NUL in text, so a request that holds one is refused before it gets there."""

Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")]
Text = Annotated[str, Meta(min_length=1, max_length=500, pattern=NO_NUL)]
Email = Annotated[str, Meta(min_length=3, max_length=254, pattern=r"^[^@\s\x00]+@[^@\s\x00]+$")]
Phone = Annotated[str, Meta(pattern=r"^\+[1-9][0-9]{6,14}$")]
Gstin = Annotated[str, Meta(pattern=r"^[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][0-9A-Z]Z[0-9A-Z]$")]
Uuid = Annotated[str, Meta(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Moment = Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$")]
Paise = Annotated[int, Meta(ge=0)]


class Sent(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """A body that clients send: unknown fields are refused."""


class Shown(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """A body that clients are shown: its schema is closed, so the contract names every field."""


def read_body(body: bytes, kind: type[T]) -> T:
    """Decode a JSON body; Refused 400 where it is no JSON or breaks the type, naming the field."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise Refused(400, ErrorCode.VALIDATION_FAILED, str(error), _fault(str(error))) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(400, ErrorCode.BAD_REQUEST, f"The body is not JSON: {error}") from error


def _fault(message: str) -> FieldFault:
    """Read the field out of msgspec's message: `Expected …, got … - at `$.lines[0].quantity``."""
    text, _, path = message.partition(" - at `$")
    field = path.rstrip("`").lstrip(".")
    for marker in ("unknown field `", "required field `"):
        if marker in text:
            missing = text.split(marker)[1].split("`")[0]
            field = f"{field}.{missing}" if field else missing
    return FieldFault(field=field or "body", message=text)


def json_answer(body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> Response[Any]:
    """Return an answer whose body is JSON already."""
    return Response(body, status_code=status, media_type=MediaType.JSON, headers=headers)


def cached_answer(cached: Cached) -> Response[Any]:
    """Return an answer that says whether it came from the cache."""
    return json_answer(cached.body, headers={"Cache-Status": str(cached.status)})


def page(items: bytes, next_cursor: str | None) -> bytes:
    """Return the body of a list: `{"items": […], "nextCursor": …}`; the cursor is null on the last page."""
    cursor = b"null" if next_cursor is None else b'"' + next_cursor.encode() + b'"'
    return b'{"items":' + items + b',"nextCursor":' + cursor + b"}"
