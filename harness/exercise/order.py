"""In which order operations are tried, so that each finds what the ones before it made known."""

import re
from collections.abc import Iterable
from typing import Final

from harness.exercise.operations import Operation

READING: Final = frozenset({"GET", "HEAD", "OPTIONS", "QUERY"})
ENDS: Final = re.compile(
    r"(?:^|[/_-])(?:log-?out|sign-?out|log-?off|revoke|revocation|deactivate|close-account"
    r"|(?:change|reset|update|set)-?password|password(?:/(?:change|reset))?)(?:/?$)",
    re.IGNORECASE,
)
OWN: Final = re.compile(
    r"/(?:sessions?|tokens?|auth|me|self|user|account|profile|tenant|organi[sz]ation|workspace|company)"
    r"(?:/(?:current|me|self))?/?$",
    re.IGNORECASE,
)
LAST: Final = 9


def ordered(operations: Iterable[Operation]) -> list[Operation]:
    """Collections, creations, single resources, changes, actions, removals; what ends a session last."""
    return sorted(operations, key=lambda one: (rank(one), one.path.count("/")))


def rank(operation: Operation) -> int:
    """Where it stands in the order; LAST where identities may be locked out by it."""
    parameters = operation.path.count("{")
    on_resource = operation.path.rstrip("/").endswith("}")
    if ends_session(operation):
        return LAST
    match operation.method:
        case "GET" | "HEAD" | "OPTIONS" | "QUERY":
            return 2 if parameters else 0
        case "POST":
            return 4 if parameters else 1
        case "DELETE":
            # The deepest first: what belongs to a parent goes before its parent does.
            return 7 if on_resource and parameters == 1 else 6
        case _:
            return 3


def ends_session(operation: Operation) -> bool:
    """Whether it may take away the caller's own credentials, session or account."""
    if operation.method in READING:
        return False
    if ENDS.search(operation.path):
        return True
    if operation.method == "DELETE":
        # With an id at its end it removes only what the exercise has made; without one, the caller's own.
        return OWN.search(operation.path) is not None
    return False


def removes_everything(operation: Operation) -> bool:
    """Whether it is a DELETE of a whole collection: `DELETE /contacts`."""
    if operation.method != "DELETE" or ends_session(operation):
        return False
    last = operation.path.rstrip("/").rpartition("/")[2]
    return not last.startswith("{") and last.lower().endswith("s")
