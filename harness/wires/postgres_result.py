"""The rows of one statement as they pass: how many, how wide, and one value of each column."""

from struct import Struct, unpack
from typing import Final
from uuid import UUID

from harness.wires.model import TEXT, Column

Described = list[tuple[bytes, int, int]]
"""Name, type and format of each column."""

SAMPLE_CHARACTERS: Final = 64

_length = Struct("!i").unpack_from
_count = Struct("!H").unpack_from

# Types by their object identifiers, which are fixed: src/include/catalog/pg_type.dat.
_BOOLEAN: Final = 16
_UUID: Final = 2950
_JSONB: Final = 3802
_NUMBERS: Final = {20: "!q", 21: "!h", 23: "!i", 26: "!I", 700: "!f", 701: "!d"}
_TEXTS: Final = frozenset({18, 19, 25, 114, 142, 705, 1042, 1043})


def sample(value: bytes, oid: int, form: int) -> str:
    """The value as text, cut to 64 characters; empty where the type's binary form is not known here."""
    if form == TEXT or oid in _TEXTS:
        # A character has at most four bytes; the one that the cut divides is left out.
        return value[: 4 * SAMPLE_CHARACTERS].decode(errors="ignore")[:SAMPLE_CHARACTERS]
    if oid in _NUMBERS:
        return str(unpack(_NUMBERS[oid], value)[0])
    if oid == _BOOLEAN:
        return "t" if value != b"\0" else "f"
    if oid == _UUID:
        return str(UUID(bytes=value))
    if oid == _JSONB:
        return sample(value[1:], 25, TEXT)
    return ""


class Result:
    """Columns as described, and what the rows add up to. Without a description rows are only counted."""

    __slots__ = ("_described", "_samples", "_sizes", "_unsampled", "rows")

    def __init__(self, described: Described | None) -> None:
        self._described = described or []
        self._sizes = [0] * len(self._described)
        self._samples = [""] * len(self._described)
        self._unsampled = set(range(len(self._described)))
        self.rows = 0

    def add(self, row: bytes) -> None:
        """One DataRow."""
        self.rows += 1
        (count,) = _count(row)
        sizes = self._sizes
        if count != len(sizes):
            return
        if self._unsampled:
            self._sample(row)
        start = 2
        for column in range(count):
            (size,) = _length(row, start)
            start += 4
            if size > 0:
                sizes[column] += size
                start += size

    def _sample(self, row: bytes) -> None:
        start = 2
        for column, (_name, oid, form) in enumerate(self._described):
            (size,) = _length(row, start)
            start += 4
            if size >= 0:
                if column in self._unsampled:
                    self._unsampled.discard(column)
                    self._samples[column] = sample(row[start : start + size], oid, form)
                start += size

    def columns(self) -> tuple[Column, ...]:
        """The columns with what was seen of them so far."""
        return tuple(
            Column(name.decode(errors="replace"), oid, size, text)
            for (name, oid, _), size, text in zip(self._described, self._sizes, self._samples, strict=True)
        )
