"""What a request asks for, read strictly: BadRequest names what is wrong."""

from datetime import datetime
from typing import Any

from flask import request
from werkzeug.exceptions import BadRequest

STATUSES = ("booked", "arrived", "done", "missed", "cancelled")
MOST_PAGES = 50
MOST_OF_A_PAGE = 50
LONGEST_MINUTES = 480
GREATEST_ID = 2_147_483_647


def whole(name: str, default: int, most: int) -> int:
    """A whole number of the query, from 1 to `most`."""
    text = request.args.get(name, str(default))
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= most:
        raise BadRequest(f"{name}: a whole number from 1 to {most}")
    return int(text)


def day(text: str, form: str, name: str) -> datetime:
    """A day or month that is there."""
    try:
        return datetime.strptime(text, form)  # noqa: DTZ007 - a day of the clinic's calendar has no zone
    except ValueError as error:
        raise BadRequest(f"{name}: {form}") from error


def chosen(name: str, values: tuple[str, ...]) -> str | None:
    """A word of the query that is one of several, or none."""
    value = request.args.get(name)
    if value is not None and value not in values:
        raise BadRequest(f"{name}: one of {', '.join(values)}")
    return value


def page() -> dict[str, int]:
    """Which page is asked for; none lies so deep that finding it is dear."""
    return {"page": whole("page", 1, MOST_PAGES), "per_page": whole("per_page", 20, MOST_OF_A_PAGE)}


def body(**fields: type) -> dict[str, Any]:
    """The JSON object that was sent, with all fields of these types and no others."""
    sent = request.get_json()
    if not isinstance(sent, dict) or sent.keys() - fields.keys():
        raise BadRequest(f"an object of {', '.join(fields)}")
    for name, kind in fields.items():
        value = sent.get(name)
        if not isinstance(value, kind) or isinstance(value, bool) or value == "":
            raise BadRequest(f"{name}: {kind.__name__}")
        if isinstance(value, str) and "\0" in value:
            raise BadRequest(f"{name}: without NUL")
    return sent


def read_treatments(sent: list) -> None:
    """Refuse treatments that are none."""
    for one in sent:
        if not isinstance(one, dict) or one.keys() != {"code", "price_cents"}:
            raise BadRequest("treatments: each has code and price_cents")
        cents = one["price_cents"]
        if not isinstance(one["code"], str) or type(cents) is not int or not 0 <= cents <= GREATEST_ID:
            raise BadRequest("treatments: code is text, price_cents a whole number")
