"""Text that a regular expression accepts, from the tree that Python's own parser makes of it.

The parser is private to `re` and has no type stubs; since 3.11 it has its place in these two modules.
"""

import re
import re._constants as kinds  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
import string
from collections.abc import Iterable
from random import Random
from typing import Any, Final

from harness.exercise.validity import python_pattern

MOST_REPEATED: Final = 16
"""How often a part is repeated at most beyond its least number, where the expression sets no end."""
TRIES: Final = 28
LENGTHS: Final = (8, 1, 2, 3, 4, 5, 0)
"""How often open parts are repeated, one try after the other: nested ones multiply."""
ALPHABET: Final = string.ascii_lowercase + string.digits + string.ascii_uppercase + " -_.,:;/@#+()!?'&%*=~$"
"""Characters tried for classes that leave a choice, the plainest first."""
BEYOND: Final = "".join(chr(code) for code in range(0xA1, 0x250)) + "\t\n"
CATEGORIES: Final = {
    "CATEGORY_DIGIT": string.digits,
    "CATEGORY_SPACE": " ",
    "CATEGORY_WORD": string.ascii_lowercase + string.digits + string.ascii_uppercase + "_",
}


def matching(pattern: str, least: int, most: int | None, random: Random) -> str | None:
    """Text of `least` to `most` characters in which the pattern is found; None where none could be made.

    JSON schemas' patterns are ECMA 262: what Python cannot read gives None, and so do look-arounds
    that random text does not satisfy.
    """
    python = python_pattern(pattern)
    try:
        compiled = re.compile(python)
        tree = parser.parse(python)
    except (re.error, RecursionError, OverflowError):
        return None
    for attempt in range(TRIES):
        wanted = max(least, min(most or 8, 8)) if attempt == 0 else LENGTHS[attempt % len(LENGTHS)]
        text = Writer(random, tuple(tree), wanted).text()
        if text is None:
            continue
        for candidate in (text, padded(text, least, pattern, random)):
            if candidate is not None and fits(compiled, candidate, least, most):
                return candidate
    return None


def fits(compiled: re.Pattern[str], text: str, least: int, most: int | None) -> bool:
    """Whether the text is found by the pattern, and of a permitted length."""
    return len(text) >= least and (most is None or len(text) <= most) and bool(compiled.search(text))


def padded(text: str, least: int, pattern: str, random: Random) -> str | None:
    """The text filled up where the pattern is open at its end."""
    if len(text) >= least or pattern.endswith("$"):
        return None
    return text + "".join(random.choice(string.ascii_lowercase) for _ in range(least - len(text)))


class Writer:
    """Writes text for a parsed expression; groups that are referred to later say the same again."""

    def __init__(self, random: Random, tree: tuple[Any, ...], wanted: int) -> None:
        self.random = random
        self.tree = tree
        self.wanted = wanted
        self.groups: dict[int, str] = {}

    def text(self) -> str | None:
        """Text for the whole tree; None where it holds what cannot be written."""
        try:
            return self.run(self.tree)
        except NotWritable:
            return None

    def run(self, tree: Iterable[Any]) -> str:
        """Text for the parts, one after the other."""
        return "".join(self.part(kind, value) for kind, value in tree)

    def part(self, kind: Any, value: Any) -> str:
        """Text for one node of the tree."""
        if kind == kinds.LITERAL:
            return chr(value)
        if kind in {kinds.NOT_LITERAL, kinds.ANY, kinds.IN}:
            return self.random.choice(characters(kind, value))
        if kind in {kinds.MAX_REPEAT, kinds.MIN_REPEAT, kinds.POSSESSIVE_REPEAT}:
            return self.repeated(*value)
        if kind == kinds.SUBPATTERN:
            number, text = value[0], self.run(value[3])
            if number is not None:
                self.groups[number] = text
            return text
        if kind == kinds.ATOMIC_GROUP:
            return self.run(value)
        if kind == kinds.BRANCH:
            return self.run(self.random.choice(value[1]))
        if kind == kinds.GROUPREF:
            return self.groups.get(value, "")
        if kind in {kinds.AT, kinds.ASSERT, kinds.ASSERT_NOT}:
            return ""  # what was written is tried against the whole expression afterwards
        raise NotWritable

    def repeated(self, least: int, most: Any, tree: Any) -> str:
        """Text for a repetition, about as long as is wanted."""
        open_ended = most == kinds.MAXREPEAT
        room = least + MOST_REPEATED if open_ended else min(int(most), least + MOST_REPEATED)
        times = min(max(least, self.wanted), max(room, self.wanted if open_ended else room))
        return "".join(self.run(tree) for _ in range(times))


class NotWritable(Exception):
    """The expression holds what no text can be written for."""


def characters(kind: Any, value: Any) -> str:
    """Characters that a class permits, plain ones where it permits some."""
    if kind == kinds.ANY:
        return string.ascii_letters + string.digits
    if kind == kinds.NOT_LITERAL:
        return "".join(one for one in string.ascii_lowercase if one != chr(value))
    negated = bool(value) and value[0][0] == kinds.NEGATE
    named = [part for part in value if part[0] != kinds.NEGATE]
    if not negated:
        plain = "".join(one for one in ALPHABET if any(contains(part, one) for part in named))
        return letters(plain) or "".join(first_of(part) for part in named) or "a"
    left = "".join(one for one in ALPHABET + BEYOND if not any(contains(part, one) for part in named))
    if not left:
        raise NotWritable
    return letters(left)


def letters(some: str) -> str:
    """The letters and digits among characters, or all of them where there are none."""
    return "".join(one for one in some if one.isalnum() and one.isascii()) or some


def contains(part: Any, one: str) -> bool:
    """Whether one part of a class permits a character."""
    kind, value = part
    if kind == kinds.LITERAL:
        return bool(chr(value) == one)
    if kind == kinds.RANGE:
        return bool(value[0] <= ord(one) <= value[1])
    name = str(value)
    if name.startswith("CATEGORY_NOT_"):
        return one not in CATEGORIES.get(name.replace("NOT_", ""), "") and one not in "\t\n"
    return one in CATEGORIES.get(name, "")


def first_of(part: Any) -> str:
    """A character of a part that permits none of the plain ones."""
    kind, value = part
    if kind == kinds.LITERAL:
        return chr(value)
    return chr(value[0]) if kind == kinds.RANGE else ""
