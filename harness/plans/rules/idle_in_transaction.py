"""A transaction stays open while nobody works in it."""

from collections.abc import Iterator
from typing import Final

from harness.planner.rules.case import Violation
from harness.plans.requests import LONG_WAIT_S
from harness.plans.rules.route import RouteWork

RULE: Final = "plans/idle-in-transaction"
LEAST_SHARE: Final = 0.5
"""Share of a route's requests; a single pause is a busy machine's."""


def violations(route: RouteWork) -> Iterator[Violation]:
    """Transactions still open once the target is quiet, or paused for LONG_WAIT_S, in half of the requests.

    0.2 s is a hundred times what a statement of a point or page takes: the target waits for something else.
    """
    answered = list(route.answered())
    times = sum(request.times for request in answered)
    left = sum(request.times for request in answered if request.left_open)
    waited = sum(request.times for request in answered if request.waited_s > LONG_WAIT_S)
    if left and left >= LEAST_SHARE * times:
        yield Violation(
            rule=RULE,
            fingerprint="",
            error=True,
            detail=(
                f"Leaves its transaction open after {left} of {times} answers: it keeps its locks, its "
                "connection, and dead rows from being vacuumed."
            ),
            remedy="End the transaction before answering, also where nothing was written.",
        )
    elif waited and waited >= LEAST_SHARE * times:
        longest = max(request.waited_s for request in answered)
        yield Violation(
            rule=RULE,
            fingerprint="",
            error=True,
            detail=(
                f"Waits inside an open transaction, up to {longest:.1f} s between two statements, "
                f"in {waited} of {times} requests."
            ),
            remedy="Call other services, models and mail before the transaction begins or after it ended.",
        )
