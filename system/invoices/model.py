"""Invoices as clients send and see them."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Final, Literal
from uuid import UUID

from msgspec import Meta

from system.payload import Moment, Paise, Sent, Shown, Text, Uuid

GstPercent = Literal[0, 5, 18, 40]
"""The rates of GST for new lines. 12 and 28 ended in September 2025: only invoices made before show them."""
Quantity = Annotated[int, Meta(ge=1, le=10_000)]
UnitPrice = Annotated[int, Meta(ge=0, le=1_000_000_000, description="Paise; at most one crore of rupees.")]
Hsn = Annotated[str, Meta(pattern=r"^[0-9]{4,8}$", description="HSN or SAC code of the goods or service.")]


class InvoiceStatus(StrEnum):
    """Where an invoice stands."""

    DRAFT = "draft"
    SENT = "sent"
    PAID = "paid"
    OVERDUE = "overdue"
    CANCELLED = "cancelled"


class NewLine(Sent, frozen=True):
    """One line of an invoice to be made."""

    description: Text
    quantity: Quantity
    unit_price_paise: UnitPrice
    gst_percent: GstPercent
    hsn: Hsn | None = None


class NewInvoice(Sent, frozen=True):
    """An invoice to be made; issued today, due in 30 days where nothing else is said."""

    contact_id: UUID
    lines: Annotated[list[NewLine], Meta(min_length=1, max_length=100)]
    status: Literal["draft", "sent"] = "draft"
    issued_on: date | None = None
    due_on: date | None = None


class LineShown(Shown, frozen=True):
    """One line; `tax_paise` is its GST, half a paisa rounded up."""

    position: int
    description: str
    hsn: str | None
    quantity: int
    unit_price_paise: Paise
    gst_percent: int
    taxable_paise: Paise
    tax_paise: Paise


class InvoiceShown(Shown, frozen=True):
    """An invoice without its lines; numbers of one organization have no gaps."""

    id: Uuid
    number: Annotated[int, Meta(ge=1)]
    contact_id: Uuid
    status: InvoiceStatus
    issued_on: date
    due_on: date
    taxable_paise: Paise
    tax_paise: Paise
    total_paise: Paise
    created_at: Moment


class InvoiceWithLines(InvoiceShown, frozen=True):
    """An invoice with its lines, in their order."""

    lines: list[LineShown]


class InvoicePage(Shown, frozen=True):
    """One page of invoices, newest first; `next_cursor` asks for the next, null on the last."""

    items: list[InvoiceShown]
    next_cursor: str | None


EXAMPLE: Final = {
    "contactId": "01a20a05-e51a-720c-a8a2-f88e1ab01fbd",
    "lines": [
        {"description": "Consulting, hours", "quantity": 8, "unitPricePaise": 250000, "gstPercent": 18}
    ],
    "status": "sent",
}
