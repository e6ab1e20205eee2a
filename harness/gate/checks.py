"""All checks there are, in the order in which a run walks them."""

from typing import Any, Final

from harness.exercise.check import CHECK as EXERCISE
from harness.indexes.check import CHECK as INDEXES
from harness.load.check import CHECK as LOAD
from harness.model.check import Check
from harness.plans.check import CHECK as PLANS

CHECKS: Final[tuple[Check[Any], ...]] = (EXERCISE, PLANS, INDEXES, LOAD)
"""A new check is a new room and one line here."""
