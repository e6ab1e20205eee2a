"""The files of a judged run: record.json and verdict.json, written whole or not at all."""

import errno
import os
from pathlib import Path
from typing import Final

import msgspec

from harness.errors import EnvironmentLimit, RecordUnreadable
from harness.model.record import SCHEMA, VERSION, Record
from harness.model.verdict import Verdict

RECORD: Final = "record.json"
VERDICT: Final = "verdict.json"


class Heading(msgspec.Struct, frozen=True):
    """What every version of a record says of itself."""

    schema: str
    version: int


def write_record(folder: Path, record: Record) -> Path:
    """Write record.json into a run's folder. Raises EnvironmentLimit where the disk refuses."""
    return write_whole(folder / RECORD, msgspec.json.encode(record, order="deterministic") + b"\n")


def write_verdict(folder: Path, verdict: Verdict) -> Path:
    """Write verdict.json; the same verdict gives the same bytes."""
    return write_whole(folder / VERDICT, encode_verdict(verdict))


def encode_verdict(verdict: Verdict) -> bytes:
    """The canonical bytes of a verdict: keys in the order of the struct, two spaces, one final newline."""
    return msgspec.json.format(msgspec.json.encode(verdict, order="deterministic"), indent=2) + b"\n"


def read_record(folder: Path) -> Record:
    """The record of a run, from its folder or from record.json itself.

    Raises RecordUnreadable where it is missing, no JSON, no record, or of a version not known here.
    """
    path = folder / RECORD if folder.is_dir() else folder
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RecordUnreadable(
            f"{path}: {error.strerror}; name the folder of a finished run, such as out/latest"
        ) from error
    try:
        heading = msgspec.json.decode(content, type=Heading)
    except msgspec.DecodeError as error:
        raise RecordUnreadable(f"{path}: not a record: {error}; the run must be made again") from error
    if heading.schema != SCHEMA:
        raise RecordUnreadable(
            f"{path}: its schema is {heading.schema!r}, not {SCHEMA!r}; it is no record of a run"
        )
    if heading.version != VERSION:
        raise RecordUnreadable(
            f"{path}: its version is {heading.version}, this harness reads {VERSION}; use the harness "
            "that wrote it"
        )
    try:
        return msgspec.json.decode(content, type=Record)
    except msgspec.DecodeError as error:
        raise RecordUnreadable(f"{path}: damaged: {error}; the run must be made again") from error


def write_whole(path: Path, content: bytes) -> Path:
    """Write a file so that a reader finds the old one or the new one, never a part; even after a crash.

    Raises EnvironmentLimit where the disk is full or may not be written.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with part.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise EnvironmentLimit(f"{path}: cannot be written: {error.strerror}; {_mend(error)}") from error
    return path


def _mend(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "free some space, or name another place with --out"
    return "make the folder writable, or name another place with --out"
