"""What names of paths, parameters and fields mean: their words, and the resource that they speak of.

A resource is known by one lower-case word without separators, in the singular: `/v1/customer-groups`,
`customerGroupId` and `customer_group` are all `customergroup`.
"""

import re
from collections.abc import Collection, Sequence
from typing import Final


def vocabulary(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


def listing(text: str) -> tuple[str, ...]:
    """The words of a text, in their order."""
    return tuple(text.split())


ID_WORDS: Final = ("id", "ids", "uuid", "uuids", "guid", "pk")
IDENTITY_FIELDS: Final = ("id", "uuid", "_id", "guid", "pk")
"""Fields that identify the object they stand in."""
KEY_FIELDS: Final = ("key", "slug", "code", "number", "sku", "handle", "username", "reference", "name")
"""Fields that identify an object which has no id, the likeliest first."""
ENVELOPES: Final = vocabulary(
    "data result results item items record records row rows content contents entry entries value values list "
    "hit hits edge edges node nodes payload response embedded object objects page collection"
)
"""Keys that wrap what was asked for, and name no resource of their own."""
PEOPLE: Final = vocabulary(
    "owner author assignee creator reviewer approver manager agent sender recipient reporter actor by "
    "createdby updatedby assignedto"
)
PERSON_RESOURCES: Final = ("user", "member", "person", "employee", "staff", "account", "agent", "profile")
FREE_IDS: Final = vocabulary(
    "external tax vat national device client request correlation tracking idempotency message trace "
    "transaction session remote foreign legacy registration"
)
"""`tax_id`, `external_id`, …: values of the outer world, unless the contract has such a resource."""
IRREGULAR: Final = {
    "people": "person",
    "children": "child",
    "men": "man",
    "women": "woman",
    "indices": "index",
    "matrices": "matrix",
    "movies": "movie",
    "cookies": "cookie",
    "series": "series",
    "news": "news",
    "statuses": "status",
    "buses": "bus",
    "analyses": "analysis",
    "aliases": "alias",
    "leaves": "leave",
}
ALIKE: Final = ("ss", "us", "is", "as")
"""Endings of words whose s is no plural: address, status, analysis, gas."""
LEAST_WORD: Final = 3
SHORTEST_LOOKUP: Final = 2
"""Segments before a parameter that picks by a field: the collection, and the field's name."""


def words_of(name: str) -> tuple[str, ...]:
    """The lower-case words of a camelCase, snake_case or kebab-case name."""
    spaced = re.sub(r"([a-z0-9])([A-Z])|([A-Z]+)([A-Z][a-z])", r"\1\3 \2\4", name)
    return tuple(word.lower() for word in re.split(r"[^A-Za-z0-9]+", spaced) if word)


def flat(name: str) -> str:
    """The name without case and separators: how fields of different spelling are compared."""
    return "".join(words_of(name))


def singular(word: str) -> str:
    """The singular of a lower-case English word; words that look singular stay."""
    if word in IRREGULAR:
        return IRREGULAR[word]
    if len(word) <= LEAST_WORD or not word.endswith("s") or word.endswith(ALIKE):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "ches", "shes", "xes", "zzes")):
        return word[:-2]
    return word[:-1]


def is_plural(name: str) -> bool:
    """Whether the name's last word is a plural."""
    words = words_of(name)
    return bool(words) and (singular(words[-1]) != words[-1] or words[-1] in {"series", "news"})


def noun_of(name: str) -> str:
    """The resource that a name speaks of, without its id word: `product_ids` is `product`, `id` is ``."""
    words = list(words_of(name))
    while words and words[-1] in ID_WORDS:
        words.pop()
    return "".join([*words[:-1], singular(words[-1])]) if words else ""


def is_id(name: str) -> bool:
    """Whether the name says that its value is an id, or several: `id`, `customerId`, `product_ids`."""
    words = words_of(name)
    return bool(words) and words[-1] in ID_WORDS


def static(segment: str) -> bool:
    """Whether a segment of a path template is fixed text."""
    return "{" not in segment


def segments_of(path: str) -> tuple[str, ...]:
    """The segments of a path, without empty ones."""
    return tuple(segment for segment in path.partition("?")[0].split("/") if segment)


def resource_of(path: str) -> str:
    """The resource that a path template is about: of its last fixed segment, or of the plural before it.

    `/orders/{id}/lines` is `line`; `/orders/{id}`, `/orders/recent`, `/orders/by-number/{n}` are `order`.
    """
    segments = segments_of(path)
    for at in range(len(segments) - 1, -1, -1):
        if not static(segments[at]):
            continue
        if kind := picked_by_field(segments, at + 1):
            return kind
        before = segments[at - 1] if at else ""
        if not is_plural(segments[at]) and before and static(before) and is_plural(before):
            return noun_of(before)
        return noun_of(segments[at])
    return ""


def picked_by_field(segments: Sequence[str], at: int) -> str:
    """The resource that a parameter picks by one of its fields, or ``.

    `/orders/by-number/{number}` and `/users/email/{email}` pick an order and a user.
    """
    if at + 1 > len(segments) or at < SHORTEST_LOOKUP or static(segments[at]):
        return ""
    collection, lookup = segments[at - 2], segments[at - 1]
    name = segments[at].strip("{}")
    if not (static(collection) and static(lookup) and is_plural(collection)) or is_id(name):
        return ""
    words = words_of(lookup)
    told = words[:1] == ("by",) or flat(lookup) == flat(name)
    return noun_of(collection) if told else ""


def places_of(path: str) -> tuple[tuple[str, str], ...]:
    """The parameters of a path template, in order, each with the resource that it picks one of."""
    found = []
    segments = segments_of(path)
    for at, segment in enumerate(segments):
        before = segments[at - 1] if at and static(segments[at - 1]) else ""
        if kind := picked_by_field(segments, at):
            before = kind
        for index, name in enumerate(re.findall(r"{([^{}]+)}", segment)):
            found.append((name, noun_of(before) if before and index == 0 else noun_of(name) or flat(name)))
    return tuple(found)


def parameters_in(template: str, path: str) -> dict[str, str]:
    """The values that a sent path gives to the parameters of its template; {} where they do not match."""
    ours, theirs = segments_of(template), segments_of(path)
    if len(ours) > len(theirs):
        return {}
    found: dict[str, str] = {}
    for segment, sent in zip(ours, theirs[len(theirs) - len(ours) :], strict=True):
        names = re.findall(r"{([^{}]+)}", segment)
        form = re.sub(r"\\{[^{}]+\\}", "(.+)", re.escape(segment))
        match = re.fullmatch(form, sent)
        if match is None:
            return {}
        found.update(zip(names, match.groups(), strict=True))
    return {} if any("{" in value for value in found.values()) else found


def referred(name: str, resources: Collection[str], own: str = "") -> str:
    """The resource among `resources` whose id a field of this name holds; `` where none.

    `billing_address_id` is an address where there is no billingaddress; `parent_id` is of the `own`
    kind; an `owner_id` is a user or whatever people are called there.
    """
    words = [word for word in words_of(name) if word not in ID_WORDS]
    if not words:
        return ""
    for start in range(len(words)):
        noun = "".join([*words[start:-1], singular(words[-1])])
        if noun in resources:
            return noun
    if own and words[0] == "parent":
        return own
    if words[-1] in PEOPLE or "".join(words) in PEOPLE:
        return first_in(PERSON_RESOURCES, resources)
    return ""


def first_in(wanted: Sequence[str], there: Collection[str]) -> str:
    """The first of the wanted names that is there, or ``."""
    return next((name for name in wanted if name in there), "")
