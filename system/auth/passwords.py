"""Passwords: argon2id, and the same work whether or not there is a user."""

from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
"""argon2id with 19 MiB and two passes: the OWASP Password Storage Cheat Sheet's first choice."""


def hash_password(password: str) -> str:
    """Return the hash to keep of a password, salt and parameters within."""
    return HASHER.hash(password)


def fits_password(known_hash: str | None, password: str) -> bool:
    """Say whether a password is the one hashed; None, where there is no user, fits nothing as slowly."""
    try:
        return HASHER.verify(known_hash or _nobody(), password) and known_hash is not None
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    return HASHER.hash("nobody has this password")
