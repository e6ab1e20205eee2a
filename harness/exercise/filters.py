"""Query arguments that narrow, extend or order an answer, with values that the data really holds."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from harness.exercise.links import refers
from harness.exercise.nouns import flat, is_id, resource_of, vocabulary, words_of
from harness.exercise.operations import Argument, Operation
from harness.exercise.paging import arrays_of, queries, success
from harness.exercise.pool import Pool
from harness.exercise.schema import kind_of, objects_in
from harness.exercise.semantics import ENDS, seeded
from harness.exercise.validity import accepts
from harness.exercise.values import NONE, Absent, Maker

VALUES: Final = 4
FLAGS: Final = vocabulary("include includes expand embed with populate relations fields select extend load")
SEARCHES: Final = vocabulary("q search query term terms keyword keywords text s searchterm searchtext find")
SORTS: Final = vocabulary("sort order orderby sortby ordering sortfield sortkey")
NOWHERE: Final = "zzqxvkw"
"""A word that no data holds."""
WORD: Final = 4
RANGES: Final = vocabulary("min max from to after before since until gte lte gt lt start end minimum maximum")
YEAR: Final = timedelta(days=365)

Named = tuple[str, Any]


def flags(operation: Operation, pool: Pool) -> list[tuple[str, dict[str, Any]]]:
    """Arguments that make answers richer, each with its values: `include=lines`, `with_totals=true`."""
    found: list[tuple[str, dict[str, Any]]] = []
    for argument in queries(operation):
        words = words_of(argument.name)
        if not words or not (flat(argument.name) in FLAGS or words[0] in FLAGS):
            continue
        items = argument.schema.get("items", {})
        several = kind_of(argument.schema) == "array"
        schema = items if several else argument.schema
        values = choices(schema)
        if not values and kind_of(schema) == "boolean":
            values = [True]
        if not values and kind_of(schema) in {"string", ""}:
            values = list(argument.examples[:1]) or relations(operation, pool)
        for value in values[:VALUES]:
            sent = [value] if several and not isinstance(value, list) else value
            found.append((f"{argument.name}={shown(value)}", {argument.name: sent}))
        if several and len(values) > 1:
            found.append((f"{argument.name}=all", {argument.name: list(values)}))
    return found


def relations(operation: Operation, pool: Pool) -> list[str]:
    """The parts of an answer that are objects or arrays themselves: what could be embedded."""
    schema = success(operation) or {}
    items = [item for _, item in arrays_of(schema)] or [schema]
    named = [
        name
        for item in items
        for option in objects_in(item)
        for name, part in option.get("properties", {}).items()
        if kind_of(part) in {"object", "array"} or "choices" in part
    ]
    referred = [
        noun
        for record in pool.records(resource_of(operation.path))[:VALUES]
        for noun in (*record.children, *record.parents)
    ]
    return list(dict.fromkeys([*named, *referred]))[:VALUES]


def searches(argument: Argument, pool: Pool, operation: Operation) -> list[Named]:
    """Searches for a word of the data, a fragment of it, two words, and a word that is nowhere."""
    name = argument.name
    if (
        flat(name) not in SEARCHES
        or kind_of(argument.schema) not in {"string", ""}
        or choices(argument.schema)
    ):
        return []
    texts = pool.texts(resource_of(operation.path))
    words = [word for text in texts for word in text.split() if len(word) >= WORD and word.isalpha()]
    word = words[len(words) // 2] if words else "anna"
    other = next((one for one in words if one != word), word)
    fragment = word[1 : max(WORD, int(argument.schema.get("minLength", 0)) + 1)]
    wanted = [("word", word), ("fragment", fragment), ("nothing", NOWHERE), ("words", f"{word} {other}")]
    return [(f"{name}={label}", value) for label, value in wanted if accepts(argument.schema, value)]


def sorts(argument: Argument, pool: Pool, operation: Operation) -> list[Named]:
    """Orders by fields of the answer, where the contract does not list its own."""
    name = argument.name
    if flat(name) not in SORTS or kind_of(argument.schema) not in {"string", ""} or choices(argument.schema):
        return []
    items = [item for _, item in arrays_of(success(operation) or {})]
    fields = [
        field
        for item in items
        for field, part in item.get("properties", {}).items()
        if kind_of(part) in {"string", "integer", "number"} and not is_id(field)
    ]
    fields = [*argument.examples, *fields[:2], *fields[-1:]]
    if not fields:
        noun = resource_of(operation.path)
        fields = [field for kind, field in pool.fields if kind == noun][:2]
    wanted = dict.fromkeys(str(field) for field in fields)
    return [(f"{name}={field}", field) for field in wanted if accepts(argument.schema, field)]


def filters(argument: Argument, pool: Pool, operation: Operation, maker: Maker) -> Iterator[Named]:
    """Values of any other argument: its choices, what answers showed in such a field, or a made one."""
    name, several = argument.name, kind_of(argument.schema) == "array"
    schema = argument.schema.get("items", {}) if several else argument.schema
    values = choices(schema)
    if values:
        default = argument.schema.get("default")
        values = [value for value in values if value != default]
        yield from ((f"{name}={shown(value)}", [value] if several else value) for value in values)
        return
    if kind_of(schema) == "boolean":
        yield from ((f"{name}={shown(value)}", [value] if several else value) for value in (True, False))
        return
    noun = refers((name,), schema, operation.resources, resource_of(operation.path))
    if noun and pool.records(noun):
        for label, value in by_size(noun, pool):
            if accepts(schema, value):
                yield f"{name}={label}", [value] if several else value
        return
    for value in harvested(name, schema, pool, resource_of(operation.path)):
        yield f"{name}=known", [value] if several else value
        return
    try:
        value = maker.value(argument.schema, (name,), argument.examples[0] if argument.examples else NONE)
    except Absent:
        return
    yield f"{name}=made", value


def by_size(noun: str, pool: Pool) -> list[Named]:
    """The resource with most children and that with fewest; the newest where all are alike."""
    records = sorted(pool.records(noun), key=lambda record: record.size)
    if records[-1].size == records[0].size:
        return [("known", pool.ids(noun)[0])]
    return [("most", records[-1].id), ("fewest", records[0].id)]


def harvested(name: str, schema: Mapping[str, Any], pool: Pool, noun: str) -> list[Any]:
    """Values that hit something: seen in the field of this name, or around what was seen."""
    words = words_of(name)
    if schema.get("format") in {"date", "date-time"} or (set(words) & RANGES and kind_of(schema) == "string"):
        return [] if kind_of(schema) not in {"string", ""} else around_now(words, schema)
    seen = pool.values(noun, name) or pool.values(noun, "".join(word for word in words if word not in RANGES))
    if not seen and len(words) == 1:
        seen = pool.seen(name)
    found = [value for value in seen if accepts(schema, value)]
    if kind_of(schema) == "string" and not found:
        found = [str(value) for value in seen if accepts(schema, str(value))]
    return [seeded(noun, name).choice(found)] if found else []


def around_now(words: tuple[str, ...], schema: Mapping[str, Any]) -> list[Any]:
    """A year ago, or tomorrow for what ends a period: most data lies between them."""
    now = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    then = now + timedelta(days=1) if set(words) & (ENDS | {"before", "until", "to"}) else now - YEAR
    text = then.isoformat() + "Z" if schema.get("format") == "date-time" else then.date().isoformat()
    return [text] if accepts(schema, text) else []


def choices(schema: Mapping[str, Any]) -> list[Any]:
    """The values that a schema lists, null left out."""
    listed = [value for option in objects_in(schema) for value in option.get("enum", ())]
    return [value for value in listed if value is not None][:VALUES]


def shown(value: Any) -> str:
    """A value in the name of a form."""
    return str(value).lower() if isinstance(value, bool) else str(value)
