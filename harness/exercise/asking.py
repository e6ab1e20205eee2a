"""Asking: a request is sent, its answer learned from and counted, and repeated where that is worth it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from harness.exercise.bound import Bound
from harness.exercise.model import Failure, Warmth
from harness.exercise.operations import Operation
from harness.exercise.requests import Prepared
from harness.exercise.seats import Seat, Tally
from harness.exercise.session import Reply, Session
from harness.target.target import Identity

FAILURES: Final = 3
UNAUTHORIZED: Final = 401
TOO_MANY: Final = 429
WAITS_S: Final = 3.0
SERVER_ERROR: Final = 500
NOT_IMPLEMENTED: Final = 501
UNAVAILABLE: Final = 503

SignIn = Callable[[Identity], Awaitable[Identity | None]]
"""Fresh credentials of an identity, None where it has fixed ones or is refused."""


class Asking:
    """The session within its bound; `tallies` by operation and `failures` are what came of it."""

    def __init__(
        self, operations: Iterable[Operation], session: Session, bound: Bound, sign_in_again: SignIn
    ) -> None:
        self._session = session
        self._bound = bound
        self._sign_in_again = sign_in_again
        self._turn = 0
        self.tallies = {operation.name: Tally() for operation in operations}
        self.failures: list[Failure] = []

    def allows(self, operation: Operation) -> bool:
        """Whether one more request of it may be sent; notes where not."""
        return self._bound.allows(operation.name, self.tallies[operation.name].took_s)

    def next_instance(self) -> int:
        """The instances in turn."""
        self._turn += 1
        return self._turn % self._session.instances

    async def ask(
        self,
        operation: Operation,
        seat: Seat,
        prepared: Prepared,
        warmth: Warmth,
        *,
        instance: int | None = None,
    ) -> Reply:
        """Send, learn, and keep count."""
        turn = self.next_instance() if instance is None else instance
        reply = await self._send(operation, seat, prepared, warmth, turn)
        tally = self.tallies[operation.name]
        status = reply.call.status
        tally.statuses[str(status)] += 1
        tally.took_s += reply.call.ended_s - reply.call.started_s
        seat.pool.learn(operation.name, prepared.target, status, reply.value, prepared.body, reply.location)
        if reply.ok or (str(status) in operation.answers and 300 <= status < 400):  # noqa: PLR2004 - 3xx
            tally.reached = True
            seat.reached.add(operation.name)
            _take_note(operation, seat, prepared, reply)
        else:
            request = f"{operation.method} {prepared.target}"
            tally.answer(f"{request} as {seat.identity.name}: {status or ''} {reply.words}")
        if status >= SERVER_ERROR or not status:
            self._fail(operation, seat, prepared, reply)
        return reply

    async def _send(
        self, operation: Operation, seat: Seat, prepared: Prepared, warmth: Warmth, instance: int
    ) -> Reply:
        reply = await self._once(seat, prepared, warmth, instance)
        known = operation.name in seat.reached and not seat.ended
        # It was allowed before: the token has expired, or signing in elsewhere has ended it.
        if (
            reply.call.status == UNAUTHORIZED
            and known
            and (fresh := await self._sign_in_again(seat.identity))
        ):
            seat.identity = fresh
            reply = await self._once(seat, prepared, warmth, instance)
        if reply.call.status == TOO_MANY and reply.retry_after_s and reply.retry_after_s <= WAITS_S:
            await asyncio.sleep(reply.retry_after_s)  # the server's own word for when it may be asked again
            reply = await self._once(seat, prepared, warmth, instance)
        return reply

    async def _once(self, seat: Seat, prepared: Prepared, warmth: Warmth, instance: int) -> Reply:
        self._bound.sent += 1
        return await self._session.send(seat.identity, prepared, warmth, instance)

    def _fail(self, operation: Operation, seat: Seat, prepared: Prepared, reply: Reply) -> None:
        if sum(one.operation == operation.name for one in self.failures) >= FAILURES:
            return
        status = reply.call.status
        self.failures.append(
            Failure(
                operation=operation.name,
                identity=seat.identity.name,
                request=f"{operation.method} {prepared.target}",
                status=status,
                answer=reply.words,
                refused=status == NOT_IMPLEMENTED
                or (status == UNAVAILABLE and reply.retry_after_s is not None),
            )
        )


def _take_note(operation: Operation, seat: Seat, prepared: Prepared, reply: Reply) -> None:
    """Remember what has been made, and what is gone."""
    if operation.method == "POST":
        seat.creations[operation.name] += 1
        seat.note_made(reply.value, reply.location)
    if operation.method == "DELETE" and operation.path.rstrip("/").endswith("}"):
        seat.pool.forget(operation.path, prepared.target.partition("?")[0].rpartition("/")[2])
