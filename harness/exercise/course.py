"""The course of an exercise: explore until nothing new is reached, repeat, and end what ends sessions."""

from collections.abc import Mapping, Sequence
from typing import Final

from harness.config.settings import HintSettings
from harness.exercise.asking import Asking
from harness.exercise.model import Warmth
from harness.exercise.operations import Operation
from harness.exercise.order import LAST, READING, ordered, rank, removes_everything
from harness.exercise.requests import Missing, Prepared, prepare, variants
from harness.exercise.seats import Seat, own_id
from harness.exercise.sightings import missing, sightings

ROUNDS: Final = 6
TRIES: Final = 3
CREATIONS: Final = 7
"""Most creations of one operation by one identity; what removals and actions use up comes on top."""
RENEWALS: Final = 16
INVALID: Final = frozenset({400, 409, 422})


class Course:
    """One pass over all operations; what came of it is in the tallies and failures of `asking`."""

    def __init__(
        self,
        operations: Sequence[Operation],
        seats: Sequence[Seat],
        asking: Asking,
        hints: Mapping[tuple[str, str], HintSettings],
    ) -> None:
        self._operations = ordered(operations)
        self._seats = seats
        self._asking = asking
        self._hints = hints
        self.tallies = asking.tallies
        self._left_alone()

    def _left_alone(self) -> None:
        """Operations that are not sent at all, each with its reason."""
        for operation in self._operations:
            tally = self.tallies[operation.name]
            hint = self._hints.get((operation.name, self._seats[0].identity.name))
            if hint and hint.skip:
                tally.skipped = True
                tally.refuse(f"skipped: {hint.skip}")
            elif removes_everything(operation) and not hint:
                tally.skipped = True
                tally.refuse(
                    "not sent: it would remove a whole collection; a hint for it says that it may be sent"
                )

    async def explore(self) -> None:
        """Try every operation as every identity, again and again until nothing new is reached."""
        looked = False
        for _ in range(ROUNDS):
            news = False
            for operation in self._sent(before=LAST):
                for seat in self._seats:
                    news |= await self._try(operation, seat)
            if not news and (looked or not await self._look_further()):
                return
            looked |= not news

    async def _look_further(self) -> bool:
        """Look into more parents for resources that none has shown yet; whether one now has."""
        found = False
        for seat in self._seats:
            wanted = missing(self._sent(before=LAST), seat.reached, seat.pool)
            for operation in self._sent(before=LAST) if wanted else ():
                if operation.name not in seat.reached:
                    continue
                for prepared in [*sightings(operation, seat.pool, self._hint(operation, seat), wanted)]:
                    if not self._asking.allows(operation) or any(seat.pool.known.get(one) for one in wanted):
                        break
                    await self._asking.ask(operation, seat, prepared, Warmth.COLD)
            found |= any(seat.pool.known.get(one) for one in wanted)
        return found

    async def repeat(self, repeats: int, most: int) -> None:
        """Every reached operation as every identity, cold and warm: the plain request, then other forms.

        What tells most comes first, so that a bound cuts what tells least: plain requests of all, then the
        other forms as one identity, then all of it again.
        """
        reached = [(one, seat) for one in self._sent(before=LAST) for seat in self._seats]
        reached = [(one, seat) for one, seat in reached if one.name in seat.reached]
        first: dict[str, Seat] = {}
        for operation, seat in reached:
            first.setdefault(operation.name, seat)
        await self._plains(reached)
        await self._forms([(one, seat) for one, seat in reached if first[one.name] is seat], most)
        for _ in range(repeats - 1):
            await self._plains(reached)
        await self._forms([(one, seat) for one, seat in reached if first[one.name] is not seat], most)
        for _ in range(repeats - 1):
            await self._forms([(one, seat) for one, seat in reached if one.method in READING], most)

    async def finish(self) -> None:
        """What may lock an identity out, each as another identity as long as there are any."""
        for number, operation in enumerate(one for one in self._operations if rank(one) == LAST):
            if self.tallies[operation.name].skipped:
                continue
            turn = number % len(self._seats)
            for seat in (*self._seats[turn:], *self._seats[:turn]):
                if seat.ended or self.tallies[operation.name].reached:
                    continue
                if await self._try(operation, seat):
                    seat.ended = True

    def _sent(self, *, before: int) -> Sequence[Operation]:
        return [one for one in self._operations if rank(one) < before and not self.tallies[one.name].skipped]

    async def _try(self, operation: Operation, seat: Seat) -> bool:
        """Try an operation that this identity has not reached; whether it now has."""
        if operation.name in seat.reached or seat.tries[operation.name] >= TRIES:
            return False
        prepared = await self._prepare(operation, seat)
        if not prepared:
            return False
        if not self._asking.allows(operation):
            self._refuse(operation, "not sent: the bound of the exercise was reached before")
            return False
        seat.tries[operation.name] += 1
        reply = await self._asking.ask(operation, seat, prepared, Warmth.COLD)
        if reply.call.status in INVALID and prepared.body is not None:
            for fuller in self._fuller(operation, seat, prepared):
                reply = await self._asking.ask(operation, seat, fuller, Warmth.COLD)
        if reply.call.status in INVALID and operation.method not in {*READING, "DELETE"}:
            return await self._anew(operation, seat, Warmth.COLD, self._asking.next_instance())
        return reply.ok

    def _fuller(self, operation: Operation, seat: Seat, plain: Prepared) -> list[Prepared]:
        """One form of the request with more in its body: servers require what contracts call optional."""
        if not isinstance(plain.body, dict):
            return []
        number = seat.next_number(operation.name)
        forms = variants(operation, seat.pool, self._hint(operation, seat), number)
        bodies = [one for one in forms if isinstance(one.body, dict) and len(one.body) > len(plain.body)]
        return sorted(bodies, key=lambda one: -len(one.body))[:1]

    async def _plains(self, reached: Sequence[tuple[Operation, Seat]]) -> None:
        for operation, seat in reached:
            await self._plain(operation, seat)

    async def _plain(self, operation: Operation, seat: Seat) -> None:
        """One cold and one warm request, on the same instance."""
        instance = self._asking.next_instance()
        for warmth in (Warmth.COLD, Warmth.WARM):
            if not self._may_create(operation, seat):
                return
            prepared = await self._prepare(operation, seat)
            if not prepared or not self._asking.allows(operation):
                return
            reply = await self._asking.ask(operation, seat, prepared, warmth, instance=instance)
            if reply.call.status in INVALID and operation.method != "DELETE":
                await self._anew(operation, seat, warmth, instance)

    async def _anew(self, operation: Operation, seat: Seat, warmth: Warmth, instance: int) -> bool:
        """An action that a resource takes but once, on a fresh one; whether it worked there."""
        hint = await self._renew(operation, seat)
        if not hint or not self._asking.allows(operation):
            return False
        prepared = prepare(operation, seat.pool, hint, seat.next_number(operation.name))
        if isinstance(prepared, Missing):
            return False
        return (await self._asking.ask(operation, seat, prepared, warmth, instance=instance)).ok

    async def _forms(self, reached: Sequence[tuple[Operation, Seat]], most: int) -> None:
        """Other forms of the requests, one of each operation in turn."""
        forms = [
            (operation, seat, variants(operation, seat.pool, self._hint(operation, seat), number, most=most))
            for operation, seat in reached
            if operation.method != "DELETE"
            for number in (seat.next_number(operation.name),)
        ]
        for index in range(max((len(each) for _, _, each in forms), default=0)):
            for operation, seat, each in forms:
                if index >= len(each) or not self._may_create(operation, seat):
                    continue
                instance = self._asking.next_instance()
                warmths = (Warmth.COLD, Warmth.WARM) if operation.method in READING else (Warmth.COLD,)
                for warmth in warmths:
                    if self._asking.allows(operation):
                        await self._asking.ask(operation, seat, each[index], warmth, instance=instance)

    async def _prepare(self, operation: Operation, seat: Seat) -> Prepared | None:
        """The plain request; what a DELETE removes is made for it, so that nothing else hangs on that."""
        hint = self._hint(operation, seat)
        removes = operation.method == "DELETE" and "{" in operation.path and not (hint and hint.path)
        if removes:
            hint = await self._renew(operation, seat) or hint
        prepared = prepare(operation, seat.pool, hint, seat.next_number(operation.name))
        if isinstance(prepared, Missing):
            self._refuse(operation, f"no value for {prepared.argument}: {prepared.reason}")
            return None
        if removes and not seat.has_made(operation.path, prepared.target):
            self._refuse(operation, "not sent: the exercise could make nothing that it may remove")
            return None
        return prepared

    async def _renew(self, operation: Operation, seat: Seat) -> HintSettings | None:
        """Make another of the resources that the operation's path names, the last one that can be made.

        The answer is a hint that has the operation use it, None where nothing could be made.
        """
        making, parameter = self._making(operation)
        key = f"for {operation.name}"
        if making is None or seat.creations[key] >= RENEWALS or not self._asking.allows(making):
            return None
        seat.creations[key] += 1
        prepared = prepare(making, seat.pool, self._hint(making, seat), seat.next_number(making.name))
        if isinstance(prepared, Missing):
            return None
        reply = await self._asking.ask(making, seat, prepared, Warmth.COLD)
        seat.creations[making.name] -= reply.ok  # what is used up does not count
        made = own_id(reply.value, reply.location, parameter) if reply.ok else ""
        hint = self._hint(operation, seat) or HintSettings()
        return hint.model_copy(update={"path": {parameter: made, **hint.path}}) if made else None

    def _making(self, operation: Operation) -> tuple[Operation | None, str]:
        """Which operation makes what the path names, and the parameter that it is named by."""
        creating = {one.path.rstrip("/"): one for one in self._operations if one.method == "POST"}
        path = operation.path
        while "{" in path:
            path, _, rest = path.rpartition("{")
            if path.rstrip("/") in creating:
                return creating[path.rstrip("/")], rest.partition("}")[0]
        return None, ""

    def _refuse(self, operation: Operation, reason: str) -> None:
        self.tallies[operation.name].refuse(reason)

    def _may_create(self, operation: Operation, seat: Seat) -> bool:
        creates = operation.method == "POST" and not operation.path.rstrip("/").endswith("}")
        return not creates or seat.creations[operation.name] < CREATIONS

    def _hint(self, operation: Operation, seat: Seat) -> HintSettings | None:
        return self._hints.get((operation.name, seat.identity.name))
