"""What the exercise knows while it goes on: of each identity, and of each operation as that identity."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from harness.exercise.pool import Pool
from harness.target.target import Identity

ID_FIELDS = frozenset({"id", "uuid", "key", "code", "slug", "number", "_id"})
REASON_CHARACTERS = 300


@dataclass
class Seat:
    """One identity: what it has learned, what it has made, and whether its credentials still hold."""

    identity: Identity
    pool: Pool
    made: set[str] = field(default_factory=set)
    numbers: Counter[str] = field(default_factory=Counter)
    creations: Counter[str] = field(default_factory=Counter)
    tries: Counter[str] = field(default_factory=Counter)
    reached: set[str] = field(default_factory=set)
    ended: bool = False

    def next_number(self, operation: str) -> int:
        """A number that no request of this identity has had: unique fields are made of it."""
        self.numbers[operation] += 1
        return self.numbers[operation]

    def note_made(self, answer: Any, location: str) -> None:
        """Remember the ids of what a POST has just created; only these may be removed."""
        self.made.update(ids_of(answer))
        if location:
            last = urlsplit(location).path.rstrip("/").rpartition("/")[2]
            if last:
                self.made.add(unquote(last))

    def has_made(self, template: str, target: str) -> bool:
        """Whether what a path names, or what that is a part of, was made by this identity.

        Template and path are laid side by side from the right: the path may have a prefix.
        """
        parts = template.rstrip("/").split("/")[::-1]
        sent = urlsplit(target).path.rstrip("/").split("/")[::-1]
        pairs = zip(parts, sent, strict=False)
        return any(unquote(value) in self.made for part, value in pairs if part.startswith("{"))


def ids_of(answer: Any, depth: int = 0) -> set[str]:
    """What may name the resource of an answer: its own fields, or those of what it wraps."""
    if not isinstance(answer, dict) or depth > 1:
        return set()
    found = {
        str(value)
        for name, value in answer.items()
        if isinstance(value, str | int)
        and not isinstance(value, bool)
        and (name.lower() in ID_FIELDS or (name.lower().endswith("_id") and "id" not in answer))
    }
    if found:
        return found
    return set().union(*(ids_of(value, depth + 1) for value in answer.values()))


def own_id(answer: Any, location: str, parameter: str) -> str:
    """The id of the resource that an answer is or wraps, by the likeliest name; or the Location's."""
    for node in (answer, *(answer.values() if isinstance(answer, dict) else ())):
        if isinstance(node, dict):
            for name in (
                parameter,
                "id",
                "uuid",
                "_id",
                *(one for one in node if one.lower().endswith("id")),
            ):
                if isinstance(node.get(name), str | int):
                    return str(node[name])
    return unquote(urlsplit(location).path.rstrip("/").rpartition("/")[2])


@dataclass
class Tally:
    """How far one operation got. `reason` is the latest why not."""

    statuses: Counter[str] = field(default_factory=Counter)
    reason: str = ""
    reached: bool = False
    took_s: float = 0.0
    skipped: bool = False

    answered: bool = False

    def answer(self, words: str) -> None:
        """Note what the server said; it is the best reason there is."""
        self.answered = True
        self.reason = words[:REASON_CHARACTERS]

    def refuse(self, reason: str) -> None:
        """Note why nothing was sent, unless the server has given a reason of its own."""
        if not self.answered:
            self.reason = reason[:REASON_CHARACTERS]
