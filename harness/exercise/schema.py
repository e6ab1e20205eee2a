"""Schemas of OpenAPI 3.0 and 3.1 in one form: references followed, allOf merged, null a type.

The form: `type` is absent or a tuple of names; `examples` a tuple; bounds are numbers (3.0's Boolean
`exclusiveMinimum` is turned into one); `oneOf` and `anyOf` are `choices`, tuples of whole alternatives
with what stands beside them merged in, null left out and kept as a type.
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote

from harness.errors import TargetFailed

DEEPEST: Final = 8
"""References within references that are followed; beyond, anything is permitted. Ends recursion."""
LOWER: Final = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
UPPER: Final = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")


class References:
    """The document, and all that its references name; each reference is resolved once for each depth."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self.resolved: dict[tuple[str, int], dict[str, Any]] = {}

    def followed(self, node: Any, where: str) -> dict[str, Any]:
        """The object itself, or what its chain of references names; keys beside `$ref` win.

        Raises TargetFailed naming a reference that leads nowhere, outside, or in a circle.
        """
        beside: dict[str, Any] = {}
        met: set[str] = set()
        while isinstance(node, dict) and isinstance(node.get("$ref"), str):
            reference = node["$ref"]
            if reference in met:
                raise TargetFailed(f"The OpenAPI document: {where} refers to itself through {reference}")
            met.add(reference)
            beside = {**{key: value for key, value in node.items() if key != "$ref"}, **beside}
            node = self.named(reference, where)
        return {**node, **beside} if isinstance(node, dict) else beside

    def named(self, reference: str, where: str) -> Any:
        """What a local reference (a JSON pointer, percent-encoded) names."""
        if not reference.startswith("#"):
            raise TargetFailed(
                f"The OpenAPI document: {where} refers to {reference}, outside the document; "
                "bundle it into one file"
            )
        node: Any = self.document
        for part in unquote(reference[1:]).split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~")
            if isinstance(node, dict) and key in node:
                node = node[key]
            elif isinstance(node, list) and key.isdigit() and int(key) < len(node):
                node = node[int(key)]
            else:
                raise TargetFailed(
                    f"The OpenAPI document: {where} refers to {reference}, and there is no {key!r} in it; "
                    "mend the reference or add what it names"
                )
        return node

    def schema(self, node: Any, where: str, depth: int = DEEPEST) -> dict[str, Any]:
        """The schema in the form above; {} for the schemas `true` and absent."""
        if not isinstance(node, dict):
            return {}
        reference = node.get("$ref")
        if not isinstance(reference, str):
            return self.plain(node, where, depth)
        if depth == 0:
            return {}
        beside = {key: value for key, value in node.items() if key != "$ref"}
        key = (reference, depth)
        if key not in self.resolved:
            self.resolved[key] = {}  # a chain of references that ends in itself permits anything
            self.resolved[key] = self.schema(self.named(reference, where), reference, depth - 1)
        target = self.resolved[key]
        return merged(target, self.plain(beside, where, depth)) if beside else target

    def plain(self, node: Mapping[str, Any], where: str, depth: int) -> dict[str, Any]:
        """A schema that is no reference, its parts resolved."""
        schema = {key: value for key, value in node.items() if key not in PARTS}
        unify(schema)
        if isinstance(node.get("properties"), dict):
            schema["properties"] = {
                name: self.schema(part, f"{where}/properties/{name}", depth)
                for name, part in node["properties"].items()
            }
        if "items" in node:
            schema["items"] = self.schema(node["items"], f"{where}/items", depth)
        for name in ("additionalProperties", "contains"):
            if isinstance(node.get(name), dict):
                schema[name] = self.schema(node[name], f"{where}/{name}", depth)
        if isinstance(node.get("prefixItems"), list):
            schema["prefixItems"] = tuple(
                self.schema(part, f"{where}/prefixItems", depth) for part in node["prefixItems"]
            )
        for part in node.get("allOf") or ():
            schema = merged(schema, self.schema(part, f"{where}/allOf", depth))
        options = node.get("oneOf") or node.get("anyOf")
        if not options:
            return schema
        return with_choices(schema, self.options(options, node.get("discriminator"), where, depth))

    def options(self, options: list[Any], discriminator: Any, where: str, depth: int) -> list[dict[str, Any]]:
        """The alternatives, each with the value that its discriminator must have."""
        resolved = []
        for option in options:
            schema = self.schema(option, f"{where}/oneOf", depth)
            if isinstance(discriminator, dict) and isinstance(option, dict) and "$ref" in option:
                name = discriminator.get("propertyName", "")
                names = {target: key for key, target in (discriminator.get("mapping") or {}).items()}
                last = option["$ref"].rsplit("/", 1)[-1]
                kind = names.get(option["$ref"]) or names.get(last) or last
                known = schema.get("properties", {}).get(name, {})
                if "const" not in known and len(known.get("enum", ())) != 1:
                    tag = {"properties": {name: {"const": kind}}, "required": [name]}
                    schema = merged(schema, tag)
            resolved.append(schema)
        return resolved


PARTS: Final = frozenset(
    {
        "properties",
        "items",
        "additionalProperties",
        "contains",
        "prefixItems",
        "allOf",
        "oneOf",
        "anyOf",
        "$ref",
        "discriminator",
        "$defs",
    }
)


FORMS: Final[dict[str, tuple[type, ...]]] = {
    **dict.fromkeys(("required", "enum"), (list,)),
    **dict.fromkeys(("pattern", "format", "contentEncoding"), (str,)),
    **dict.fromkeys((*LOWER, *UPPER, "multipleOf"), (int, float)),
    "type": (str, list),
}
"""What keywords hold; others have been met in the wild, and say nothing."""


def unify(schema: dict[str, Any]) -> None:
    """Spell the keywords of 3.0 in the way of 3.1, in place; keywords of a wrong type are left out."""
    for key in [key for key, value in schema.items() if key in FORMS and not isinstance(value, FORMS[key])]:
        del schema[key]
    if not schema.get("enum", True):
        del schema["enum"]
    kinds = schema.pop("type", None)
    nullable = schema.pop("nullable", False) is True
    if kinds is not None:
        given = (kinds,) if isinstance(kinds, str) else tuple(kinds)
        schema["type"] = (*given, "null") if nullable and "null" not in given else given
    if nullable and isinstance(schema.get("enum"), list) and None not in schema["enum"]:
        schema["enum"] = [*schema["enum"], None]
    for edge, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(schema.get(exclusive), bool) and schema.pop(exclusive) and edge in schema:
            schema[exclusive] = schema.pop(edge)
    examples = schema.pop("examples", None)
    shown = list(examples) if isinstance(examples, list | tuple) else []
    if "example" in schema:
        shown.insert(0, schema.pop("example"))
    if shown:
        schema["examples"] = tuple(shown)


def merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """A schema that demands what both demand."""
    both = dict(one)
    for key, value in other.items():
        if key not in both:
            both[key] = value
        elif key == "properties":
            both[key] = dict(both[key])
            for name, part in value.items():
                both[key][name] = merged(both[key][name], part) if name in both[key] else part
        elif key == "required":
            both[key] = [*both[key], *(name for name in value if name not in both[key])]
        elif key == "type":
            both[key] = tuple(kind for kind in both[key] if kind in value) or tuple(value)
        elif key == "enum":
            both[key] = [item for item in both[key] if item in value] or list(value)
        elif key == "items":
            both[key] = merged(both[key], value)
        elif key == "choices":
            both[key] = tuple(merged(option, extra) for option in both[key] for extra in value)
        elif key in LOWER:
            both[key] = max(both[key], value)
        elif key in UPPER:
            both[key] = min(both[key], value)
        else:
            both[key] = value
    return both


def with_choices(schema: Mapping[str, Any], options: list[dict[str, Any]]) -> dict[str, Any]:
    """The schema with its alternatives; a single one that is not null is merged in."""
    real = [option for option in options if option.get("type") != ("null",)]
    null = len(real) < len(options)
    if len(real) == 1:
        whole = merged(schema, real[0])
        if null and "type" in whole and "null" not in whole["type"]:
            whole["type"] = (*whole["type"], "null")
        if null and "enum" in whole and None not in whole["enum"]:
            whole["enum"] = [*whole["enum"], None]
        return whole
    whole = dict(schema)
    if real:
        whole["choices"] = tuple(merged(schema, option) for option in real)
    return whole


def kind_of(schema: Mapping[str, Any]) -> str:
    """The type that a value of the schema should have; `` where the schema does not say."""
    kinds = [kind for kind in schema.get("type", ()) if kind != "null"]
    if kinds:
        return str(kinds[0])
    for keyword, kind in IMPLIED:
        if keyword in schema:
            return kind
    return ""


IMPLIED: Final = (
    ("properties", "object"),
    ("items", "array"),
    ("minItems", "array"),
    ("pattern", "string"),
    ("minLength", "string"),
    ("maxLength", "string"),
    ("format", "string"),
    ("minimum", "number"),
    ("maximum", "number"),
    ("multipleOf", "number"),
)
"""What a schema without a type is about, by its keywords."""


def objects_in(schema: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """The schema itself, or its alternatives where it has some."""
    return tuple(schema.get("choices", ())) or (schema,)
