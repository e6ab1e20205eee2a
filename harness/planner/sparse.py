"""Relation files made longer without using the disk: the planner asks the file system for their size."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from harness.planner.pages import PAGE_BYTES
from harness.planner.scaling import Extent

SEGMENT_PAGES: Final = 131_072
"""1 GiB: Postgres goes on in `path.1`, `path.2`, …, and stops at the first file that is shorter."""


def extend_files(data: Path, extents: Iterable[Extent]) -> None:
    """Let each file have its pages; holes read as zeros, which Postgres takes for new, empty pages.

    New segments belong to the owner of the first. Files are never shortened.
    """
    for extent in extents:
        first = data / extent.path
        owner = first.stat()
        left = extent.pages
        for number in range(-(-extent.pages // SEGMENT_PAGES)):
            path = first if number == 0 else first.with_name(f"{first.name}.{number}")
            wanted = min(left, SEGMENT_PAGES) * PAGE_BYTES
            left -= SEGMENT_PAGES
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                if os.fstat(descriptor).st_size < wanted:
                    os.ftruncate(descriptor, wanted)
                if number and os.geteuid() == 0:
                    os.fchown(descriptor, owner.st_uid, owner.st_gid)
            finally:
                os.close(descriptor)
