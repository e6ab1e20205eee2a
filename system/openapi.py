"""The OpenAPI 3.1 document: paths and parameters from the routes, bodies from the structs that decode them.

Schemas come from msgspec and not from the framework, because msgspec is what accepts and refuses: the
document then says exactly what the service does, and every object is closed.
"""

from collections.abc import Iterator
from typing import Any, Final

import msgspec
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig

from system.contract import KEY, Contract
from system.errors import ErrorAnswer

CONFIG: Final = OpenAPIConfig(
    title="Reference system",
    version="1",
    description="Contacts, invoices and agents for many organizations at once.",
    path="/framework-schema",
    render_plugins=(),
)
REASONS: Final = {
    400: "The request is wrong; `details` name the fields.",
    401: "The token, or the address and password, are missing or not valid.",
    403: "The caller's role may not do this.",
    404: "There is no such thing in the caller's organization.",
    405: "The path does not know this method.",
    409: "The state of the thing does not allow it.",
    413: "The body is larger than 1 MB.",
    500: "A fault of the service.",
    503: "Busy, or a service is away; ask again after `Retry-After` seconds.",
}
SUCCESSES: Final = {200: "Done.", 201: "Made.", 204: "Done; there is nothing to show."}
HEADERS: Final = {
    "X-Request-Id": {"schema": {"type": "string"}, "description": "Names the request in our log."},
    "Server-Timing": {"schema": {"type": "string"}, "description": "Milliseconds per part."},
}
CACHE_STATUS: Final = {"schema": {"type": "string"}, "description": "RFC 9211."}
RETRY_AFTER: Final = {"schema": {"type": "integer", "minimum": 1}, "description": "Seconds."}


def describe(app: Litestar) -> dict[str, Any]:
    """Return the document of an application, ready for JSON."""
    document = app.openapi_schema.to_schema()
    operations = list(_operations(app))
    kinds = {ErrorAnswer: None} | {
        kind: None
        for _, _, contract in operations
        for kind in (contract.body, *contract.answers.values())
        if kind is not None
    }
    shapes, schemas = msgspec.json.schema_components(kinds, ref_template="#/components/schemas/{name}")
    shape_of = dict(zip(kinds, shapes, strict=True))
    document["components"] = {
        "schemas": dict(sorted(schemas.items())),
        "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
    }
    for path, method, contract in operations:
        operation = document["paths"][path][method]
        operation["responses"] = _responses(contract, shape_of)
        public = contract.public
        operation["security"] = [] if public else [{"bearer": []}]
        operation.pop("deprecated", None)
        if contract.body is not None:
            media = {"schema": shape_of[contract.body], "example": contract.body_example}
            operation["requestBody"] = {"required": True, "content": {"application/json": media}}
    document["servers"] = [{"url": "/"}]
    return document


def _operations(app: Litestar) -> Iterator[tuple[str, str, Contract]]:
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            if isinstance(handler, HTTPRouteHandler) and KEY in handler.opt:
                path = getattr(route, "path_format", route.path)
                for method in handler.http_methods:
                    yield path, str(method).lower(), handler.opt[KEY]


def _responses(contract: Contract, shape_of: dict[Any, dict[str, Any]]) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    for status, kind in sorted(contract.answers.items()):
        headers = HEADERS | ({"Cache-Status": CACHE_STATUS} if contract.cached else {})
        responses[str(status)] = {"description": SUCCESSES[status], "headers": headers}
        if kind is not None:
            responses[str(status)]["content"] = {"application/json": {"schema": shape_of[kind]}}
    for status in sorted({*contract.errors, 405, 500}):
        headers = HEADERS | ({"Retry-After": RETRY_AFTER} if status == 503 else {})  # noqa: PLR2004
        responses[str(status)] = {
            "description": REASONS[status],
            "headers": headers,
            "content": {"application/json": {"schema": shape_of[ErrorAnswer]}},
        }
    return responses
