"""Which fields of requests and answers hold the id of another resource."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from harness.exercise.nouns import ENVELOPES, FREE_IDS, flat, is_id, noun_of, referred, vocabulary, words_of
from harness.exercise.schema import kind_of

COUNTS: Final = vocabulary("order count number level rank position page version size total limit")
"""Words that name a number even where a resource is called so."""

SEVERAL: Final = ("ids", "uuids")
"""Alone, they are of the resource that the path is about."""


def refers(path: Sequence[str], schema: Mapping[str, Any], resources: Collection[str], own: str) -> str:
    """The resource whose id a field holds, or ``.

    `path` is the field's place: names, and elements of arrays as `*0`. `{"customer": {"id": …}}`
    refers to a customer as `customer_id`, `customer_ids[0]` and `customer` with a uuid do.
    """
    names = [name for name in path if not name.startswith("*")]
    if len(names) > 1 and names[0] == "body":
        names = names[1:]
    if not names or "enum" in schema or kind_of(schema) in {"boolean", "object", "array"}:
        return ""
    name = names[-1]
    if is_id(name):
        if noun_of(name):
            return by_id(name, resources, own)
        parent = names[-2] if len(names) > 1 else ""
        if not parent and words_of(name)[-1] in SEVERAL and own in resources:
            return own  # GET /orders/batch?ids=…
        return "" if not parent or flat(parent) in ENVELOPES else referred(parent, resources, own)
    noun = referred(name, resources, own)
    return noun if noun and holds_id(name, schema) else ""


def by_id(name: str, resources: Collection[str], own: str) -> str:
    """The resource that `customer_id` names; one of the outer world only if the contract has it."""
    noun = referred(name, resources, own)
    return noun or ("" if words_of(name)[0] in FREE_IDS else noun_of(name))


def holds_id(name: str, schema: Mapping[str, Any]) -> bool:
    """Whether a field that is named like a resource holds its id rather than a figure or a text."""
    if schema.get("format") in {"uuid", "objectid", "ulid"}:
        return True
    kind = kind_of(schema)
    if kind == "integer":
        return not COUNTS & set(words_of(name)) and "default" not in schema
    return kind == "string" and str(schema.get("pattern", "")).startswith("^[0-9a-f]{8}")
