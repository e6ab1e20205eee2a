"""GET /organization."""

from pathlib import Path
from typing import Any, Final, Literal

from litestar import Request, Response, get

from system.auth.guard import caller_of, permits
from system.auth.permissions import Permission
from system.contract import Contract
from system.db import read_statements
from system.errors import not_found
from system.payload import Moment, Shown, Uuid, json_answer
from system.resources import resources

STATEMENTS: Final = read_statements(Path(__file__).with_name("organizations.sql"))


class OrganizationShown(Shown, frozen=True):
    """An organization."""

    id: Uuid
    name: str
    gstin: str | None
    plan: Literal["standard", "enterprise"]
    created_at: Moment


SHOW: Final = Contract(answers={200: OrganizationShown}, errors=(401, 403, 404, 503))


@get(
    "/organization",
    guards=[permits(Permission.READ)],
    opt=SHOW.opt,
    summary="Get the caller's organization",
    tags=["organization"],
    operation_id="getOrganization",
)
async def show_organization(request: Request[Any, Any, Any]) -> Response[Any]:
    """Give the organization that the caller belongs to."""
    row = await resources(request).database.one(
        STATEMENTS["get_organization"], caller_of(request).organization, {}
    )
    if row is None:
        raise not_found("organization")
    return json_answer(row[0])
