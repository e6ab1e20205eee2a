"""What each role may do; the one table that says so."""

from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """The part a user plays in its organization."""

    OWNER = "owner"
    ACCOUNTANT = "accountant"
    SALES = "sales"
    VIEWER = "viewer"


class Permission(StrEnum):
    """One thing that an operation asks of its caller."""

    READ = "read"
    WRITE_CONTACTS = "contacts:write"
    DELETE_CONTACTS = "contacts:delete"
    WRITE_INVOICES = "invoices:write"
    READ_FINANCE = "finance:read"
    ASK = "assistant:ask"


GRANTED: Final[dict[Role, frozenset[Permission]]] = {
    Role.OWNER: frozenset(Permission),
    Role.ACCOUNTANT: frozenset(Permission) - {Permission.DELETE_CONTACTS},
    Role.SALES: frozenset(Permission) - {Permission.READ_FINANCE},
    Role.VIEWER: frozenset({Permission.READ, Permission.ASK}),
}
