"""Keyset pages: the parameters of a list, and the cursor that is the last id shown."""

from typing import Annotated, Final
from uuid import UUID

from litestar.params import QueryParameter

FIRST: Final = UUID(int=(1 << 128) - 1)
"""Where a list without a cursor begins: above every id."""

Limit = Annotated[int, QueryParameter(name="limit", ge=1, le=100, description="Most items of a page.")]
Cursor = Annotated[
    UUID | None,
    QueryParameter(name="cursor", description="The `nextCursor` of the page before; absent: the first page."),
]
