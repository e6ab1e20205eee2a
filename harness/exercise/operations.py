"""The operations of an OpenAPI 3.0 or 3.1 document, with every reference resolved."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
from msgspec import Struct

from harness.errors import TargetFailed
from harness.exercise.nouns import is_plural, noun_of, places_of, segments_of, static
from harness.exercise.schema import References

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
PREFERRED: Final = ("application/json", "+json", "application/x-www-form-urlencoded", "multipart/", "text/")
"""Media types of bodies, the first that is offered is taken; json with parameters counts as json."""
STYLES: Final = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}


class Argument(Struct, frozen=True, kw_only=True):
    """A parameter of an operation. `place` is path, query, header or cookie; `schema` is resolved.

    `examples` come from the parameter and its schema, the parameter's own first. `style` and `explode`
    say how arrays and objects are written; `media_type` is set where the value is encoded by one.
    """

    name: str
    place: str
    required: bool
    schema: Mapping[str, Any]
    examples: tuple[Any, ...] = ()
    style: str = "form"
    explode: bool = True
    media_type: str = ""


class Body(Struct, frozen=True, kw_only=True):
    """A request body: its media type and resolved schema (recursion cut)."""

    media_type: str
    required: bool
    schema: Mapping[str, Any]
    examples: tuple[Any, ...] = ()


class Operation(Struct, frozen=True, kw_only=True):
    """One operation. `answers` maps declared statuses (`200`, `2XX`, `default`) to their JSON schema, or {}.

    `public` where the contract asks for no credentials. `resources` are those that the whole document
    has collections or single paths of: what a field such as `customer_id` may refer to. Schemas are in
    the form of harness.exercise.schema.
    """

    name: str
    method: str
    path: str
    arguments: tuple[Argument, ...] = ()
    body: Body | None = None
    answers: Mapping[str, Mapping[str, Any]] = {}
    public: bool = False
    resources: frozenset[str] = frozenset()


def read_operations(document: bytes) -> tuple[Operation, ...]:
    """All operations in the document's order. Unresolvable references raise TargetFailed naming them."""
    try:
        read = msgspec.json.decode(document, type=dict[str, Any])
    except msgspec.MsgspecError as error:
        raise TargetFailed(
            f"The OpenAPI document is no JSON object: {error}; mend [target] openapi"
        ) from error
    references = References(read)
    paths = read.get("paths")
    items = {path: references.followed(item, path) for path, item in (paths or {}).items()}
    resources = frozenset(resources_of(tuple(items)))
    return tuple(
        operation(references, path, method, item, resources)
        for path, item in items.items()
        for method in item
        if method in METHODS
    )


def resources_of(paths: tuple[str, ...]) -> Iterator[str]:
    """The resources that paths speak of: what a parameter picks one of, and plural segments."""
    for path in paths:
        yield from (noun for _, noun in places_of(path))
        yield from (noun_of(part) for part in segments_of(path) if static(part) and is_plural(part))


def operation(
    references: References, path: str, method: str, item: Mapping[str, Any], resources: frozenset[str]
) -> Operation:
    """One operation; parameters of its path hold where it has none of the same place and name."""
    name = f"{method.upper()} {path}"
    node = references.followed(item[method], name)
    found: dict[tuple[str, str], Argument] = {}
    for parameter in [*(item.get("parameters") or ()), *(node.get("parameters") or ())]:
        one = argument(references, parameter, name)
        found[one.place, one.name] = one
    for place, _ in places_of(path):  # templates name parameters that documents forget
        if ("path", place) not in found:
            found["path", place] = Argument(
                name=place, place="path", required=True, schema={"type": ("string",)}, style="simple"
            )
    security = node.get("security", references.document.get("security"))
    return Operation(
        name=name,
        method=method.upper(),
        path=path,
        arguments=tuple(found.values()),
        body=body(references, node.get("requestBody"), name),
        answers=answers(references, node.get("responses"), name),
        public=not security or {} in security,
        resources=resources,
    )


def argument(references: References, node: Any, where: str) -> Argument:
    """A parameter, by schema or by content."""
    read = references.followed(node, f"{where} parameters")
    name, place = str(read.get("name", "")), str(read.get("in", "query"))
    content = read.get("content") or {}
    media_type, described = next(iter(content.items()), ("", read))
    described = references.followed(described, f"{where} parameter {name}")
    schema = references.schema(described.get("schema"), f"{where} parameter {name}")
    style = str(read.get("style", STYLES.get(place, "form")))
    return Argument(
        name=name,
        place=place,
        required=place == "path" or read.get("required") is True,
        schema=schema,
        examples=(*shown(references, read, where), *shown(references, described, where), *own(schema)),
        style=style,
        explode=bool(read.get("explode", style == "form")),
        media_type=media_type,
    )


def body(references: References, node: Any, where: str) -> Body | None:
    """The request body in the most convenient of its media types; None where the operation has none."""
    if node is None:
        return None
    read = references.followed(node, f"{where} requestBody")
    content = read.get("content") or {}
    if not content:
        return None
    media_type = min(content, key=rank)
    described = references.followed(content[media_type], f"{where} requestBody")
    schema = references.schema(described.get("schema"), f"{where} requestBody")
    return Body(
        media_type=media_type,
        required=read.get("required") is True,
        schema=schema,
        examples=(*shown(references, described, where), *own(schema)),
    )


def rank(media_type: str) -> int:
    """How convenient a media type is to build, 0 the most."""
    plain = media_type.partition(";")[0].strip().lower()
    for at, wanted in enumerate(PREFERRED):
        if plain.startswith(wanted) or (wanted.startswith("+") and plain.endswith(wanted)):
            return at
    return 0 if plain == "*/*" else len(PREFERRED)


def answers(references: References, node: Any, where: str) -> dict[str, Mapping[str, Any]]:
    """The schema of the JSON answer for each declared status; {} where it is not described."""
    found: dict[str, Mapping[str, Any]] = {}
    for status, answer in references.followed(node, f"{where} responses").items():
        if str(status).startswith("x-"):
            continue
        read = references.followed(answer, f"{where} responses {status}")
        content = read.get("content") or {}
        media_type = min(content, key=rank, default="")
        json = bool(content) and rank(media_type) <= PREFERRED.index("+json")
        schema = content[media_type].get("schema") if json else None
        found[str(status).upper() if str(status)[:1].isdigit() else str(status)] = references.schema(
            schema, f"{where} responses {status}"
        )
    return found


def shown(references: References, node: Mapping[str, Any], where: str) -> tuple[Any, ...]:
    """The examples of a parameter or a media type: `example`, and the values of named `examples`."""
    found = [node["example"]] if "example" in node else []
    named = node.get("examples")
    for one in named.values() if isinstance(named, dict) else ():
        read = references.followed(one, f"{where} examples")
        if "value" in read:
            found.append(read["value"])
    return tuple(found)


def own(schema: Mapping[str, Any]) -> tuple[Any, ...]:
    """The examples that a schema itself gives."""
    return tuple(schema.get("examples", ()))
