"""Giving every configured identity its credentials."""

from typing import Final

import httpx

from harness.config.settings import IdentitySettings, LoginSettings
from harness.errors import TargetFailed
from harness.target.placeholders import Values
from harness.target.target import Identity

LOGIN_S: Final = 15.0
EXCERPT: Final = 200


async def sign_in(
    settings: tuple[IdentitySettings, ...], base_url: str, values: Values
) -> tuple[Identity, ...]:
    """All identities, in their order; logins go to `base_url`, one after the other.

    Raises ConfigurationError for an unknown placeholder, TargetFailed where a login is refused.
    """
    async with httpx.AsyncClient(base_url=base_url, timeout=LOGIN_S, trust_env=False) as client:
        return tuple([await credentials(each, client, values) for each in settings])


async def credentials(settings: IdentitySettings, client: httpx.AsyncClient, values: Values) -> Identity:
    """One identity: its fixed headers, and the header that its login gives."""
    where = f"[[identities]] {settings.name}"
    headers = values.fill_table(settings.headers, f"{where} headers")
    if settings.login:
        headers[settings.login.header] = await token(settings.login, client, values, where)
    return Identity(
        name=settings.name,
        tenant=settings.tenant,
        role=settings.role,
        plan=settings.plan,
        headers=headers,
    )


async def token(login: LoginSettings, client: httpx.AsyncClient, values: Values, where: str) -> str:
    """`scheme token` from the login's answer."""
    method, _, path = login.operation.partition(" ")
    body = values.fill_table(login.body, f"{where} login.body")
    try:
        reply = await client.request(method, path, json=body)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        reason = str(error) or type(error).__name__
        raise TargetFailed(f"{where}: {login.operation} got no answer: {reason}") from error
    if not reply.is_success:
        raise TargetFailed(
            f"{where}: {login.operation} answered {reply.status_code}: {reply.text[:EXCERPT]}; "
            "mend login in harness.toml, or the target's seed"
        )
    found = pointed(reply, login.token)
    if not found:
        raise TargetFailed(
            f"{where}: the answer of {login.operation} has no text at {login.token}: {shape(reply)}; "
            "set login.token to the JSON pointer of the token"
        )
    return f"{login.scheme} {found}".strip()


def pointed(reply: httpx.Response, pointer: str) -> str:
    """The text at a JSON pointer (RFC 6901), or nothing."""
    try:
        value = reply.json()
    except ValueError:
        return ""
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and key in value:
            value = value[key]
        elif isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        else:
            return ""
    return value if isinstance(value, str) else ""


def shape(reply: httpx.Response) -> str:
    """What the answer has, without its values: they may be secrets."""
    try:
        value = reply.json()
    except ValueError:
        return "it is not JSON"
    return f"it has {', '.join(value)}" if isinstance(value, dict) else f"it is a {type(value).__name__}"
