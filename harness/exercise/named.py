"""Comparing the route that a statement's comment names with the route that was asked."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from harness.exercise.model import Disagreement, Window

PARAMETER: Final = re.compile(r"^(?:\{.*\}|:.+|<.+>|\[.+\]|\(\?P<.+>.*\)|\$.+)$")
ANYTHING: Final = re.compile(r"^(?:\*.*|\{.*:path\}|<path:.*>|\{\*.*\}|\{.*\.\.\.\})$")
METHOD: Final = re.compile(r"^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|TRACE|QUERY)\s+", re.IGNORECASE)
SQL_CHARACTERS: Final = 1000


def disagreements(windows: Iterable[Window], operation_ids: Mapping[str, str]) -> tuple[Disagreement, ...]:
    """Each pair of operation and comment that disagree, once. `operation_ids` by operation, where given."""
    found: dict[tuple[str, str], Disagreement] = {}
    for window in windows:
        operation = window.call.operation
        for seen in window.statements:
            if not seen.route or (operation, seen.route) in found:
                continue
            if not agrees(seen.route, operation, operation_ids):
                found[operation, seen.route] = Disagreement(
                    operation=operation, comment=seen.route, sql=seen.statement.sql[:SQL_CHARACTERS]
                )
    return tuple(found.values())


def agrees(comment: str, operation: str, operation_ids: Mapping[str, str]) -> bool:
    """Whether a comment may mean the operation.

    Lenient: with or without method, any way to write a parameter, a trailing slash, a prefix that a
    mounted router or a proxy adds or takes away. A handler's name disagrees only where it is the
    operationId of another operation: nobody promises that handlers are named like the contract.
    """
    comment = comment.strip()
    if "/" not in comment:
        name = _letters(comment.rpartition(".")[2])
        others = {_letters(one) for key, one in operation_ids.items() if key != operation}
        return name == _letters(operation_ids.get(operation, "")) or name not in others
    method, _, path = operation.partition(" ")
    if match := METHOD.match(comment):
        said = match[1].upper()
        if said != method and {said, method} != {"GET", "HEAD"}:
            return False
        comment = comment[match.end() :]
    return _same(segments(comment), segments(path))


def names(comment: str, operations: Iterable[str]) -> tuple[str, ...]:
    """The operations that the comment may mean."""
    return tuple(each for each in operations if agrees(comment, each, {}))


def segments(path: str) -> list[str]:
    """The parts of a path, parameters as `{}` and catch-alls as `*`."""
    path = re.sub(r"^[a-z]+://[^/]*", "", path).strip("^$ ")
    path = re.sub(r"(?<!\()\?.*", "", path)
    parts = [part for part in path.split("/") if part]
    return ["*" if ANYTHING.match(one) else "{}" if PARAMETER.match(one) else one.lower() for one in parts]


def _same(said: list[str], asked: list[str]) -> bool:
    if "*" in said:
        fixed = said[: said.index("*")]
        return asked[: len(fixed)] == fixed
    if said == asked:
        return True
    short, long = sorted((said, asked), key=len)
    literal = any(part != "{}" for part in short)
    # `/{id}` of a router that is mounted somewhere says nothing against any route that ends alike.
    return bool(short) and long[-len(short) :] == short and (literal or short is said)


def _letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
