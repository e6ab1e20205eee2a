"""Ids and values that answers gave, kept per identity, to be used in later requests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from harness.exercise.nouns import (
    ENVELOPES,
    IDENTITY_FIELDS,
    KEY_FIELDS,
    flat,
    is_id,
    is_plural,
    noun_of,
    parameters_in,
    places_of,
    resource_of,
    segments_of,
    static,
    words_of,
)

CREATED: Final = 201
SUCCESS: Final = range(200, 300)
MOST_RECORDS: Final = 1_000
MOST_VALUES: Final = 100
DEEPEST: Final = 8
LONGEST: Final = 400
"""Characters of a text that is kept; longer ones are no filter values."""
BESIDE: Final = frozenset("links meta pagination paging pageinfo cursors".split())
"""Parts of an answer that speak of the answer itself."""
WRAPPED: Final = frozenset({"attributes", "fields", "properties"})
"""Parts of a resource that hold its fields, in JSON:API and its like."""
TOKENS: Final = frozenset(
    "next nextcursor nextpagetoken nextpage nextoffset nexttoken nextlink nextmarker nexturl cursor "
    "continuation continuationtoken endcursor pagetoken scrollid marker".split()
)


@dataclass
class Record:
    """One resource: its id, its scalar fields by flat name, the parents it was seen under.

    `children` are lengths of the arrays it was shown with; `dependents` the records that name it.
    `created` where the exercise made it; `seen` where more than its id is known.
    """

    noun: str
    id: Any
    fields: dict[str, Any] = field(default_factory=dict)
    parents: dict[str, Any] = field(default_factory=dict)
    children: dict[str, int] = field(default_factory=dict)
    dependents: set[tuple[str, str]] = field(default_factory=set)
    created: bool = False
    seen: bool = False

    @property
    def size(self) -> int:
        """How many children it is known to have."""
        return max(sum(self.children.values()), len(self.dependents))


@dataclass(frozen=True)
class Context:
    """Where in an answer one is: the resource spoken of, those it is nested in, how deep.

    `root` while nothing but envelopes lies above; `listed` directly in an array; `made` where the
    request created what the root shows.
    """

    noun: str
    parents: Mapping[str, Any]
    depth: int = 0
    root: bool = True
    listed: bool = False
    made: bool = False


class Pool:
    """What one identity has learned. Values are kept by resource and field, newest first."""

    def __init__(self) -> None:
        self.known: dict[str, dict[str, Record]] = {}
        self.fields: dict[tuple[str, str], dict[str, Any]] = {}
        self.cursors: dict[str, dict[str, Any]] = {}

    def learn(
        self, operation: str, path: str, status: int, answer: Any, sent: Any = None, location: str = ""
    ) -> None:
        """Take in the JSON answer of a request to the path as it was sent (with or without its query).

        `operation` is `METHOD /path/{template}`, `sent` the JSON body, `location` the Location header.
        Answers other than 2xx teach nothing.
        """
        if status not in SUCCESS:
            return
        method, _, template = operation.partition(" ")
        values = {name: unquote(value) for name, value in parameters_in(template, path.split("?")[0]).items()}
        noun, parents = self.addressed(template, values)
        made = method in {"POST", "PUT"} and (status == CREATED or method == "POST")
        single = template.rstrip("/").endswith("}")
        if single and noun in parents:
            parents = {name: value for name, value in parents.items() if name != noun}
        acted = places_of(template)[-1] if places_of(template) and not single else None
        if acted and isinstance(answer, dict) and str(identity(answer, noun, True)) == values.get(acted[0]):
            noun, made = acted[1], False  # POST /orders/{id}/cancel answers with the order
            parents = {name: value for name, value in parents.items() if name != noun}
        self.visit(answer, Context(noun, parents, made=made and not (single and method == "POST")))
        self.count(template, values, answer)
        if location and status == CREATED:
            self.located(location, noun, parents, sent)
        elif made and isinstance(sent, dict):
            self.enrich(answer, noun, sent)
        if method == "GET" and isinstance(answer, dict):
            self.follow(operation, answer)

    def addressed(self, template: str, values: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
        """The resource that an answer shows, and the ids of those that its path names."""
        parents: dict[str, Any] = {}
        for name, noun in places_of(template):
            if name in values:
                parents[noun] = self.native(noun, values[name])
        return resource_of(template), parents

    def native(self, noun: str, value: str) -> Any:
        """The id as answers write it, a number perhaps, for one that a path has as text."""
        there = self.known.get(noun, {})
        if value in there:
            return there[value].id
        numbered = value.isdigit() and any(isinstance(record.id, int) for record in there.values())
        return int(value) if numbered else value

    def visit(self, node: Any, at: Context) -> None:
        """Learn from a part of an answer."""
        if at.depth > DEEPEST:
            return
        if isinstance(node, list):
            inside = Context(at.noun, at.parents, at.depth + 1, root=at.root, listed=True, made=at.made)
            for element in node:
                self.visit(element, inside)
        elif isinstance(node, dict):
            self.object(node, at)

    def object(self, node: Mapping[str, Any], at: Context) -> None:
        """Learn from an object: a resource, an envelope of some, or figures."""
        own = identity(node, at.noun, at.listed or (at.root and bool(at.parents)))
        record = None
        if own is not None and at.noun:
            record = self.record(at.noun, own, node)
            record.parents.update(at.parents)
            for noun, value in at.parents.items():
                self.depends(record, noun, value)
            if at.made and at.root and not record.seen:
                record.created = True
            record.seen = True
        for key, value in node.items():
            self.part(key, value, record, at)

    def part(self, key: str, value: Any, record: Record | None, at: Context) -> None:
        """Learn from one field of an object."""
        name = flat(key)
        if name in BESIDE:
            return
        if is_id(key) and noun_of(key) and (record is None or noun_of(key) != record.noun):
            for one in value if isinstance(value, list) else [value]:
                if is_key(one):
                    self.record(noun_of(key), one, {})
                    if record is not None and not isinstance(value, list):
                        record.parents.setdefault(noun_of(key), one)
                        self.depends(record, noun_of(key), one)
        if isinstance(value, list) and record is not None:
            record.children[name] = len(value)
        if not isinstance(value, dict | list):
            if record is not None:
                self.remember(record, name, value)
            return
        if record is not None and name in WRAPPED and isinstance(value, dict):
            for inner, one in value.items():
                self.part(inner, one, record, at)
            return
        envelope = record is None and (name in ENVELOPES or name == at.noun or name in WRAPPED)
        noun = at.noun if envelope else noun_of(key)
        if record is not None and isinstance(value, dict) and is_key(value.get("id")):
            record.parents.setdefault(noun, value["id"])
            self.record(noun, value["id"], {})
            self.depends(record, noun, value["id"])
        below = isinstance(value, list) or record is None  # an embedded single object is no child
        parents = {**at.parents, **({record.noun: record.id} if record and below else {})} if below else {}
        root = at.root and record is None
        self.visit(value, Context(noun, parents, at.depth + 1, root=root, made=at.made))

    def record(self, noun: str, own: Any, node: Mapping[str, Any]) -> Record:
        """The record of this id, made where it is new, moved to the newest end where more is learned."""
        there = self.known.setdefault(noun, {})
        record = there.get(str(own))
        if record is None:
            record = Record(noun, own)
        elif node:
            del there[str(own)]
        there[str(own)] = record
        if len(there) > MOST_RECORDS:
            victim = next((key for key, one in there.items() if not one.created), next(iter(there)))
            del there[victim]
        return record

    def depends(self, record: Record, noun: str, value: Any) -> None:
        """Note at the parent that the record names it."""
        parent = self.known.get(noun, {}).get(str(value))
        if parent is not None and parent is not record:
            parent.dependents.add((record.noun, str(record.id)))

    def remember(self, record: Record, name: str, value: Any) -> None:
        """Keep a scalar of a record, and as a value of its field."""
        if value is None or (isinstance(value, str) and not 0 < len(value) <= LONGEST):
            return
        record.fields[name] = value
        if name.endswith("count") and isinstance(value, int) and not isinstance(value, bool):
            record.children[name] = value
        values = self.fields.setdefault((record.noun, name), {})
        values.pop(str(value), None)
        values[str(value)] = value
        if len(values) > MOST_VALUES:
            del values[next(iter(values))]

    def count(self, template: str, values: Mapping[str, str], answer: Any) -> None:
        """`/orders/{id}/lines` shows how many lines the order has."""
        segments = segments_of(template)
        places = places_of(template)
        if not places or not static(segments[-1]) or not is_plural(segments[-1]):
            return
        name, noun = places[-1]
        record = self.known.get(noun, {}).get(values.get(name, ""))
        rows = listed(answer)
        if record is not None and rows is not None:
            key = flat(segments[-1])
            record.children[key] = max(len(rows), record.children.get(key, 0))

    def located(self, location: str, noun: str, parents: Mapping[str, Any], sent: Any) -> None:
        """A Location header names what was created."""
        segments = segments_of(urlsplit(location).path)
        if not segments:
            return
        own = unquote(segments[-1])
        fresh = str(own) not in self.known.get(noun, {})
        record = self.record(noun, self.native(noun, own), {})
        record.created = record.created or fresh
        record.seen = True
        record.parents.update({name: value for name, value in parents.items() if name != noun})
        for key, value in sent.items() if isinstance(sent, dict) else ():
            self.part(key, value, record, Context(noun, parents))

    def enrich(self, answer: Any, noun: str, sent: Mapping[str, Any]) -> None:
        """What was sent and accepted is true of what was made, as far as the answer is silent."""
        node = answer
        while isinstance(node, dict) and identity(node, noun, True) is None:
            node = next((node[key] for key in node if flat(key) in ENVELOPES or flat(key) == noun), None)
        own = identity(node, noun, True) if isinstance(node, dict) else identity(sent, noun, True)
        record = self.known.get(noun, {}).get(str(own))
        if record is None and own is not None and not answer:
            record = self.record(noun, own, sent)
            record.created = record.seen = True
        if record is not None:
            for key, value in sent.items():
                if flat(key) not in record.fields and "password" not in words_of(key):
                    self.part(key, value, record, Context(noun, {}))

    def follow(self, operation: str, answer: Mapping[str, Any], depth: int = 0) -> None:
        """Keep what asks for the next page: a token, or the query of a link."""
        for key, value in answer.items():
            one = value.get("href") if isinstance(value, dict) and flat(key) in TOKENS else value
            if flat(key) in TOKENS and isinstance(one, str | int) and not isinstance(one, bool) and one != "":
                text = str(one)
                query = dict(parse_qsl(urlsplit(text).query)) if "?" in text else {}
                self.cursors[operation] = query or {"": one}
            elif isinstance(value, dict) and depth < len(("answer", "meta", "page")):
                self.follow(operation, value, depth + 1)

    def forget(self, path: str, value: str) -> None:
        """A resource is gone: the one of this id, of the kind that the path (template or sent) speaks of."""
        for segment in segments_of(path):
            if static(segment):
                self.known.get(noun_of(segment), {}).pop(str(value), None)

    def records(self, noun: str) -> list[Record]:
        """The known resources of a kind, those of which more than the id is known first, newest first."""
        newest = list(reversed(self.known.get(noun, {}).values()))
        return sorted(newest, key=lambda record: not record.seen)

    def ids(self, noun: str) -> list[Any]:
        """Their ids, those that the exercise did not make itself first: they are not about to go."""
        return [record.id for record in sorted(self.records(noun), key=lambda record: record.created)]

    def values(self, noun: str, name: str) -> list[Any]:
        """What a field of a resource was seen to hold, newest first."""
        return list(reversed(self.fields.get((noun, flat(name)), {}).values()))

    def seen(self, name: str) -> list[Any]:
        """What a field of this name was seen to hold in any resource."""
        wanted = flat(name)
        return [
            value
            for noun, field_name in self.fields
            if field_name == wanted
            for value in self.values(noun, name)
        ]

    def texts(self, noun: str) -> Sequence[str]:
        """Texts of a resource that a search may look into: names and titles first."""
        found: list[tuple[int, str]] = []
        for (kind, name), values in self.fields.items():
            weight = next((at for at, word in enumerate(SEARCHED) if word in name), len(SEARCHED))
            if kind == noun and not is_id(name) and not name.endswith(UNSEARCHED):
                found += [(weight, value) for value in values.values() if isinstance(value, str)]
        return [value for _, value in sorted(found, key=lambda pair: pair[0])]


SEARCHED: Final = ("name", "title", "description", "subject", "text", "email", "city", "label")
UNSEARCHED: Final = ("id", "at", "on", "date", "status", "url")


def is_key(value: Any) -> bool:
    """Whether a value can be an id."""
    return isinstance(value, int | str) and not isinstance(value, bool) and value != ""


def identity(node: Any, noun: str, keyed: bool) -> Any:  # noqa: FBT001 - whether a key will do
    """The id of the object, or None; a `code` or `name` will do where `keyed`."""
    if not isinstance(node, Mapping):
        return None
    flats = {flat(key): value for key, value in node.items()}
    own = [flat(name) for name in IDENTITY_FIELDS]
    for name in (*own, f"{noun}id", f"{noun}uuid", *(KEY_FIELDS if keyed else ())):
        if is_key(flats.get(name)) and (name not in KEY_FIELDS or listed(node) is None):
            return flats[name]
    return None


def listed(answer: Any) -> list[Any] | None:
    """The array of objects that an answer is, or wraps; None where it has none."""
    if isinstance(answer, list):
        return answer
    if isinstance(answer, dict):
        for key, value in answer.items():
            if isinstance(value, list) and (flat(key) in ENVELOPES or (value and isinstance(value[0], dict))):
                return value
            if isinstance(value, dict) and flat(key) in ENVELOPES:
                return listed(value)
    return None
