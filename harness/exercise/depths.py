"""Whether a target refuses deep pages, whatever its contract says of them."""

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from harness.exercise.model import Call, Window
from harness.exercise.operations import Operation
from harness.exercise.paging import page_place
from harness.exercise.variants import DEEP

REFUSALS: Final = frozenset({400, 416, 422})
"""No 404: that is how pages beyond the last row are answered, which says nothing of pages within."""
LOOKED: Final = re.compile(r"\boffset\b|\bcount\s*\(", re.IGNORECASE)
"""What a target asks that only refuses a page because so many rows are not there."""


def refuses_deep_pages(operation: Operation, windows: Iterable[Window]) -> bool:
    """Whether every deep page of an operation was refused, without a look at how many rows there are.

    Only the windows of this operation count; False where no deep page was asked for, or where no other
    request was answered.
    """
    place = page_place(operation)
    if place is None:
        return False
    own = [window for window in windows if window.call.operation == operation.name]
    deep = [window for window in own if depth(window.call, place.name) >= DEEP]
    answered = any(window.call.status in range(200, 300) for window in own)
    return bool(deep) and answered and all(refused(window) for window in deep)


def depth(call: Call, name: str) -> int:
    """The page number or offset that was asked for; 0 for none."""
    values = [value for key, value in parse_qsl(urlsplit(call.target).query) if key == name]
    return max((int(value) for value in values if value.isdecimal()), default=0)


def refused(window: Window) -> bool:
    """Whether the request was found wrong in itself."""
    looked = any(LOOKED.search(seen.statement.sql) for seen in window.statements)
    return window.call.status in REFUSALS and not looked
