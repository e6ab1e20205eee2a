"""The operations of an OpenAPI 3.0 or 3.1 document, with every reference resolved."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct


class Argument(Struct, frozen=True, kw_only=True):
    """A parameter of an operation. `place` is path, query, header or cookie; `schema` is resolved.

    `examples` come from the parameter and its schema, the parameter's own first.
    """

    name: str
    place: str
    required: bool
    schema: Mapping[str, Any]
    examples: tuple[Any, ...] = ()


class Body(Struct, frozen=True, kw_only=True):
    """A request body: its media type and resolved schema (recursion cut)."""

    media_type: str
    required: bool
    schema: Mapping[str, Any]
    examples: tuple[Any, ...] = ()


class Operation(Struct, frozen=True, kw_only=True):
    """One operation. `answers` maps declared statuses (`200`, `2XX`, `default`) to their JSON schema, or {}.

    `public` where the contract asks for no credentials.
    """

    name: str
    method: str
    path: str
    arguments: tuple[Argument, ...] = ()
    body: Body | None = None
    answers: Mapping[str, Mapping[str, Any]] = {}
    public: bool = False


def read_operations(document: bytes) -> tuple[Operation, ...]:
    """All operations in the document's order. Unresolvable references raise TargetFailed naming them."""
    raise NotImplementedError
