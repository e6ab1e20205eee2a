"""Every error the harness raises on purpose: its message says what, where, and how to mend it.

    HarnessError
    ├── ConfigurationError   harness.toml, a workload, an option: the caller can mend it      exit 2
    ├── EnvironmentLimit     a port, the disk, descriptors: the machine must be mended        exit 2
    ├── ServiceFailed        Postgres, Redis or the model server did not start, or died       exit 4
    ├── TargetFailed         the target did not start, is not ready, or has no contract       exit 2
    ├── RecordUnreadable     a record that is no record, or of a later version                exit 2
    └── DriverFailed         the load generator broke: nothing can be said of the target      exit 4

Only `harness.cli` prints them and turns them into exit codes.
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """What the process tells its caller; make turns all but 0 into 2, so pipelines call ci/* or harness."""

    PASS = 0
    FAIL = 1
    USAGE = 2
    INCONCLUSIVE = 3
    HARNESS_FAILED = 4


class HarnessError(Exception):
    """Something the harness was asked to do cannot be done."""

    exit_code = ExitCode.HARNESS_FAILED


class ConfigurationError(HarnessError):
    """The configuration is wrong; holds every mistake that was found, one line each."""

    exit_code = ExitCode.USAGE

    def __init__(self, *mistakes: str) -> None:
        self.mistakes = mistakes
        super().__init__("\n".join(mistakes))


class EnvironmentLimit(HarnessError):
    """The machine does not allow it: a port is taken, the disk is full, descriptors are too few."""

    exit_code = ExitCode.USAGE


class ServiceFailed(HarnessError):
    """A service of the target did not start or died; the message ends with its log's last lines."""


class TargetFailed(HarnessError):
    """The target did not start, did not become ready, or shows no readable OpenAPI document."""

    exit_code = ExitCode.USAGE


class RecordUnreadable(HarnessError):
    """A file of a run is missing, damaged, or written by a later version."""

    exit_code = ExitCode.USAGE


class DriverFailed(HarnessError):
    """The load generator broke, so that nothing can be said of the target."""
