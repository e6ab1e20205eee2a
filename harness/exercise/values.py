"""Values that a schema accepts: known ids and documented examples first, then made from its keywords."""

import math
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Final

from harness.exercise.figures import nearest
from harness.exercise.links import refers
from harness.exercise.nouns import flat, words_of
from harness.exercise.patterns import matching
from harness.exercise.schema import kind_of, objects_in
from harness.exercise.semantics import (
    CATEGORICAL,
    amount,
    is_agreed,
    is_unique,
    later,
    seeded,
    tag_of,
    texts,
    varied,
)
from harness.exercise.validity import accepts

OPTIONAL_DEPTH: Final = 3
"""Below this many levels only what is required is written, however much is asked for."""
DEEPEST: Final = 24
INNER: Final = 3
"""Elements of arrays within arrays, however many are asked for."""
NONE: Final = object()
"""No example."""

Path = tuple[str, ...]


class Absent(Exception):
    """A value must come from elsewhere and is not known yet; `argument` is its path, `reason` in words."""

    def __init__(self, argument: str, reason: str) -> None:
        self.argument = argument
        self.reason = reason
        super().__init__(f"{argument}: {reason}")


def nothing(_name: str) -> Sequence[Any]:
    """No id is known, no value was seen."""
    return ()


@dataclass(frozen=True, kw_only=True)
class Maker:
    """Makes values; the same maker makes the same, another `number` or `salt` other unique ones.

    `ids` gives the known ids of a resource, best first; `seen` the values that answers showed in a field.
    `fixed` are values by flat name that the request has elsewhere (its path). `resources` are those of
    the contract: a field that refers to one of them must be known or documented, else Absent is raised.
    `full` writes optional fields too; `elements` is how many each array shall have, where it may;
    `verbatim` leaves documented examples as they are: credentials, for one.
    """

    operation: str
    number: int
    salt: str = ""
    own: str = ""
    resources: frozenset[str] = frozenset()
    ids: Callable[[str], Sequence[Any]] = nothing
    seen: Callable[[str], Sequence[Any]] = nothing
    fixed: Mapping[str, Any] = field(default_factory=dict)
    full: bool = False
    elements: int | None = None
    verbatim: bool = False

    def value(self, schema: Mapping[str, Any], path: Path, example: Any = NONE) -> Any:
        """A value of the schema; `path` is where it will stand, names and element numbers (`*0`).

        Raises Absent where a required part refers to a resource of which nothing is known.
        """
        if len(path) > DEEPEST:
            return None
        if "const" in schema:
            return schema["const"]
        if example is NONE and schema.get("examples"):
            example = schema["examples"][0]
        if "choices" in schema:
            return self.chosen(schema, path, example)
        kind = kind_of(schema) or self.shape(example)
        if kind == "object":
            return self.object(schema, path, example)
        if kind == "array":
            return self.array(schema, path, example)
        return self.scalar(schema, kind, path, example)

    def shape(self, example: Any) -> str:
        """The type that a schema without one is taken to mean."""
        return "object" if isinstance(example, dict) else "array" if isinstance(example, list) else ""

    def chosen(self, schema: Mapping[str, Any], path: Path, example: Any) -> Any:
        """The alternative that the example fits, else the first that can be made."""
        options = objects_in(schema)
        if isinstance(example, dict):
            options = tuple(sorted(options, key=lambda option: -overlap(option, example)))
        absent: Absent | None = None
        for option in options:
            try:
                return self.value(option, path, example)
            except Absent as error:
                absent = absent or error
        raise absent or Absent(".".join(path), "none of its alternatives can be made")

    def object(self, schema: Mapping[str, Any], path: Path, example: Any) -> dict[str, Any]:
        """An object: what is required, what its example shows, and with `full` the rest."""
        properties: Mapping[str, Any] = schema.get("properties", {})
        shown: Mapping[str, Any] = example if isinstance(example, dict) else {}
        required = list(schema.get("required", ()))
        wanted = [*required, *(name for name in shown if name not in required)]
        if self.full and depth_of(path) < OPTIONAL_DEPTH:
            wanted += [name for name in properties if name not in wanted]
        found: dict[str, Any] = {}
        for name in wanted:
            part = properties.get(name, {})
            if part.get("readOnly") is True:
                continue
            if name not in properties and name in shown:
                if schema.get("additionalProperties") is not False:
                    found[name] = deepcopy(shown[name])
                continue
            try:
                found[name] = self.value(part, (*path, name), shown.get(name, NONE))
            except Absent:
                if name in required:
                    raise
        self.fill(schema, properties, path, found)
        return found

    def fill(
        self, schema: Mapping[str, Any], properties: Mapping[str, Any], path: Path, found: dict[str, Any]
    ) -> None:
        """Add optional fields up to `minProperties`; a body that would change nothing gets its first one."""
        least = schema.get("minProperties", 1 if path == ("body",) else 0)
        plain = sorted(properties, key=lambda name: kind_of(properties[name]) not in {"string", ""})
        for name in plain:
            if len(found) >= least:
                return
            if name not in found and not properties[name].get("readOnly"):
                try:
                    found[name] = self.value(properties[name], (*path, name))
                except Absent:
                    continue
        if schema.get("additionalProperties", True) is False or "minProperties" not in schema:
            return
        extra = schema.get("additionalProperties", {})
        while len(found) < least:
            name = f"key{len(found) + 1}"
            found[name] = self.value(extra if isinstance(extra, dict) else {}, (*path, name))

    def array(self, schema: Mapping[str, Any], path: Path, example: Any) -> list[Any]:
        """An array: as many elements as the example, or as are asked for, within the schema's bounds."""
        shown = example if isinstance(example, list) else []
        least, most = schema.get("minItems", 0), schema.get("maxItems", math.inf)
        inner = any(part.startswith("*") for part in path)  # twenty of twenty would be four hundred
        asked = self.elements if self.elements is None or not inner else min(self.elements, INNER)
        wanted = asked if asked is not None else max(len(shown), 1)
        size = int(max(least, min(wanted, most)))
        items = schema.get("items", {})
        fixed = schema.get("prefixItems", ())
        made: list[Any] = []
        for at in range(size):
            part = fixed[at] if at < len(fixed) else items
            one = shown[at % len(shown)] if shown else NONE
            try:
                value = self.value(part, (*path, f"*{at}"), one)
            except Absent:
                if len(made) < least:
                    raise
                break
            made.append(value)
        return distinct(made) if schema.get("uniqueItems") or self.refers(path, items) else made

    def refers(self, path: Path, schema: Mapping[str, Any]) -> str:
        """The resource whose id stands here, or ``."""
        return refers(path, schema, self.resources, self.own)

    def scalar(self, schema: Mapping[str, Any], kind: str, path: Path, example: Any) -> Any:
        """A string, number or Boolean."""
        name = next((part for part in reversed(path) if not part.startswith("*")), "")
        if flat(name) in self.fixed and accepts(schema, self.fixed[flat(name)]):
            return self.fixed[flat(name)]
        noun = self.refers(path, schema)
        if noun:
            known = [value for value in self.ids(noun) if accepts(schema, value)]
            if known:
                return known[position(path) % len(known)]
            if example is NONE and noun in self.resources:
                raise Absent(
                    ".".join(path), f"no id of {noun} is known yet: no answer of another operation showed one"
                )
        if "enum" in schema:
            return self.of_enum(schema, example)
        if example is not NONE and example is not None:
            return self.shown(schema, name, path, example)
        if schema.get("default") is not None:
            return schema["default"]
        if kind == "null":
            return None
        if kind == "boolean":
            return is_agreed(name)
        tag = tag_of(self.operation, self.salt, self.number, *path)
        if kind in {"integer", "number"}:
            return nearest(
                schema, amount(name, self.number, tag, whole=kind == "integer"), whole=kind == "integer"
            )
        return self.text(schema, name, tag)

    def of_enum(self, schema: Mapping[str, Any], example: Any) -> Any:
        """The example, else the default, else the first value that is not null."""
        for wanted in (example, schema.get("default")):
            if wanted is not NONE and wanted is not None and wanted in schema["enum"]:
                return wanted
        return next((one for one in schema["enum"] if one is not None), None)

    def shown(self, schema: Mapping[str, Any], name: str, path: Path, example: Any) -> Any:
        """The example; where services like such a field unique, a form of it that is new.

        Times move by a day for each number, so that none is booked twice; the first element of an array
        stays as it is documented: what is unique is the whole.
        """
        first = any(part.startswith("*") for part in path) and position(path) == 0
        if self.verbatim or first or not isinstance(example, str):
            return deepcopy(example)
        if schema.get("format") == "date-time":
            return later(example, self.number)
        if not is_unique(name):
            return example
        tag = tag_of(self.operation, self.salt, self.number, *path)
        for candidate in varied(example, name, tag):
            if accepts(schema, candidate):
                return candidate
        if {"pattern", "format"} & schema.keys():
            made = self.text(schema, name, tag)
            return made if accepts(schema, made) else example
        return example

    def text(self, schema: Mapping[str, Any], name: str, tag: str) -> str:
        """A string that its name, format, pattern and lengths suit, as far as one can be made."""
        words = words_of(name)
        if words and words[-1] in CATEGORICAL:
            for value in self.seen(name):
                if isinstance(value, str) and accepts(schema, value):
                    return value
        form = str(schema.get("format", schema.get("contentEncoding", "")))
        form = "byte" if form == "base64" else form
        least, most = int(schema.get("minLength", 0)), schema.get("maxLength")
        for candidate in texts(name, form, self.number, tag):
            if accepts(schema, candidate):
                return candidate
            long = candidate + "x" * (least - len(candidate))
            if not form and accepts(schema, long):
                return long
        if "pattern" in schema:
            longest = None if most is None else int(most)
            made: str | None = matching(str(schema["pattern"]), least, longest, seeded(tag))
            if made is not None:
                return made
        length = int(most) if most is not None else max(least, len(tag))
        return (tag * (least // len(tag) + 1))[:length]


def overlap(schema: Mapping[str, Any], example: Mapping[str, Any]) -> int:
    """How well an object schema suits an example: shared names, less what is required and missing."""
    properties = schema.get("properties", {})
    tags = sum(
        1 for name, part in properties.items() if "const" in part and part["const"] == example.get(name)
    )
    lacking = sum(name not in example for name in schema.get("required", ()))
    return 100 * tags + sum(name in properties for name in example) - 10 * lacking


def distinct(values: list[Any]) -> list[Any]:
    """The values without repetition, in their order."""
    found: list[Any] = []
    for value in values:
        if value not in found:
            found.append(value)
    return found


def position(path: Path) -> int:
    """Which element of the innermost array the path is in; 0 outside arrays."""
    return next((int(part[1:]) for part in reversed(path) if part[:1] == "*" and part[1:].isdigit()), 0)


def depth_of(path: Path) -> int:
    """How many named levels deep a path is."""
    return sum(not part.startswith("*") for part in path)
