"""The log of a wire's events on disk: frames of msgpack, each after its length in four bytes.

One process appends, others read at any time: a frame that is not whole yet is left for later.
"""

from pathlib import Path
from typing import Final

import msgspec

from harness.wires.model import Event

LENGTH_BYTES: Final = 4
ENCODER: Final = msgspec.msgpack.Encoder()
DECODER: Final = msgspec.msgpack.Decoder(Event)


class LogWriter:
    """Appends events to a new file; `count` is how many. What is added is on disk after `flush`."""

    def __init__(self, path: Path) -> None:
        self.count = 0
        self._file = path.open("wb", buffering=0)
        self._pending = bytearray()

    def add(self, event: Event) -> None:
        """Append one event; in memory until the next flush."""
        frame = ENCODER.encode(event)
        self._pending += len(frame).to_bytes(LENGTH_BYTES, "big")
        self._pending += frame
        self.count += 1

    def flush(self) -> None:
        """Write what was added. Raises OSError where the disk refuses; nothing is lost by that."""
        while self._pending:
            written = self._file.write(self._pending)
            del self._pending[:written]

    def close(self) -> None:
        """Flush and close."""
        try:
            self.flush()
        finally:
            self._file.close()


class LogReader:
    """Reads a log from where it stopped last: asking again and again costs what is new only."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._count = 0
        self._offset = 0

    def read(self, skip: int) -> list[Event]:
        """Events after the first `skip`; a torn last frame is left out. Raises OSError."""
        if skip < self._count:
            self._count, self._offset = 0, 0
        with self._path.open("rb") as file:
            file.seek(self._offset)
            data = file.read()
        events: list[Event] = []
        view, position = memoryview(data), 0
        while (begin := position + LENGTH_BYTES) <= len(data):
            end = begin + int.from_bytes(view[position:begin], "big")
            if end > len(data):
                break
            if self._count < skip:
                self._count += 1
                self._offset += end - position
            else:
                events.append(DECODER.decode(view[begin:end]))
            position = end
        return events


def read_events(path: Path, skip: int = 0) -> list[Event]:
    """The events of a log after its first `skip`; a torn last frame is left out. Raises OSError."""
    return LogReader(path).read(skip)
