"""Which line of a TOML file a key stands on, so that a mistake can be pointed at."""

import re
import tomllib
from typing import Any

_HEADER = re.compile(r"^\s*(\[\[?)(.+?)\]\]?\s*(?:#.*)?$")
_KEY = re.compile(
    r"""^\s*((?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*'))*)\s*="""
)

Path = tuple[str | int, ...]


def _split(dotted: str) -> list[str]:
    """The parts of a dotted key, unquoted; as TOML's own parser sees them."""
    parts: list[str] = []
    table: Any = tomllib.loads(f"{dotted} = 0")
    while isinstance(table, dict):
        key, table = next(iter(table.items()))
        parts.append(key)
    return parts


class Lines:
    """Line numbers, from 1, of the tables and keys of one TOML text.

    Reads headers and the beginnings of lines only: a key within an inline table has its table's line.
    """

    def __init__(self, text: str) -> None:
        self._lines: dict[Path, int] = {}
        arrays: dict[Path, int] = {}
        table: Path = ()
        for number, line in enumerate(text.splitlines(), start=1):
            if header := _HEADER.match(line):
                table = self._table(header[1] == "[[", header[2], arrays, table)
                self._lines.setdefault(table, number)
            elif key := _KEY.match(line):
                self._lines.setdefault((*table, *_split(key[1])), number)

    @staticmethod
    def _table(array: bool, dotted: str, arrays: dict[Path, int], before: Path) -> Path:  # noqa: FBT001 - private
        try:
            parts = _split(dotted)
        except tomllib.TOMLDecodeError:  # a line of a multi-line value that looks like a header
            return before
        path: Path = ()
        for depth, part in enumerate(parts, start=1):
            path = (*path, part)
            if depth == len(parts) and array:
                arrays[path] = arrays.get(path, -1) + 1
            if path in arrays:
                path = (*path, arrays[path])
        return path

    def line(self, path: Path) -> int:
        """The line of the path, or of the innermost part of it that has one; 1 where none has."""
        for length in range(len(path), 0, -1):
            if (number := self._lines.get(path[:length])) is not None:
                return number
        return 1
