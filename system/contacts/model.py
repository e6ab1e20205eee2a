"""Contacts as clients send and see them."""

from typing import Annotated, Final

from msgspec import UNSET, Meta, UnsetType

from system.payload import NO_NUL, Email, Gstin, Moment, Name, Phone, Sent, Shown, Uuid

City = Annotated[str, Meta(min_length=1, max_length=100, pattern=NO_NUL)]


class NewContact(Sent, frozen=True):
    """A contact to be made."""

    name: Name
    email: Email | None = None
    phone: Phone | None = None
    gstin: Gstin | None = None
    city: City | None = None


class ContactChange(Sent, frozen=True):
    """What is to change of a contact: fields that are absent stay, null empties."""

    name: Name | UnsetType = UNSET
    email: Email | UnsetType | None = UNSET
    phone: Phone | UnsetType | None = UNSET
    gstin: Gstin | UnsetType | None = UNSET
    city: City | UnsetType | None = UNSET


class ContactShown(Shown, frozen=True):
    """A contact."""

    id: Uuid
    name: str
    email: str | None
    phone: str | None
    gstin: str | None
    city: str | None
    created_at: Moment
    updated_at: Moment


class ContactPage(Shown, frozen=True):
    """One page of contacts, newest first; `next_cursor` asks for the next, null on the last."""

    items: list[ContactShown]
    next_cursor: str | None


EXAMPLE: Final = {
    "name": "Asha Traders",
    "email": "asha@traders.example",
    "phone": "+919800000001",
    "gstin": "29ABCDE1234F1Z5",
    "city": "Bengaluru",
}
