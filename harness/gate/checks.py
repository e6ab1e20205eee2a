"""All checks there are, in the order in which a run walks them."""

from typing import Any, Final

from harness.load.check import CHECK as LOAD
from harness.model.check import Check

CHECKS: Final[tuple[Check[Any], ...]] = (LOAD,)
"""A new check is a new room and one line here."""
