"""What a connection's session was set to: the statements that are to be run before another one of it.

Settings of the session hold until they are replaced or reset; those of a transaction (SET LOCAL,
set_config with is_local) to its end. What a transaction set is undone where it is rolled back.
"""

import re
from collections.abc import Iterator
from typing import Final

from harness.wires.model import Parameter, Statement
from harness.wires.tokens import Kind, Token, tokens

_SET: Final = re.compile(r"(?:\s|/\*.*?\*/|--[^\n]*\n)*(set|reset|discard)\b", re.IGNORECASE | re.DOTALL)
_WRITES: Final = frozenset({"insert", "update", "delete", "merge"})
_TRUE: Final = frozenset({"t", "tr", "tru", "true", "y", "ye", "yes", "on", "1"})
_NO_PLAN: Final = frozenset({"transaction", "constraints", "characteristics"})
"""What SET can say that has no part in a plan, and that may not be said late in a transaction."""

_NOT_RESET: Final = frozenset({"role", "session authorization"})
"""RESET ALL leaves these (GUC_NO_RESET_ALL in the server's guc_tables.c)."""


class Change:
    """A statement that sets something: `names` of what it sets, whether for its transaction `local`.

    `only` where it does nothing else. `resets` where it puts everything back.
    """

    __slots__ = ("local", "names", "only", "parameters", "resets", "sql")

    def __init__(self, statement: Statement, names: tuple[str, ...], *, local: bool, only: bool) -> None:
        self.sql = statement.sql
        self.parameters = statement.parameters
        self.names = names
        self.local = local
        self.only = only
        self.resets = ""


def change(statement: Statement) -> Change | None:
    """What a statement sets, None where it sets nothing.

    A query that writes as well is no setting, though it calls set_config: it would write again.
    """
    if "set_config" in statement.sql.lower():
        return _configured(statement)
    begins = _SET.match(statement.sql)
    if begins is None:
        return None
    words = [token.text for token in tokens(statement.sql[begins.start(1) :]) if token.kind != Kind.COMMENT]
    return _set(statement, [word.lower().strip('"') for word in words if word != ";"])


def _set(statement: Statement, words: list[str]) -> Change:
    verb, *rest = words
    scope = rest[0] if rest and rest[0] in {"local", "session"} and rest[1:2] != ["authorization"] else ""
    names = rest[1:] if scope else rest
    name = _name(names)
    made = Change(statement, (name,), local=scope == "local", only=True)
    if name in _NO_PLAN:
        made.names = ()
    if verb == "discard":
        made.names = ()
        made.resets = "discard" if name == "all" else ""
    elif verb == "reset" and name == "all":
        made.resets = "reset"
    return made


def _name(words: list[str]) -> str:
    """The name of what is set: up to its sign, in one word for what has several (`time zone`)."""
    if words[:2] == ["session", "authorization"]:
        return "session authorization"
    if words[:2] == ["time", "zone"]:
        return "timezone"
    name = ""
    for word in words:
        if name and word != "." and not name.endswith("."):
            break
        name += word
    return name


def _configured(statement: Statement) -> Change | None:
    found = [token for token in tokens(statement.sql) if token.kind != Kind.COMMENT]
    words = [token.text.lower() for token in found]
    names, locals_ = [], []
    for index, word in enumerate(words):
        if word == "set_config" and words[index + 1 : index + 2] == ["("]:
            arguments = _arguments(found, index + 2)
            names.append(_value(arguments[0], statement.parameters))
            locals_.append(_value(arguments[-1], statement.parameters).lower() in _TRUE)
    if not names:
        return None
    if _WRITES & set(words):
        return None
    # A name that is not told by the text makes the whole text the name, so that it replaces only itself.
    keys = tuple(names) if all(names) else (statement.sql,)
    return Change(statement, keys, local=all(locals_), only=_only_sets(found, words))


def _arguments(found: list[Token], start: int) -> list[list[Token]]:
    """The tokens of a call's arguments, from the one after its parenthesis on."""
    arguments: list[list[Token]] = [[]]
    depth = 0
    for token in found[start:]:
        if token.text == ")" and depth == 0:
            break
        if token.text == "," and depth == 0:
            arguments.append([])
            continue
        depth += (token.text in {"(", "["}) - (token.text in {")", "]"})
        arguments[-1].append(token)
    return arguments


def _value(argument: list[Token], parameters: tuple[Parameter, ...]) -> str:
    """The value of an argument that is a literal or a parameter, cast or not; empty for any other."""
    if not argument or (len(argument) > 1 and argument[1].text != "::"):
        return ""
    token = argument[0]
    if token.kind == Kind.STRING:
        return token.text.strip("eE").strip("'")
    if token.kind == Kind.WORD:
        return token.text
    if token.kind == Kind.PARAMETER and 0 < (number := int(token.text[1:])) <= len(parameters):
        value = parameters[number - 1].value or b""
        # A boolean in binary form is one byte.
        return "true" if value == b"\x01" else value.decode(errors="replace")
    return ""


def _only_sets(found: list[Token], words: list[str]) -> bool:
    """Whether nothing is read from a table: what stands after FROM is a CTE, a subquery or a function."""
    named = {
        words[i]
        for i in range(len(words) - 2)
        if words[i + 1] == "as" and words[i + 2] in {"(", "materialized", "not"}
    }
    for index, word in enumerate(words[:-1]):
        if word not in {"from", "join"} or found[index].kind != Kind.WORD:
            continue
        source = words[index + 1]
        if source in {"lateral", "only"}:
            source = words[index + 2] if index + 2 < len(words) else ""
        called = words[index + 2 : index + 3] == ["("]
        if source not in named and source != "(" and not called:
            return False
    return True


class Session:
    """What one connection's session is set to, as its statements pass."""

    def __init__(self) -> None:
        self._lasting: dict[tuple[str, ...], Change] = {}
        self._current: list[Change] = []
        self._transaction = 0

    def enter(self, statement: Statement) -> None:
        """Before a statement: what the transaction before it set lasts now, or is over."""
        if statement.transaction != self._transaction:
            self._settle(keep=True)
            self._transaction = statement.transaction

    def add(self, made: Change) -> None:
        """A statement that set something has succeeded."""
        if made.resets:
            self._current.clear()
            kept = _NOT_RESET if made.resets == "reset" else frozenset()
            self._lasting = {names: old for names, old in self._lasting.items() if set(names) & kept}
        elif made.names:
            self._current.append(made)

    def roll_back(self) -> None:
        """The transaction is undone, and what it set with it."""
        self._settle(keep=False)

    def changes(self) -> Iterator[Change]:
        """What holds now, in the order in which it was set."""
        yield from self._lasting.values()
        yield from self._current

    def _settle(self, *, keep: bool) -> None:
        for made in self._current:
            if keep and not made.local:
                self._lasting.pop(made.names, None)
                self._lasting[made.names] = made
        self._current.clear()
