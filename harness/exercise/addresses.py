"""Which resources a path picks: ids that were seen together, the exercise's own where they are used up."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from harness.exercise.answers import Record
from harness.exercise.nouns import flat, is_id, noun_of, places_of, vocabulary, words_of
from harness.exercise.operations import Argument, Operation
from harness.exercise.pool import Pool
from harness.exercise.schema import kind_of
from harness.exercise.semantics import NUMBERS
from harness.exercise.validity import accepts

WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
CALENDAR = vocabulary("year month day date week quarter")


class Address(Struct, frozen=True, kw_only=True):
    """A value for each id of a path.

    `record` is the resource that the last of them names; None where only documents know it.
    """

    values: Mapping[str, Any]
    record: Record | None = None

    @property
    def load(self) -> tuple[int, int]:
        """How often the resource was refused, and how many children it has."""
        return (self.record.refused, self.record.size) if self.record is not None else (0, 0)


def picks_one(argument: Argument) -> bool:
    """Whether a path parameter picks a resource, and is no date, figure or choice."""
    words = words_of(argument.name)
    if is_id(argument.name) or argument.schema.get("format") == "uuid":
        return True
    if "enum" in argument.schema or "const" in argument.schema or kind_of(argument.schema) == "boolean":
        return False
    if argument.schema.get("format") in {"date", "date-time"} or CALENDAR & set(words):
        return False
    return not (kind_of(argument.schema) == "integer" and words and words[-1] in NUMBERS)


def addresses(operation: Operation, pool: Pool, given: Mapping[str, Any]) -> list[Address]:
    """All that the pool knows for the path, best first; `given` are values that are settled already.

    Readers get what was there before the exercise, writers what it made itself, newest first.
    """
    arguments = {one.name: one for one in operation.arguments if one.place == "path"}
    places = [
        (name, noun)
        for name, noun in places_of(operation.path)
        if name not in given and picks_one(arguments[name])
    ]
    if not places:
        return [Address(values={})]
    writing = operation.method in WRITING
    together = list(seen_together(places, arguments, pool)) or list(apart(places, arguments, pool))
    settled = {noun: given[name] for name, noun in places_of(operation.path) if name in given}
    found = [one for one in together if agrees(one.record, settled)]
    return sorted(found, key=lambda one: rank(one, writing=writing))


def rank(address: Address, *, writing: bool) -> tuple[int, bool]:
    """How good a pick is, the least the best: refused ones last, then by who made it."""
    if address.record is None:
        return 0, False
    return address.record.refused, address.record.created != writing


def agrees(record: Record | None, settled: Mapping[str, Any]) -> bool:
    """Whether a resource can stand under parents that are settled."""
    if record is None:
        return True
    return all(str(record.parents.get(noun, value)) == str(value) for noun, value in settled.items())


def seen_together(
    places: Sequence[tuple[str, str]], arguments: Mapping[str, Argument], pool: Pool
) -> Iterator[Address]:
    """Resources of the last place, each with the parents that it was seen under."""
    name, noun = places[-1]
    for record in candidates(name, noun, pool):
        value = named(record, arguments[name])
        if value is None:
            continue
        values, child, complete = {name: value}, record, True
        for above, kind in reversed(places[:-1]):
            if kind not in child.parents and kind in record.parents:
                child = record
            if kind not in child.parents:
                complete = False
                break
            parent = pool.known.get(kind, {}).get(str(child.parents[kind]))
            own = named(parent, arguments[above]) if parent else child.parents[kind]
            if own is None:
                complete = False
                break
            values[above] = own
            child = parent or child
        if complete:
            yield Address(values=values, record=record)


def apart(
    places: Sequence[tuple[str, str]], arguments: Mapping[str, Argument], pool: Pool
) -> Iterator[Address]:
    """The first of each place, where no two were seen together and the last is no child of the first."""
    if len(places) == 1:
        return
    values: dict[str, Any] = {}
    last: Record | None = None
    for name, noun in places:
        there = ((named(record, arguments[name]), record) for record in candidates(name, noun, pool))
        value, last = next(((value, record) for value, record in there if value is not None), (None, None))
        if value is None or last is None:
            return
        values[name] = value
    yield Address(values=values, record=last)


def candidates(name: str, noun: str, pool: Pool) -> list[Record]:
    """The resources that a place may name: of the segment before it, else of its own name.

    `/products/{productId}/stock/{warehouseId}` picks a warehouse: by what the stock that was seen says of
    its own, or else any, where stock has other ids and says nothing of warehouses.
    """
    there, own = pool.records(noun), noun_of(name) if is_id(name) else ""
    known = pool.known.get(own, {}) if own not in {"", noun} else {}
    if known and not any(own in record.parents or str(record.id) in known for record in there):
        return pool.records(own)
    return there or pool.records(noun_of(name))


def named(record: Record, argument: Argument) -> Any:
    """What an argument calls the resource: the field of its name, else the id; None where neither fits.

    An argument that has the id of another kind in its name takes what the resource says of that one.
    """
    other = noun_of(argument.name) if is_id(argument.name) else ""
    by_name = record.parents.get(other) if other != record.noun else None
    if not is_id(argument.name):
        by_name = record.fields.get(flat(argument.name))
    for value in (by_name, record.id):
        if value is None:
            continue
        if accepts(argument.schema, value):
            return value
        if (
            isinstance(value, int)
            and kind_of(argument.schema) == "string"
            and accepts(argument.schema, str(value))
        ):
            return str(value)
        if isinstance(value, str) and value.isdigit() and accepts(argument.schema, int(value)):
            return int(value)
    return None
