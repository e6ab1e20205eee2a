"""How answers are read: what identifies an object, where its list is, what asks for the next page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from harness.exercise.nouns import ENVELOPES, IDENTITY_FIELDS, KEY_FIELDS, flat, vocabulary

TOKENS: Final = vocabulary(
    "next nextcursor nextpagetoken nextpage nextoffset nexttoken nextlink nextmarker nexturl cursor "
    "continuation continuationtoken endcursor pagetoken scrollid marker"
)
PAGING_DEPTH: Final = 3
"""Objects within objects in which the next page may be named: answer, meta, page."""


@dataclass
class Record:
    """One resource: its id, its scalar fields by flat name, the parents it was seen under.

    `children` are lengths of the arrays it was shown with; `dependents` the records that name it.
    `created` where the exercise made it; `seen` where more than its id is known; `refused` counts the
    answers that denied it.
    """

    noun: str
    id: Any
    fields: dict[str, Any] = field(default_factory=dict)
    parents: dict[str, Any] = field(default_factory=dict)
    children: dict[str, int] = field(default_factory=dict)
    dependents: set[tuple[str, str]] = field(default_factory=set)
    created: bool = False
    seen: bool = False
    refused: int = 0

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


def is_key(value: Any) -> bool:
    """Whether a value can be an id."""
    return isinstance(value, int | str) and not isinstance(value, bool) and value != ""


def identity(node: Any, noun: str, *, keyed: bool) -> Any:
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


def next_page(answer: Mapping[str, Any], depth: int = 0) -> dict[str, Any]:
    """What asks for the next page: the query of a link, or a token under ``; {} on the last page."""
    for key, value in answer.items():
        one = value.get("href") if isinstance(value, dict) and flat(key) in TOKENS else value
        if flat(key) in TOKENS and is_key(one):
            query = dict(parse_qsl(urlsplit(str(one)).query)) if "?" in str(one) else {}
            return query or {"": one}
        below = next_page(value, depth + 1) if isinstance(value, dict) and depth < PAGING_DEPTH else {}
        if below:
            return below
    return {}
