"""Statements as distinct texts: each with the parameters and the sessions it was seen in."""

from collections.abc import Iterable

from msgspec import Struct

from harness.wires.model import Event, Parameter


class Setting(Struct, frozen=True):
    """A statement that set something of the session (`SET …`, `set_config(…)`), to be run before."""

    sql: str
    parameters: tuple[Parameter, ...] = ()


class Binding(Struct, frozen=True):
    """One set of parameters. `label`: real, common, rare or absent.

    Real ones came from a wire; the others replace what is compared with a column for equality by that
    column's most common, a rare, and a value that is not there. `settings` are those of the session
    that sent the real one.
    """

    label: str
    parameters: tuple[Parameter, ...]
    settings: tuple[Setting, ...] = ()


class Query(Struct, frozen=True, kw_only=True):
    """A statement to be planned: one text with the parameters it was seen with.

    `fingerprint` is `harness.wires.fingerprint` of the text; `user` and `options` are those of the
    session's start; `bindings` are real ones, distinct, at least one, at most three.
    """

    fingerprint: str
    sql: str
    user: str
    options: dict[str, str] = {}
    bindings: tuple[Binding, ...]
    literal_texts: tuple[str, ...] = ()
    """Up to three distinct texts of a statement that is sent with its values written into it."""


def distinct(events: Iterable[Event]) -> tuple[Query, ...]:
    """Every statement of the log once per fingerprint, failed ones and those that only set left out."""
    raise NotImplementedError
