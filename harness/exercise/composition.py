"""One request for one operation, in a given form: where each of its values comes from is decided here."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from msgspec import Struct

from harness.config.settings import HintSettings
from harness.exercise.addresses import Address, addresses, picks_one
from harness.exercise.encoding import encoded, in_path, in_query, query_text, text_of
from harness.exercise.nouns import flat, places_of, resource_of, segments_of, static, vocabulary, words_of
from harness.exercise.operations import Argument, Operation
from harness.exercise.paging import page_size
from harness.exercise.pool import Pool
from harness.exercise.semantics import tag_of
from harness.exercise.values import NONE, Absent, Maker

CREDENTIALS: Final = vocabulary(
    "authorization auth token apikey key cookie session tenant organization workspace account csrf xsrf"
)
"""Words of headers that the identity sends: never made up here."""
NEGOTIATED: Final = frozenset(
    {"accept", "contenttype", "contentlength", "host", "useragent", "acceptlanguage"}
)
LOGINS: Final = vocabulary("login signin session sessions token tokens auth authenticate authorize")


class Prepared(Struct, frozen=True, kw_only=True):
    """A request that can be sent: `target` is path and query; `content` the encoded body or None.

    `variant` and `page` as in exercise.model.Call; `removes` names the pooled id that a DELETE uses up.
    `owned` says that the exercise made the resource that the path names: it may be used up.
    """

    operation: Operation
    target: str
    headers: Mapping[str, str] = {}
    content: bytes | None = None
    body: Any = None
    variant: str = ""
    page: int | None = None
    removes: str = ""
    owned: bool = False


class Missing(Struct, frozen=True, kw_only=True):
    """Why no request can be built yet: `argument` has no value, for a reason in words."""

    argument: str
    reason: str


class Form(Struct, frozen=True, kw_only=True):
    """How a request differs from the plain one; `variant` names it.

    `query` are further query parameters, `address` the resources of the path, `body` fields that
    replace those of the body, `full` and `elements` as in values.Maker.
    """

    variant: str = ""
    query: Mapping[str, Any] = {}
    address: Address | None = None
    body: Mapping[str, Any] = {}
    full: bool = False
    elements: int | None = None


PLAIN: Final = Form()


def compose(
    operation: Operation, pool: Pool, hints: HintSettings | None, number: int, form: Form = PLAIN
) -> Prepared | Missing:
    """The request in this form; `number` makes its unique fields differ from those of other numbers."""
    given = hints or HintSettings()
    if given.skip:
        return Missing(argument="", reason=given.skip)
    try:
        return composed(operation, pool, given, number, form)
    except Absent as absent:
        return Missing(argument=absent.argument, reason=absent.reason)


def composed(operation: Operation, pool: Pool, given: HintSettings, number: int, form: Form) -> Prepared:
    """The request; raises Absent for the first value that nothing gives."""
    maker = Maker(
        operation=operation.name,
        number=number,
        salt=f"{pool.name}/{form.variant}",
        own=resource_of(operation.path),
        resources=operation.resources,
        ids=rotated(pool, number),
        seen=pool.seen,
    )
    address = form.address or picked(operation, pool, given, number)
    values = path_values(operation, maker, given, address)
    path = operation.path
    for name, value in values.items():
        path = path.replace("{" + name + "}", in_path(value))
    query = query_values(operation, maker, given, form)
    declared = {one.name: one for one in operation.arguments if one.place == "query"}
    pairs = [pair for name, value in query.items() for pair in in_query(declared.get(name), name, value)]
    headers = header_values(operation, maker, given, number)
    body, content = None, None
    if operation.body is not None:
        body = body_value(operation, fixing(maker, operation, values, form), given, form, number)
        written = encoded(operation.body, body)
        if written is None and operation.body.required:
            raise Absent(
                "body", f"{operation.body.media_type} cannot be written: only JSON, forms and text can"
            )
        if written is not None:
            headers["Content-Type"], content = written
    size = page_size(operation)
    asked = query.get(size.name) if size is not None else None
    last = next(iter(reversed(places_of(operation.path))), None)
    return Prepared(
        operation=operation,
        target=path + query_text(pairs),
        headers={**headers, **substituted(given.headers, number)},
        content=content,
        body=body,
        variant=form.variant,
        page=int(asked) if isinstance(asked, int | float | str) and str(asked).isdigit() else None,
        removes=text_of(values[last[0]]) if operation.method == "DELETE" and last else "",
        owned=address.record is not None and address.record.created,
    )


def rotated(pool: Pool, number: int) -> Any:
    """The ids of a resource, beginning with another one for each number."""

    def ids(noun: str) -> Sequence[Any]:
        known = pool.ids(noun)
        start = number % len(known) if known else 0
        return [*known[start:], *known[:start]]

    return ids


def picked(operation: Operation, pool: Pool, given: HintSettings, number: int) -> Address:
    """The resources of the path. Readers stay on the best one, so that repeats can be compared.

    Writers take another for each number, of the exercise's own where it has some.
    """
    found = addresses(operation, pool, given.path)
    if not found:
        return Address(values={})
    if operation.method in {"GET", "HEAD"}:
        return found[0]
    own = [one for one in found if one.record is not None and one.record.created]
    if operation.method == "DELETE" and own:
        return min(own, key=lambda one: one.load)  # what others hang on is often not let go
    return (own or found)[number % len(own or found)]


def path_values(operation: Operation, maker: Maker, given: HintSettings, address: Address) -> dict[str, Any]:
    """A value for each parameter of the path: hint, pool, document, and a guess for what is no id."""
    values: dict[str, Any] = {}
    nouns = dict(places_of(operation.path))
    for argument in (one for one in operation.arguments if one.place == "path"):
        name = argument.name
        if name in given.path:
            values[name] = given.path[name].replace("{number}", str(maker.number))
        elif name in address.values:
            values[name] = address.values[name]
        elif argument.examples:
            values[name] = argument.examples[0]
        elif not picks_one(argument):
            values[name] = maker.value(argument.schema, ("path", f"of {name}", name))
        elif "default" in argument.schema or "const" in argument.schema:
            values[name] = argument.schema.get("const", argument.schema.get("default"))
        else:
            noun = nouns.get(name, name)
            raise Absent(name, f"no id of {noun} is known yet: no answer of another operation showed one")
    return values


def query_values(operation: Operation, maker: Maker, given: HintSettings, form: Form) -> dict[str, Any]:
    """The query: what is required, what the form adds, and hints over all."""
    values: dict[str, Any] = {}
    for argument in operation.arguments:
        if (
            argument.place == "query"
            and argument.required
            and argument.name not in {**form.query, **given.query}
        ):
            values[argument.name] = of_argument(maker, argument)
    return {**values, **form.query, **substituted(given.query, maker.number)}


def of_argument(maker: Maker, argument: Argument) -> Any:
    """A value for a query, header or cookie parameter."""
    example = argument.examples[0] if argument.examples else NONE
    return maker.value(argument.schema, (argument.name,), example)


def header_values(operation: Operation, maker: Maker, given: HintSettings, number: int) -> dict[str, str]:
    """Headers and cookies that are required, and a fresh Idempotency-Key; none that identities send."""
    headers: dict[str, str] = {}
    cookies: list[str] = []
    for argument in operation.arguments:
        words = set(words_of(argument.name))
        if argument.place not in {"header", "cookie"} or argument.name in given.headers:
            continue
        if "idempotency" in words:
            tag = tag_of(operation.name, maker.salt, number, argument.name)
            uuid = argument.schema.get("format") == "uuid"
            headers[argument.name] = (
                text_of(maker.value(argument.schema, (argument.name,))) if uuid else f"key-{tag}"
            )
        elif not argument.required or CREDENTIALS & words or flat(argument.name) in NEGOTIATED:
            continue
        elif argument.place == "cookie":
            cookies.append(f"{argument.name}={in_path(of_argument(maker, argument))}")
        else:
            headers[argument.name] = text_of(of_argument(maker, argument))
    return {**headers, "Cookie": "; ".join(cookies)} if cookies else headers


def fixing(maker: Maker, operation: Operation, values: Mapping[str, Any], form: Form) -> Maker:
    """The maker of the body: what the path says, the body says too; credentials stay as documented."""
    fixed = {flat(name): value for name, value in values.items() if flat(name) != "id"}
    segments = segments_of(operation.path)
    if operation.method == "PUT" and segments and not static(segments[-1]):
        fixed["id"] = values[places_of(operation.path)[-1][0]]
    last = next((part for part in reversed(segments) if static(part)), "")
    return Maker(
        operation=maker.operation,
        number=maker.number,
        salt=maker.salt,
        own=maker.own,
        resources=maker.resources,
        ids=maker.ids,
        seen=maker.seen,
        fixed=fixed,
        full=form.full,
        elements=form.elements,
        verbatim=bool(LOGINS & set(words_of(last))),
    )


def body_value(operation: Operation, maker: Maker, given: HintSettings, form: Form, number: int) -> Any:
    """The body: hints over what the form replaces, over the document's example, over its schema."""
    body = operation.body
    if body is None or isinstance(given.body, list):
        return substituted(given.body, number)
    example = body.examples[0] if body.examples else NONE
    settled = {**form.body, **substituted(given.body or {}, number)}
    schema = body.schema
    if settled:
        left = [name for name in schema.get("required", ()) if name not in settled]
        properties = {
            name: part for name, part in schema.get("properties", {}).items() if name not in settled
        }
        schema = {**schema, "required": left, "properties": properties, "minProperties": 0}
        if isinstance(example, dict):
            example = {name: value for name, value in example.items() if name not in settled}
    if not schema and example is NONE and "json" in body.media_type:
        return settled  # nothing is said of it: an object, and an empty one
    made = maker.value(schema, ("body",), example)
    return {**made, **settled} if isinstance(made, dict) else settled or made


def substituted(value: Any, number: int) -> Any:
    """A hint with `{number}` replaced, so that unique fields can be given too."""
    if isinstance(value, str):
        return value.replace("{number}", str(number))
    if isinstance(value, Mapping):
        return {key: substituted(part, number) for key, part in value.items()}
    if isinstance(value, list):
        return [substituted(part, number) for part in value]
    return value
