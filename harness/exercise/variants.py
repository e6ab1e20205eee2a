"""Forms of a request that may make the target do other work, the most telling first."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from harness.config.settings import HintSettings
from harness.exercise.addresses import addresses
from harness.exercise.composition import Form, rotated
from harness.exercise.filters import filters, flags, searches, sorts
from harness.exercise.nouns import flat, resource_of
from harness.exercise.operations import Argument, Operation
from harness.exercise.paging import OFFSETS, cursor, greatest, page_place, page_size, queries
from harness.exercise.pool import Pool
from harness.exercise.schema import kind_of, objects_in
from harness.exercise.validity import accepts
from harness.exercise.values import Absent, Maker

LARGEST: Final = 100
"""The largest page that is asked for where the contract names no maximum."""
SMALLEST: Final = 2
"""A page small beside any data, and still of more rows than one."""
MANY: Final = 20
FEW: Final = 5
DEEP: Final = 1_000
DEEPEST: Final = 100_000
FURTHER_IDS: Final = 3
VALUES: Final = 4
LATER: Final = 10
"""The second value of an argument comes after the first values of ten other kinds of form."""

Weighed = tuple[int, Form]


def forms(operation: Operation, pool: Pool, hints: HintSettings | None, number: int) -> list[Form]:
    """All forms of the operation, most telling first; arguments that a hint fixes keep their values."""
    given = hints or HintSettings()
    found: list[Weighed] = []
    if operation.method in {"GET", "HEAD"}:
        found += pages(operation, pool, given)
        found += others(operation, pool, given)
    found += arguments(operation, pool, given, number)
    if operation.body is not None and operation.method != "DELETE" and not isinstance(given.body, list):
        found += bodies(operation, pool, number)
    fixed = set(given.query)
    kept = [(weight, form) for weight, form in found if not fixed & form.query.keys()]
    return [form for _, form in sorted(kept, key=lambda one: one[0])]


def sizes(argument: Argument | None) -> Iterator[tuple[str, dict[str, Any]]]:
    """The largest and the smallest page that the contract permits, each named."""
    if argument is None:
        return
    most = greatest(argument) or LARGEST
    least = next((int(one["minimum"]) for one in objects_in(argument.schema) if "minimum" in one), 1)
    choices = [value for value in argument.schema.get("enum", ()) if isinstance(value, int)]
    small, large = (min(choices), max(choices)) if choices else (min(max(SMALLEST, least), most), most)
    for value in (large, small):
        yield f"{argument.name}={value}", {argument.name: value}


def pages(operation: Operation, pool: Pool, given: HintSettings) -> Iterator[Weighed]:
    """Large and small pages, deep ones, and the one that a cursor of an answer asks for.

    Pages of what belongs to one resource are of that with most: of few, all pages are alike.
    """
    largest = max(
        (one for one in addresses(operation, pool, given.path) if one.record is not None),
        key=lambda one: (-one.load[0], one.load[1]),
        default=None,
    )
    for at, (variant, query) in enumerate(sizes(page_size(operation))):
        yield at, Form(variant=variant, query=query, address=largest)
    place = page_place(operation)
    if place is not None:
        most = greatest(place)
        skips = flat(place.name) in OFFSETS
        beyond = DEEPEST if skips else DEEP * 10
        for weight, wanted in ((4, DEEP), (15, most if most is not None else beyond), (17, 2)):
            value = wanted if most is None else min(wanted, most)
            yield weight, Form(variant=f"{place.name}={value}", query={place.name: value})
    token = cursor(operation)
    known = pool.cursors.get(operation.name, {})
    declared = {one.name for one in queries(operation)}
    link = {name: value for name, value in known.items() if name in declared}
    if link:
        yield 9, Form(variant="page=next", query=link)
    elif token is not None and (known or pool.ids(resource_of(operation.path))):
        value = known.get("") or pool.ids(resource_of(operation.path))[-1]
        yield 9, Form(variant=f"{token.name}=next", query={token.name: value})


def others(operation: Operation, pool: Pool, given: HintSettings) -> Iterator[Weighed]:
    """Other resources of the path: that with most children, that with fewest, and further ones."""
    known = [one for one in addresses(operation, pool, given.path) if one.record is not None]
    if not known:
        return
    by_size = sorted(known, key=lambda one: one.load[1])
    if by_size[-1].load[1] > by_size[0].load[1]:
        yield 5, Form(variant="id=most", address=by_size[-1])
        yield 6, Form(variant="id=fewest", address=by_size[0])
        for variant, query in flags(operation, pool):
            yield 7, Form(variant=f"{variant}&id=most", query=query, address=by_size[-1])
            yield 8, Form(variant=f"{variant}&id=fewest", query=query, address=by_size[0])
    for at, one in enumerate(known[1 : 1 + FURTHER_IDS]):
        yield 16 + at, Form(variant="id=other" if at == 0 else f"id=other{at + 1}", address=one)


def arguments(operation: Operation, pool: Pool, given: HintSettings, number: int) -> Iterator[Weighed]:
    """Each further query argument by itself; flags, which often cost per row, with both page sizes."""
    maker = Maker(
        operation=operation.name,
        number=number,
        own=resource_of(operation.path),
        resources=operation.resources,
        ids=rotated(pool, number),
        seen=pool.seen,
    )
    flagged: set[str] = set()
    around = list(sizes(page_size(operation))) or [("", {})]
    for at, (variant, query) in enumerate(flags(operation, pool)):
        flagged.update(query)
        for weight, (size, page) in enumerate(around, start=2):
            named = f"{variant}&{size}" if size else variant
            yield weight + LATER * (at // 2), Form(variant=named, query={**query, **page})
    yield from several(operation, maker)
    paging = {one.name for one in (page_size(operation), page_place(operation), cursor(operation)) if one}
    left = [one for one in queries(operation) if one.name not in flagged | paging | set(given.query)]
    for argument in left:
        found = searches(argument, pool, operation) or sorts(argument, pool, operation)
        for at, (variant, value) in enumerate(found or filters(argument, pool, operation, maker)):
            yield 10 + LATER * at, Form(variant=variant, query={argument.name: value})


def several(operation: Operation, maker: Maker) -> Iterator[Weighed]:
    """Query arguments that take the ids of several resources, with many and with few of them."""
    for argument in queries(operation):
        for option in objects_in(argument.schema):
            if kind_of(option) != "array" or not maker.refers((argument.name, "*0"), option.get("items", {})):
                continue
            for weight, count in enumerate((MANY, FEW), start=1):
                try:
                    ids = replace(maker, elements=count).value(option, (argument.name,))
                except Absent:
                    continue
                if len(ids) > 1:
                    yield weight, Form(variant=f"{argument.name}={len(ids)} ids", query={argument.name: ids})


def bodies(operation: Operation, pool: Pool, number: int) -> Iterator[Weighed]:
    """Bodies with many and with few elements, with all optional fields, with each value of their choices."""
    body = operation.body
    if body is None:
        return
    if holds_arrays(body.schema):
        yield 0, Form(variant=f"elements={MANY}", elements=MANY)
        yield 1, Form(variant="elements=1", elements=1)
    if has_optional(body.schema):
        yield 2, Form(variant="body=full", full=True)
        if holds_arrays(body.schema):
            # An array that may be left out is in a full body only: with one element above, and with many.
            yield 2, Form(variant=f"body=full&elements={MANY}", full=True, elements=MANY)
    maker = Maker(
        operation=operation.name,
        number=number,
        salt="alone",
        own=resource_of(operation.path),
        resources=operation.resources,
        ids=rotated(pool, number),
        seen=pool.seen,
    )
    for option in objects_in(body.schema)[:VALUES]:
        for name, part in option.get("properties", {}).items():
            if part.get("readOnly"):
                continue
            for at, value in enumerate(choices(part)):
                variant = f"body.{name}={value}"
                yield 3 + LATER * at, Form(variant=variant, body={name: value})
            if operation.method == "PATCH" and not choices(part):
                try:
                    value = maker.value(part, ("body", name))
                except Absent:
                    continue
                if accepts(part, value):
                    yield 4, Form(variant=f"body.{name}", body={name: value})


def choices(schema: Mapping[str, Any]) -> list[Any]:
    """The values of a property that may be one of a few."""
    if kind_of(schema) == "boolean":
        return [True, False]
    return [value for value in schema.get("enum", ()) if value is not None][:VALUES]


def has_optional(schema: Mapping[str, Any], depth: int = 2) -> bool:
    """Whether a body has fields that may be left out, at its upper levels."""
    for option in objects_in(schema):
        properties = option.get("properties", {})
        if any(name not in option.get("required", ()) for name in properties):
            return True
        below = [*properties.values(), option.get("items", {})] if depth else []
        if any(has_optional(part, depth - 1) for part in below):
            return True
    return False


def holds_arrays(schema: Mapping[str, Any], depth: int = 3) -> bool:
    """Whether a body has an array in it, at any of its upper levels."""
    for option in objects_in(schema):
        if kind_of(option) == "array":
            return True
        parts = option.get("properties", {}).values() if depth else ()
        if any(holds_arrays(part, depth - 1) for part in parts):
            return True
    return False
