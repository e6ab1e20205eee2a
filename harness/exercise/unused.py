"""Columns that a route fetches and does not answer with; and how long the arrays of an answer are."""

import contextlib
import json
import re
import struct
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from harness.wires.model import BINARY, Column, Parameter, Statement

SENT: Final = "sent"
"""Before the paths of arrays that were sent, among lengths."""
SHORTEST: Final = 3
"""Samples of one or two characters are found in any answer, and say nothing where they are not."""
CUT: Final = 64
"""The length at which a wire cuts samples."""
MATCHED: Final = 40
WORDS: Final = frozenset({"true", "false", "null", "none"})
STRUCTURED: Final = frozenset({16, 17, 114, 3802, 142, 705, 2249})
"""bool, bytea, json, jsonb, xml, unknown, record: their text in an answer is another than in the result."""
TEMPORAL: Final = frozenset({1082, 1083, 1114, 1184, 1186, 1266})


def lengths(answer: Any) -> dict[str, int]:
    """For every array in a JSON answer by its path (`/items`, `/items/*/lines`), its elements in all.

    The path of an answer that is itself an array is the empty text.
    """
    found: dict[str, int] = {}
    _measure(answer, "", found)
    return found


def exchanged(answer: Any, sent: Any) -> dict[str, int]:
    """Lengths of the arrays of an answer, and of those of the request's body by `sent` and their path."""
    return lengths(answer) | {f"{SENT} {path}": count for path, count in lengths(sent).items()}


def _measure(value: Any, path: str, found: dict[str, int]) -> None:
    if isinstance(value, list):
        found[path] = found.get(path, 0) + len(value)
        for each in value:
            _measure(each, f"{path}/*", found)
    elif isinstance(value, dict):
        for key, each in value.items():
            _measure(each, f"{path}/{key.replace('~', '~0').replace('/', '~1')}", found)


def unused(
    statements: Sequence[tuple[str, Statement]], answer: str, sent: str
) -> tuple[tuple[str, str], ...]:
    """(fingerprint, column) of what was fetched, and is neither answered nor passed on to a later statement.

    A column is judged by its sample, the first value that is not NULL. Nothing is said of booleans, short
    and empty samples, documents and binary; nor of a statement none of whose columns is in the answer: its
    rows were added up or only looked at. `sent` is the request: what it brought is known to both sides.
    """
    haystack = _plain(answer)
    later = [_plain(_passed(one)) for _, one in statements]
    found: dict[tuple[str, str], None] = {}
    for position, (fingerprint, statement) in enumerate(statements):
        passed = "\n".join(later[position + 1 :])
        telling = [column for column in statement.columns if _telling(column)]
        shown = [column for column in telling if _shown(column, haystack)]
        if not shown:
            continue
        for column in telling:
            if column in shown or _shown(column, passed) or _shown(column, _plain(sent)):
                continue
            found[fingerprint, column.name] = None
    return tuple(found)


def _telling(column: Column) -> bool:
    sample = column.sample.strip()
    if len(sample) < SHORTEST or sample.lower() in WORDS or column.oid in STRUCTURED:
        return False
    return not sample.startswith(("{", "["))


def _shown(column: Column, haystack: str) -> bool:
    return any(form in haystack for form in _forms(column))


def _forms(column: Column) -> list[str]:
    """Ways in which an answer may write the sample, lower case."""
    sample = column.sample.strip()
    if len(column.sample) >= CUT:
        sample = sample[:MATCHED]
    forms = [sample, sample.replace("-", ""), sample.replace("_", " "), sample.replace("_", "-")]
    forms += [json.dumps(sample)[1:-1], json.dumps(sample, ensure_ascii=False)[1:-1].replace("/", "\\/")]
    if re.fullmatch(r"-?\d+\.\d+", sample):
        forms += [sample.rstrip("0").rstrip("."), sample.replace(".", "")]
        if abs(float(sample)) >= 1:
            forms.append(str(round(float(sample))))
    if column.oid in TEMPORAL or re.match(r"\d{4}-\d\d-\d\d[ T]\d\d:", sample):
        forms += _moments(sample)
    return [form.lower() for form in forms if len(form) >= SHORTEST]


def _moments(sample: str) -> list[str]:
    """A time by its parts: answers write zones and fractions as they like, or seconds since 1970."""
    parts = re.findall(r"\d{4}-\d\d-\d\d|\d\d:\d\d:\d\d", sample)
    text = re.sub(r"([+-]\d\d)$", r"\1:00", sample)
    with contextlib.suppress(ValueError):
        parts.append(str(int(datetime.fromisoformat(text).timestamp())))
    return parts


def _plain(text: str) -> str:
    """In lower case, and what JSON escapes (four hex digits) written out: only there case folds."""
    if "\\u" in text:
        text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), text)
    return text.lower()


def _passed(statement: Statement) -> str:
    """The parameters of a statement as text, and its own text: literals of drivers that bind nothing."""
    return "\n".join([*(_text(one) for one in statement.parameters), statement.sql])


def _text(parameter: Parameter) -> str:
    value = parameter.value
    if value is None:
        return ""
    if parameter.format == BINARY:
        if len(value) == 16:  # noqa: PLR2004 - a UUID's bytes
            return str(UUID(bytes=value))
        if form := {2: ">h", 4: ">i", 8: ">q"}.get(len(value)):
            return str(struct.unpack(form, value)[0]) + "\n" + value.decode(errors="ignore")
    return value.decode(errors="replace")
