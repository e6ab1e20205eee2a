"""An index that the planner does not see for a while, and what indexes weigh."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from importlib.resources import files

import psycopg

from harness.planner.model import Index


class NotHiddenError(Exception):
    """The clone's server does not let its user hide an index; the message says why."""


@contextmanager
def hidden(address: str, index: Index) -> Iterator[None]:
    """Hide an index of a disposable clone from every plan while the block runs.

    It is marked invalid, not dropped: on 16 a rolled-back DROP leaves other numbers in the catalogue, and
    a constraint that rests on the index would have to go with it. It wants a superuser. Raises
    NotHiddenError where the clone's server does not allow that.
    """
    with psycopg.connect(address, autocommit=True) as connection:
        _mark(connection, index, valid=False)
        try:
            yield
        finally:
            _mark(connection, index, valid=True)


def sizes(address: str, known: Collection[tuple[str, str]]) -> dict[str, int]:
    """Sizes in bytes of the indexes that are not `known` (schema, name), by name."""
    with psycopg.connect(address, autocommit=True) as connection:
        listed = connection.execute(_sql("index_sizes.sql")).fetchall()
    return {name: size_bytes for schema, name, size_bytes in listed if (schema, name) not in known}


def _mark(connection: psycopg.Connection[tuple[object, ...]], index: Index, *, valid: bool) -> None:
    subject = {"valid": valid, "schema": index.schema, "name": index.name}
    try:
        connection.execute(_sql("hide_index.sql"), subject)
    except psycopg.errors.InsufficientPrivilege as error:
        raise NotHiddenError(
            f"The index {index.name} cannot be hidden on the clone: {str(error).strip()}; trying plans "
            "without an index needs a superuser of the disposable server"
        ) from error


def _sql(name: str) -> bytes:
    return files("harness.planner").joinpath(name).read_bytes()
