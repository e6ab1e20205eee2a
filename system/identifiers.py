"""Ids of rows: UUIDs of version 7, which sort by time and cannot be guessed."""

import secrets
import time
from uuid import UUID


def new_id() -> UUID:
    """Return a UUIDv7 of now with 74 random bits; RFC 9562 §5.7."""
    return make_id(time.time_ns() // 1_000_000, secrets.randbits(74))


def make_id(at_ms: int, random_bits: int) -> UUID:
    """Lay out a UUIDv7: 48 bits of Unix milliseconds, version, 12 random bits, variant, 62 random bits."""
    return UUID(
        int=(at_ms & (1 << 48) - 1) << 80
        | 0x7 << 76
        | (random_bits >> 62 & 0xFFF) << 64
        | 0b10 << 62
        | random_bits & (1 << 62) - 1
    )
