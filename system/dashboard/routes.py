"""GET /dashboard."""

from pathlib import Path
from typing import Any, Final

from litestar import Request, Response, get

from system.auth.guard import caller_of, permits
from system.auth.permissions import GRANTED, Permission
from system.contract import Contract
from system.db import read_statements
from system.payload import Moment, Paise, Shown, cached_answer
from system.resources import resources

STATEMENTS: Final = read_statements(Path(__file__).with_name("dashboard.sql"))
LIFE_S: Final = 60
"""How old the figures may be: the declared staleness, no write shortens it."""


class StatusFigures(Shown, frozen=True):
    """The invoices of one status; the sum is null without finance:read."""

    invoices: int
    total_paise: Paise | None


class Dashboard(Shown, frozen=True):
    """An organization's figures at `as_of`, at most 60 s ago; sums are null without finance:read."""

    contacts: int
    invoices: int
    outstanding_paise: Paise | None
    overdue_paise: Paise | None
    paid_paise: Paise | None
    invoiced_last30_days_paise: Paise | None
    by_status: dict[str, StatusFigures]
    as_of: Moment


SHOW: Final = Contract(answers={200: Dashboard}, errors=(401, 403, 503), cached=True)


@get(
    "/dashboard",
    guards=[permits(Permission.READ)],
    opt=SHOW.opt,
    summary="Get the dashboard",
    tags=["dashboard"],
    operation_id="getDashboard",
)
async def show_dashboard(request: Request[Any, Any, Any]) -> Response[Any]:
    """Give the organization's figures; without its money to roles that have no finance:read."""
    caller, held = caller_of(request), resources(request)

    async def load() -> bytes:
        parameters = {"money": Permission.READ_FINANCE in GRANTED[caller.role]}
        row = await held.database.one(STATEMENTS["dashboard"], caller.organization, parameters)
        if row is None:
            raise LookupError("dashboard returned no row")
        body: bytes = row[0]
        return body

    namespace = f"dashboard:{caller.organization}"
    return cached_answer(await held.cache.through(namespace, str(caller.role), LIFE_S, load))
