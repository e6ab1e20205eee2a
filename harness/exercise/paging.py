"""Which arguments page through a collection, and what class of route an operation looks like."""

from collections.abc import Mapping
from typing import Any, Final

from harness.exercise.nouns import (
    IDENTITY_FIELDS,
    flat,
    is_plural,
    listing,
    resource_of,
    segments_of,
    static,
    vocabulary,
    words_of,
)
from harness.exercise.operations import Argument, Operation
from harness.exercise.schema import kind_of, objects_in
from harness.model.policy import RouteClass

SIZES: Final = listing(
    "limit perpage pagesize pagelimit size count first take rows max maxresults maxitems top n num "
    "itemsperpage resultsperpage last"
)
PLACES: Final = listing("page pagenumber pageno pageindex p offset skip start startindex from after startat")
OFFSETS: Final = vocabulary("offset skip start startindex from after startat")
CURSORS: Final = listing(
    "cursor after pagetoken nexttoken next startingafter continuation continuationtoken marker token "
    "nextcursor scrollid before endingbefore sinceid"
)
FIGURES: Final = vocabulary(
    "report reports stats statistics analytics summary summaries metrics dashboard figures "
    "aggregate aggregates overview totals insights kpi kpis histogram trends"
)


def is_integer(argument: Argument) -> bool:
    """Whether an argument is a whole number; alternatives count where any is."""
    kinds = {kind_of(option) for option in objects_in(argument.schema)}
    return "integer" in kinds or ("number" in kinds and "string" not in kinds)


def page_size(operation: Operation) -> Argument | None:
    """The query argument that says how many elements an answer holds at most, or None."""
    return named(operation, SIZES)


def page_place(operation: Operation) -> Argument | None:
    """The query argument that numbers pages or skips elements, or None."""
    return named(operation, PLACES)


def cursor(operation: Operation) -> Argument | None:
    """The query argument that takes the token or id that the page before gave, or None."""
    found = [one for one in queries(operation) if flat(one.name) in CURSORS and not is_integer(one)]
    return min(found, key=lambda one: CURSORS.index(flat(one.name)), default=None)


def named(operation: Operation, names: tuple[str, ...]) -> Argument | None:
    """The integer query argument of the likeliest of these names."""
    found = [one for one in queries(operation) if flat(one.name) in names and is_integer(one)]
    return min(found, key=lambda one: names.index(flat(one.name)), default=None)


def queries(operation: Operation) -> list[Argument]:
    """The query arguments."""
    return [one for one in operation.arguments if one.place == "query"]


def greatest(argument: Argument) -> int | None:
    """The greatest whole number that an argument may be, None where the contract sets no end."""
    found = [
        int(option["maximum"]) if "maximum" in option else int(option["exclusiveMaximum"]) - 1
        for option in objects_in(argument.schema)
        if "maximum" in option or "exclusiveMaximum" in option
    ]
    return max(found, default=None)


def pages_bounded(operation: Operation) -> bool:
    """True unless a page number or offset may be any number.

    A cursor goes on to the last row: that is what it is for, and only an OFFSET behind it has a price.
    """
    places = [one for one in queries(operation) if flat(one.name) in PLACES and is_integer(one)]
    if not places:
        return cursor(operation) is None
    return all(greatest(one) is not None or "enum" in one.schema for one in places)


def success(operation: Operation) -> Mapping[str, Any] | None:
    """The schema of the operation's successful answer; None where none is declared."""
    for status in ("200", "201", "2XX", "202", "206", "default"):
        if status in operation.answers:
            return operation.answers[status]
    return next((schema for status, schema in operation.answers.items() if status.startswith("2")), None)


def arrays_of(schema: Mapping[str, Any], depth: int = 1) -> list[tuple[str, Mapping[str, Any]]]:
    """The arrays of objects directly in an answer, or in an object of it, each with its items' schema."""
    found = []
    for option in objects_in(schema):
        if kind_of(option) == "array":
            items = option.get("items", {})
            if kind_of(items) in {"object", ""}:
                found.append(("", items))
        for name, part in option.get("properties", {}).items():
            if kind_of(part) == "array" and kind_of(part.get("items", {})) in {"object", ""}:
                found.append((name, part.get("items", {})))
            elif depth and name.lower() in {"data", "result", "results", "response", "payload", "_embedded"}:
                found += arrays_of(part, depth - 1)
    return found


def identified(schema: Mapping[str, Any], noun: str) -> bool:
    """Whether an object, or the one that it wraps, has an id of its own."""
    for option in objects_in(schema):
        properties = option.get("properties", {})
        if any(name.lower() in IDENTITY_FIELDS or flat(name) == f"{noun}id" for name in properties):
            return True
        if any(name.lower() == "data" and identified(part, noun) for name, part in properties.items()):
            return True
    return False


def looks_like(operation: Operation) -> str:
    """The RouteClass that the contract suggests: point, page, report or write; never model.

    GET is a page where it answers a list that it pages, whose path is a plural, or that belongs to one
    resource; a point where its path ends in a parameter, or where it answers one thing that has an id or
    belongs to one; else a report.
    """
    if operation.method not in {"GET", "HEAD"}:
        return RouteClass.WRITE.value
    segments = segments_of(operation.path)
    last = segments[-1] if segments else ""
    paged = any(find(operation) is not None for find in (page_size, page_place, cursor))
    schema = success(operation) or {}
    lists = arrays_of(schema)
    words = {word for part in segments if static(part) for word in words_of(part)}
    if words & FIGURES and not paged:
        return RouteClass.REPORT.value
    if not static(last):
        return RouteClass.POINT.value
    if kind_of(schema) == "array" or (lists and (paged or is_plural(last))):
        return RouteClass.PAGE.value
    if not schema and (paged or is_plural(last)):
        return RouteClass.PAGE.value
    if any(not static(part) for part in segments):
        return RouteClass.PAGE.value if lists else RouteClass.POINT.value
    one = identified(schema, resource_of(operation.path)) and not lists
    return RouteClass.POINT.value if one else RouteClass.REPORT.value
