"""The measurements of a record, each as the type of its own check."""

from typing import TypeVar

import msgspec
from msgspec import Struct

from harness.errors import RecordUnreadable
from harness.model.record import Record

M = TypeVar("M", bound=Struct)


def measurement_of(record: Record, check: str, kind: type[M]) -> M | None:
    """What `check` measured; None where it did not run. Raises RecordUnreadable where it is damaged."""
    raw = record.measurements.get(check)
    if raw is None:
        return None
    try:
        return msgspec.json.decode(raw, type=kind)
    except msgspec.DecodeError as error:
        raise RecordUnreadable(
            f"record of run {record.run}: the measurement of `{check}` is damaged: {error}"
        ) from error
