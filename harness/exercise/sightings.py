"""Where a resource may be seen that no answer has shown yet: parents differ in what they have."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from harness.config.settings import HintSettings
from harness.exercise.addresses import addresses
from harness.exercise.composition import Form, Prepared, compose
from harness.exercise.nouns import flat, noun_of, places_of
from harness.exercise.operations import Operation
from harness.exercise.pool import Pool

MOST_PARENTS: Final = 8
"""Parents that are looked into for one that has children: half of them empty leaves 1 in 256 unlucky."""
DEEPEST: Final = 6
INSIDE: Final = ("items", "additionalProperties")


def missing(operations: Sequence[Operation], reached: set[str], pool: Pool) -> set[str]:
    """The resources that unreached operations name in their paths and that are not known at all."""
    return {
        noun
        for operation in operations
        if operation.name not in reached
        for _, noun in places_of(operation.path)
        if not pool.known.get(noun)
    }


def sightings(
    operation: Operation, pool: Pool, hints: HintSettings | None, wanted: set[str]
) -> Iterator[Prepared]:
    """Requests for further resources of a reading operation whose answers can show what is wanted.

    Those that were there before come first, then the exercise's own: it may have made them with children.
    """
    if operation.method != "GET" or not any(shows(each, wanted) for each in operation.answers.values()):
        return
    found = addresses(operation, pool, hints.path if hints else {})
    made = [each for each in found if each.record is not None and each.record.created]
    others = [each for each in found if each not in made]
    for address in (*others[1 : 1 + MOST_PARENTS], *made[:MOST_PARENTS]):
        one = compose(operation, pool, hints, 1, Form(address=address))
        if isinstance(one, Prepared):
            yield one


def shows(schema: Mapping[str, Any], wanted: set[str], depth: int = 0) -> bool:
    """Whether an answer of this schema has a field that is named after one of the wanted resources."""
    if depth > DEEPEST:
        return False
    properties = schema.get("properties", {})
    if any(noun_of(name) in wanted or flat(name) in wanted for name in properties):
        return True
    below = [*properties.values(), *schema.get("choices", ()), *(schema.get(key) for key in INSIDE)]
    return any(shows(one, wanted, depth + 1) for one in below if isinstance(one, Mapping))
