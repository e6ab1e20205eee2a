"""The guard of an operation: a valid token, and a role that may."""

from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from system.auth.permissions import GRANTED, Permission
from system.auth.tokens import Caller, Tokens, unauthenticated
from system.errors import ErrorCode, Refused

Guard = Callable[[ASGIConnection[Any, Any, Any, Any], BaseRouteHandler], Awaitable[None]]


def permits(permission: Permission) -> Guard:
    """Return a guard that lets callers with a permission through; others get 401 or 403."""

    # Async although it waits for nothing: the framework runs a plain function in a thread, every time.
    async def guard(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        caller = _caller_of(connection)
        if permission not in GRANTED[caller.role]:
            raise Refused(403, ErrorCode.FORBIDDEN, f"The role {caller.role} may not do this: {permission}.")
        connection.scope["user"] = caller

    return guard


def caller_of(request: Request[Any, Any, Any]) -> Caller:
    """Return the caller whom the guard let through."""
    caller: Caller = request.scope["user"]
    return caller


def _caller_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Caller:
    for name, value in connection.scope["headers"]:
        if name == b"authorization":
            scheme, _, token = value.decode("latin-1").partition(" ")
            if scheme.lower() == "bearer" and token:
                tokens: Tokens = connection.app.state.tokens
                return tokens.verify(token)
            break
    raise unauthenticated("Send a token: Authorization: Bearer …")
