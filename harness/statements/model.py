"""Statements of routes, as checks record them."""

from msgspec import Struct

from harness.planner.rules.case import Syntax


class StatementOfRoute(Struct, frozen=True, kw_only=True):
    """One statement and the routes that run it; `after` those that set it off after their answer.

    `sql` is the text as sent, at most 4,000 characters. `idle` where the target also runs it unasked;
    `within` names the function whose body it is, empty for what the target sends itself.
    """

    fingerprint: str
    sql: str
    syntax: Syntax
    routes: tuple[str, ...]
    after: tuple[str, ...] = ()
    idle: bool = False
    within: str = ""


class RouteFacts(Struct, frozen=True, kw_only=True):
    """What is known of a route: `looks_like` from the contract, whether its pages are bounded."""

    route: str
    looks_like: str
    pages_bounded: bool
    requests: int
