"""Operations on contacts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, patch, post
from litestar.params import FromPath, QueryParameter, RawBody
from psycopg.errors import ForeignKeyViolation

from system.auth.guard import caller_of, permits
from system.auth.permissions import Permission
from system.contacts.model import EXAMPLE, ContactChange, ContactPage, ContactShown, NewContact
from system.contract import Contract
from system.db import read_statements
from system.errors import ErrorCode, Refused, not_found, wrong_field
from system.identifiers import new_id
from system.paging import FIRST, Cursor, Limit
from system.payload import NO_NUL, cached_answer, json_answer, page, read_body
from system.resources import Resources, resources

STATEMENTS: Final = read_statements(Path(__file__).with_name("contacts.sql"))
LIST_LIFE_S: Final = 300
SERVER_AT_FAULT: Final = 500

LIST: Final = Contract(answers={200: ContactPage}, errors=(400, 401, 403, 503), cached=True)
CREATE: Final = Contract(
    body=NewContact,
    body_example=EXAMPLE,
    answers={201: ContactShown},
    errors=(400, 401, 403, 413, 503),
)
GET: Final = Contract(answers={200: ContactShown}, errors=(400, 401, 403, 404, 503))
CHANGE: Final = Contract(
    body=ContactChange,
    body_example={"city": "Mysuru"},
    answers={200: ContactShown},
    errors=(400, 401, 403, 404, 413, 503),
)
DELETE: Final = Contract(answers={204: None}, errors=(400, 401, 403, 404, 409, 503))

Search = Annotated[
    str | None,
    QueryParameter(
        name="q",
        min_length=1,
        max_length=100,
        pattern=NO_NUL,
        description="Words that must each begin a word of the name, the e-mail address or the phone number.",
    ),
]


def namespace(organization: UUID) -> str:
    """Return the cache namespace of an organization's contact lists."""
    return f"contacts:{organization}"


@asynccontextmanager
async def written(held: Resources, organization: UUID) -> AsyncIterator[None]:
    """Make an organization's lists invalid after the write of the block, unless it surely wrote nothing.

    Surely nothing was written where the request is at fault (a refusal below 500). A connection may die
    between commit and answer: whatever else fails may have written.
    """
    wrote = True
    try:
        yield
    except Refused as refusal:
        wrote = refusal.status >= SERVER_AT_FAULT
        raise
    finally:
        if wrote:
            await held.cache.invalidate(namespace(organization))


@get(
    "/contacts",
    guards=[permits(Permission.READ)],
    opt=LIST.opt,
    summary="List or search contacts",
    tags=["contacts"],
    operation_id="listContacts",
)
async def list_contacts(
    request: Request[Any, Any, Any], limit: Limit = 50, cursor: Cursor = None, q: Search = None
) -> Response[Any]:
    """Give a page of contacts, newest first. Pages are cached, searches are not: they rarely repeat."""
    caller, held = caller_of(request), resources(request)
    start = cursor or FIRST

    async def load() -> bytes:
        name, words = ("list_contacts", {}) if q is None else ("search_contacts", {"words": q})
        parameters = {"cursor": start, "limit": limit, **words}
        row = await held.database.one(STATEMENTS[name], caller.organization, parameters)
        if row is None:
            raise LookupError(f"{name} returned no row")
        return page(row[0], row[1])

    if q is not None:
        return json_answer(await load())
    key = f"{caller.role}:{limit}:{cursor or ''}"
    return cached_answer(await held.cache.through(namespace(caller.organization), key, LIST_LIFE_S, load))


@post(
    "/contacts",
    guards=[permits(Permission.WRITE_CONTACTS)],
    opt=CREATE.opt,
    summary="Create a contact",
    tags=["contacts"],
    operation_id="createContact",
)
async def create_contact(request: Request[Any, Any, Any], body: RawBody) -> Response[Any]:
    """Make a contact."""
    caller, held = caller_of(request), resources(request)
    new = read_body(body, NewContact)
    parameters = {"id": new_id(), **msgspec.structs.asdict(new)}
    async with written(held, caller.organization):
        row = await held.database.one(STATEMENTS["create_contact"], caller.organization, parameters)
    if row is None:
        raise LookupError("create_contact returned no row")
    return json_answer(row[0], 201)


@get(
    "/contacts/{contact_id:uuid}",
    guards=[permits(Permission.READ)],
    opt=GET.opt,
    summary="Get a contact",
    tags=["contacts"],
    operation_id="getContact",
)
async def get_contact(request: Request[Any, Any, Any], contact_id: FromPath[UUID]) -> Response[Any]:
    """Give one contact."""
    row = await resources(request).database.one(
        STATEMENTS["get_contact"], caller_of(request).organization, {"id": contact_id}
    )
    if row is None:
        raise not_found("contact")
    return json_answer(row[0])


@patch(
    "/contacts/{contact_id:uuid}",
    guards=[permits(Permission.WRITE_CONTACTS)],
    opt=CHANGE.opt,
    summary="Change a contact",
    tags=["contacts"],
    operation_id="changeContact",
)
async def change_contact(
    request: Request[Any, Any, Any], contact_id: FromPath[UUID], body: RawBody
) -> Response[Any]:
    """Change the fields that are sent; null empties a field, the name cannot be emptied."""
    caller, held = caller_of(request), resources(request)
    change = read_body(body, ContactChange)
    changes = msgspec.to_builtins(change)
    if not changes:
        raise wrong_field("body", "names no field to change")
    parameters = {"id": contact_id, "fields": list(changes), "changes": msgspec.json.encode(changes).decode()}
    async with written(held, caller.organization):
        row = await held.database.one(STATEMENTS["change_contact"], caller.organization, parameters)
        if row is None:
            raise not_found("contact")
    return json_answer(row[0])


@delete(
    "/contacts/{contact_id:uuid}",
    guards=[permits(Permission.DELETE_CONTACTS)],
    opt=DELETE.opt,
    summary="Delete a contact",
    tags=["contacts"],
    operation_id="deleteContact",
)
async def delete_contact(request: Request[Any, Any, Any], contact_id: FromPath[UUID]) -> None:
    """Delete a contact that has no invoices; 409 where it has some."""
    caller, held = caller_of(request), resources(request)
    async with written(held, caller.organization):
        try:
            row = await held.database.one(
                STATEMENTS["delete_contact"], caller.organization, {"id": contact_id}
            )
        except ForeignKeyViolation as error:
            raise Refused(409, ErrorCode.CONFLICT, "The contact has invoices, so it stays.") from error
        if row is None:
            raise not_found("contact")
