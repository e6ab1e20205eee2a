"""POST /session: an address and a password for a token."""

import asyncio
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, post
from litestar.params import RawBody
from msgspec import Meta

from system.auth.passwords import fits_password
from system.auth.permissions import Role
from system.auth.tokens import Caller, Tokens
from system.contract import Contract
from system.db import read_statements
from system.errors import ErrorCode, Refused
from system.payload import Email, Sent, Shown, json_answer, read_body
from system.resources import resources

STATEMENTS: Final = read_statements(Path(__file__).with_name("users.sql"))
HASHES: Final = asyncio.Semaphore(2)
"""Hashes at a time: each holds a core for some 20 ms, which a burst of sign-ins must not multiply."""


class Credentials(Sent, frozen=True):
    """Who signs in."""

    email: Email
    password: Annotated[str, Meta(min_length=1, max_length=200)]


class Session(Shown, frozen=True):
    """A token to be sent as `Authorization: Bearer …`, for `expires_in_s` seconds."""

    token: str
    expires_in_s: int
    role: Role


CONTRACT: Final = Contract(
    body=Credentials,
    body_example={"email": "owner@org-001.example", "password": "correct horse battery staple"},
    answers={201: Session},
    public=True,
    errors=(400, 401, 413, 503),
)


@post("/session", opt=CONTRACT.opt, summary="Sign in", tags=["session"], operation_id="signIn")
async def sign_in(request: Request[Any, Any, Any], body: RawBody) -> Response[Any]:
    """Give a token for an address and its password; 401 without saying which of them is wrong."""
    credentials = read_body(body, Credentials)
    database = resources(request).database
    row = await database.before_sign_in(STATEMENTS["sign_in_user"], {"email": credentials.email.lower()})
    async with HASHES:
        fits = await asyncio.to_thread(
            fits_password, None if row is None else str(row[3]), credentials.password
        )
    if row is None or not fits:
        raise Refused(401, ErrorCode.WRONG_CREDENTIALS, "The address or the password is wrong.")
    tokens: Tokens = request.app.state.tokens
    role = Role(row[2])
    token, life_s = tokens.issue(Caller(row[0], row[1], role))
    session = Session(token=token, expires_in_s=life_s, role=role)
    return json_answer(msgspec.json.encode(session), 201, {"Cache-Control": "no-store"})
