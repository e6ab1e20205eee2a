"""Signing in to the organizations of the test data, and learning what there is to look at."""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from harness.driver import Client

COUNT: Final = 100
WITH_STAFF: Final = 10
"""The larger organizations, with more than half of all users, have an accountant and a seller; in the small
ones the owner does everything. This also keeps signing in short: a password costs the service 40 ms."""
PASSWORD: Final = os.environ.get("SEED_PASSWORD", "for-measuring-only")
AT_ONCE: Final = 4
ATTEMPTS: Final = 5
"""A service that fails now and then must come to its verdict, and not end the load before it begins."""
PREFIX: Final = 4


@dataclass(frozen=True, kw_only=True)
class Organization:
    """One organization: headers by role, and ids and search words of what it has."""

    headers: dict[str, dict[str, str]]
    contacts: tuple[str, ...]
    invoices: tuple[str, ...]
    words: tuple[str, ...]

    def acting_as(self, role: str) -> tuple[str, dict[str, str]]:
        """The role that does this work here, and its headers: the owner's where there is no staff."""
        role = role if role in self.headers else "owner"
        return role, self.headers[role]


async def sign_in_all(client: Client) -> Sequence[Organization]:
    """All organizations, the largest first, a few at a time. Raises RuntimeError where one refuses."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(place: int) -> Organization:
        async with gate:
            mine = client.twin()
            try:
                return await enter(mine, place)
            finally:
                mine.close()

    return await asyncio.gather(*(one(place) for place in range(1, COUNT + 1)))


async def enter(client: Client, place: int) -> Organization:
    """Sign in the users of the organization at this place, and read its first pages."""
    roles = ("owner", "accountant", "sales") if place <= WITH_STAFF else ("owner",)
    headers = {}
    for role in roles:
        credentials = {"email": f"{role}@org-{place:03d}.example", "password": PASSWORD}
        for _ in range(ATTEMPTS):
            answer = await client.post("/api/v1/session", json=credentials)
            if answer.ok:
                break
        if not answer.ok:
            raise RuntimeError(
                f"{credentials['email']} cannot sign in: {answer.problem or answer.body[:200]!r}; is the "
                f"system seeded, and with this SEED_PASSWORD?"
            )
        token = cast("dict[str, Any]", answer.json())["token"]
        headers[role] = {"Authorization": f"Bearer {token}"}
    contacts = await items(client, "/api/v1/contacts?limit=100", headers["owner"])
    invoices = await items(client, "/api/v1/invoices?limit=100", headers["owner"])
    return Organization(
        headers=headers,
        contacts=tuple(contact["id"] for contact in contacts),
        invoices=tuple(invoice["id"] for invoice in invoices),
        words=tuple(
            sorted({word[:PREFIX].lower() for contact in contacts for word in contact["name"].split()})
        ),
    )


async def items(client: Client, path: str, headers: dict[str, str]) -> list[dict[str, Any]]:
    """The items of a page. Raises RuntimeError where there are none: there would be nothing to load."""
    for _ in range(ATTEMPTS):
        answer = await client.get(path, headers=headers)
        if answer.ok:
            break
    found = cast("dict[str, Any]", answer.json()).get("items") if answer.ok else None
    if not found:
        raise RuntimeError(f"GET {path} shows nothing: status {answer.status}, {answer.body[:200]!r}")
    return cast("list[dict[str, Any]]", found)
