"""Operations on invoices."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, QueryParameter, RawBody
from psycopg.errors import ForeignKeyViolation

from system.auth.guard import caller_of, permits
from system.auth.permissions import Permission
from system.contract import Contract
from system.db import read_statements
from system.errors import not_found, wrong_field
from system.identifiers import new_id
from system.invoices.model import (
    EXAMPLE,
    InvoicePage,
    InvoiceStatus,
    InvoiceWithLines,
    NewInvoice,
)
from system.paging import FIRST, Cursor, Limit
from system.payload import json_answer, page, read_body
from system.resources import resources

STATEMENTS: Final = read_statements(Path(__file__).with_name("invoices.sql"))
INDIA: Final = ZoneInfo("Asia/Kolkata")
DUE_AFTER: Final = timedelta(days=30)

LIST: Final = Contract(answers={200: InvoicePage}, errors=(400, 401, 403, 503))
CREATE: Final = Contract(
    body=NewInvoice,
    body_example=EXAMPLE,
    answers={201: InvoiceWithLines},
    errors=(400, 401, 403, 413, 503),
)
GET: Final = Contract(answers={200: InvoiceWithLines}, errors=(400, 401, 403, 404, 503))

Status = Annotated[InvoiceStatus | None, QueryParameter(name="status", description="Only of this status.")]


@get(
    "/invoices",
    guards=[permits(Permission.READ)],
    opt=LIST.opt,
    summary="List invoices",
    tags=["invoices"],
    operation_id="listInvoices",
)
async def list_invoices(
    request: Request[Any, Any, Any], limit: Limit = 50, cursor: Cursor = None, status: Status = None
) -> Response[Any]:
    """Give a page of invoices without their lines, newest first."""
    name = "list_invoices" if status is None else "list_invoices_of_status"
    parameters = {"cursor": cursor or FIRST, "limit": limit, "status": status}
    row = await resources(request).database.one(STATEMENTS[name], caller_of(request).organization, parameters)
    if row is None:
        raise LookupError(f"{name} returned no row")
    return json_answer(page(row[0], row[1]))


@post(
    "/invoices",
    guards=[permits(Permission.WRITE_INVOICES)],
    opt=CREATE.opt,
    summary="Create an invoice",
    tags=["invoices"],
    operation_id="createInvoice",
)
async def create_invoice(request: Request[Any, Any, Any], body: RawBody) -> Response[Any]:
    """Make an invoice with the organization's next number."""
    organization = caller_of(request).organization
    new = read_body(body, NewInvoice)
    issued_on = new.issued_on or datetime.now(INDIA).date()
    try:
        due_on = new.due_on or issued_on + DUE_AFTER
    except OverflowError as error:
        raise wrong_field("issuedOn", "is too late for a date to be due after it") from error
    if due_on < issued_on:
        raise wrong_field("dueOn", "lies before the day of issue")
    parameters = {
        "id": new_id(),
        "contact_id": new.contact_id,
        "status": new.status,
        "issued_on": issued_on,
        "due_on": due_on,
        "lines": msgspec.json.encode(new.lines).decode(),
    }
    try:
        row = await resources(request).database.one(STATEMENTS["create_invoice"], organization, parameters)
    except ForeignKeyViolation as error:
        raise wrong_field("contactId", "is no contact of this organization") from error
    if row is None:
        raise LookupError(f"organization {organization} has no invoice counter")
    return json_answer(row[0], 201)


@get(
    "/invoices/{invoice_id:uuid}",
    guards=[permits(Permission.READ)],
    opt=GET.opt,
    summary="Get an invoice",
    tags=["invoices"],
    operation_id="getInvoice",
)
async def get_invoice(request: Request[Any, Any, Any], invoice_id: FromPath[UUID]) -> Response[Any]:
    """Give one invoice with its lines."""
    row = await resources(request).database.one(
        STATEMENTS["get_invoice"], caller_of(request).organization, {"id": invoice_id}
    )
    if row is None:
        raise not_found("invoice")
    return json_answer(row[0])
