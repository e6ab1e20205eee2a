"""Valid requests for an operation: hints, examples, harvested ids, schemas, in this order."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from harness.exercise.operations import Operation
from harness.exercise.pool import Pool


class Prepared(Struct, frozen=True, kw_only=True):
    """A request that can be sent: `target` is path and query; `content` the encoded body or None.

    `variant` and `page` as in exercise.model.Call; `removes` names the pooled id that a DELETE uses up.
    """

    operation: Operation
    target: str
    headers: Mapping[str, str] = {}
    content: bytes | None = None
    body: Any = None
    variant: str = ""
    page: int | None = None


class Missing(Struct, frozen=True, kw_only=True):
    """Why no request can be built yet: `argument` has no value, for a reason in words."""

    argument: str
    reason: str


def prepare(operation: Operation, pool: Pool, hints: Mapping[str, Any], number: int) -> Prepared | Missing:
    """The plain request, the `number`-th of its kind: unique fields differ from number to number."""
    raise NotImplementedError


def variants(operation: Operation, pool: Pool, hints: Mapping[str, Any], number: int) -> tuple[Prepared, ...]:
    """Forms of the request that may make the target do other work.

    Smallest and largest page, deep pages and offsets, each value of optional enums and booleans, every
    further optional parameter alone, bodies with few and with many elements, and other ids of the pool
    (parents with few and with many children): at most 24, the most telling first.
    """
    raise NotImplementedError
