"""Ids and values that answers gave, kept per identity, to be used in later requests."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from harness.exercise.answers import Context, Record, identity, is_key, listed, next_page
from harness.exercise.nouns import (
    ENVELOPES,
    flat,
    is_id,
    is_plural,
    noun_of,
    parameters_in,
    places_of,
    referred,
    resource_of,
    segments_of,
    static,
    vocabulary,
    words_of,
)

CREATED: Final = 201
CONFLICT: Final = 409
SUCCESS: Final = range(200, 300)
REFUSED: Final = frozenset({403, 404, 410})
MOST_RECORDS: Final = 1_000
MOST_VALUES: Final = 100
DEEPEST: Final = 8
LONGEST: Final = 400
"""Characters of a text that is kept; longer ones are no filter values."""
BESIDE: Final = vocabulary("links meta pagination paging pageinfo cursors")
"""Parts of an answer that speak of the answer itself."""
WRAPPED: Final = frozenset({"attributes", "fields", "properties"})
"""Parts of a resource that hold its fields, in JSON:API and its like."""


class Pool:
    """What one identity has learned. Values are kept by resource and field, newest first.

    `name` is the identity's: unique fields are made of it too, so that two identities of one tenant
    do not make the same.
    """

    def __init__(self, name: str = "") -> None:
        self.name = name
        self.known: dict[str, dict[str, Record]] = {}
        self.fields: dict[tuple[str, str], dict[str, Any]] = {}
        self.cursors: dict[str, dict[str, Any]] = {}

    def learn(  # noqa: PLR0917 - one call for all that a request and its answer tell
        self, operation: str, path: str, status: int, answer: Any, sent: Any = None, location: str = ""
    ) -> None:
        """Take in the JSON answer of a request to the path as it was sent (with or without its query).

        `operation` is `METHOD /path/{template}`, `sent` the JSON body, `location` the Location header.
        Answers other than 2xx teach nothing, but that a resource which is refused is tried last.
        """
        method, _, template = operation.partition(" ")
        sent_path = path.partition("?")[0]
        values = {name: unquote(value) for name, value in parameters_in(template, sent_path).items()}
        if values and (status in REFUSED or (method == "DELETE" and status == CONFLICT)):
            self.refuse(template, values)
        if status not in SUCCESS:
            return
        noun, parents = self.addressed(template, values)
        made = method in {"POST", "PUT"} and (status == CREATED or method == "POST")
        single = template.rstrip("/").endswith("}")
        if single and noun in parents:
            parents = {name: value for name, value in parents.items() if name != noun}
        acted = places_of(template)[-1] if places_of(template) and not single else None
        if (
            acted
            and isinstance(answer, dict)
            and str(identity(answer, noun, keyed=True)) == values.get(acted[0])
        ):
            noun, made = acted[1], False  # POST /orders/{id}/cancel answers with the order
            parents = {name: value for name, value in parents.items() if name != noun}
        self.visit(answer, Context(noun, parents, made=made and not (single and method == "POST")))
        self.count(template, values, answer)
        if location and status == CREATED:
            self.located(location, noun, parents, sent)
        elif made and isinstance(sent, dict):
            self.enrich(answer, noun, sent)
        if method == "GET" and isinstance(answer, dict):
            asked = next_page(answer)
            if asked:
                self.cursors[operation] = asked

    def refuse(self, template: str, values: Mapping[str, str]) -> None:
        """The resource of a path was refused: others are better picks."""
        name, noun = places_of(template)[-1]
        record = self.known.get(noun, {}).get(values.get(name, ""))
        if record is not None:
            record.refused += 1

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
        own = identity(node, at.noun, keyed=at.listed or (at.root and bool(at.parents)))
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
        noun = at.noun if envelope else referred(key, self.known) or noun_of(key)
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
        while isinstance(node, dict) and identity(node, noun, keyed=True) is None:
            node = next((node[key] for key in node if flat(key) in ENVELOPES or flat(key) == noun), None)
        own = identity(node, noun, keyed=True) if isinstance(node, dict) else identity(sent, noun, keyed=True)
        record = self.known.get(noun, {}).get(str(own))
        if record is None and own is not None and not answer:
            record = self.record(noun, own, sent)
            record.created = record.seen = True
        if record is not None:
            for key, value in sent.items():
                if flat(key) not in record.fields and "password" not in words_of(key):
                    self.part(key, value, record, Context(noun, {}))

    def forget(self, path: str, value: str) -> None:
        """A resource is gone: the one of this id, of the kind that the path (template or sent) speaks of."""
        segments = segments_of(path)
        if segments and segments[-1] == value:
            path = "/".join(segments[:-1])
        for noun in {resource_of(path), *(noun for _, noun in places_of(path)[-1:])}:
            self.known.get(noun, {}).pop(str(value), None)

    def records(self, noun: str) -> list[Record]:
        """The known resources of a kind, those of which more than the id is known first, newest first."""
        newest = list(reversed(self.known.get(noun, {}).values()))
        return sorted(newest, key=lambda record: (not record.seen, record.refused))

    def ids(self, noun: str) -> list[Any]:
        """Their ids, those that the exercise did not make itself first: they are not about to go."""
        return [
            record.id
            for record in sorted(self.records(noun), key=lambda record: (record.refused, record.created))
        ]

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
