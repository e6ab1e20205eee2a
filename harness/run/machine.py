"""What machine this is, as far as a reader of the record must know."""

import os
import platform
from pathlib import Path

import psutil

from harness.model.record import Machine


def describe_machine() -> Machine:
    """The cores this process may use, memory, kernel and interpreter."""
    return Machine(
        cpu_count=len(os.sched_getaffinity(0)),
        cpu_model=_cpu_model(),
        memory_bytes=psutil.virtual_memory().total,
        kernel=platform.release(),
        python=platform.python_version(),
    )


def _cpu_model() -> str:
    """The processor's own name; platform knows only its architecture on Linux."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
