"""The command line; nothing else of the harness prints errors or exits."""

import sys

from harness.cli.commands import app
from harness.errors import ExitCode


def main() -> None:
    """Run the command line; any crash is exit 4, never the 1 of a failed verdict."""
    try:
        app()
    except Exception:  # noqa: BLE001 - whatever broke, the harness broke, and the caller must know
        import traceback  # noqa: PLC0415 - only a crash needs it

        traceback.print_exc()
        sys.exit(int(ExitCode.HARNESS_FAILED))
