"""What the machine must offer before anything is started."""

import os
import resource
from pathlib import Path
from typing import Final

from harness.errors import EnvironmentLimit

SPARE_DESCRIPTORS: Final = 512
"""Beside one connection per user: files, pipes, the interpreter, connections to services."""
LEAST_FREE_BYTES: Final = 1 << 30
"""Clusters are 40 MB, the seeded one of the full load about 300 MB, its write-ahead log as much again."""


def preflight(users: int) -> None:
    """Raise the soft limit on open files to what `users` connections need.

    Raises EnvironmentLimit where the hard limit is below it.
    """
    needed = users + SPARE_DESCRIPTORS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise EnvironmentLimit(
            f"{users} users need {needed} open files, and this process may have {hard}; raise the limit: "
            f"as root `ulimit -Hn {needed}`, or `* hard nofile {needed}` in /etc/security/limits.conf and "
            f"a new login, or `docker run --ulimit nofile={needed}`; or load with fewer users"
        )
    if soft != resource.RLIM_INFINITY and soft < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


def free_disk(*folders: Path) -> None:
    """Raise EnvironmentLimit where a folder's disk has less than 1 GiB free for the harness."""
    for folder in folders:
        disk = os.statvfs(folder)
        free_bytes = disk.f_bavail * disk.f_frsize
        if free_bytes < LEAST_FREE_BYTES:
            raise EnvironmentLimit(
                f"The disk of {folder} has {free_bytes >> 20} MiB free, and a run needs "
                f"{LEAST_FREE_BYTES >> 20}; free some, or set HARNESS_CACHE and --out to another disk"
            )
