"""What an exercise did, operation by operation, as reports show it."""

from dataclasses import dataclass

from harness.exercise.measurement import ExerciseMeasurement, RouteWork
from harness.exercise.model import Reached, Warmth
from harness.model.record import Record
from harness.report.measurements import measurement_of


@dataclass(frozen=True, kw_only=True)
class OperationView:
    """One operation. `cold` and `warm` are distinct statements of answered requests; None where none was.

    `hits` and `lookups` count Redis commands that read a key, of warm requests.
    """

    reached: Reached
    requests: int
    cold: int | None
    warm: int | None
    hits: int
    lookups: int

    @property
    def statuses(self) -> str:
        """`200 ×63, 404 ×2`; `no answer` for status 0."""
        return ", ".join(
            f"{'no answer' if status == '0' else status} ×{count:,}"
            for status, count in self.reached.statuses.items()
        )


@dataclass(frozen=True, kw_only=True)
class ExerciseView:
    """What `exercise` measured, in the order of the contract."""

    measurement: ExerciseMeasurement
    operations: tuple[OperationView, ...]

    @property
    def reached(self) -> int:
        """Operations that were answered as their contract says."""
        return sum(1 for one in self.measurement.operations if one.reached)

    @property
    def unreached(self) -> tuple[Reached, ...]:
        """Those that were not."""
        return tuple(one for one in self.measurement.operations if not one.reached)

    @property
    def distinct(self) -> int:
        """Statements that differ by more than their values, of routes, behind them and unasked."""
        found = {one.fingerprint for one in self.measurement.idle}
        for work in self.measurement.routes:
            found |= {one.fingerprint for one in (*work.statements, *work.after)}
        return len(found)


def exercise_of(record: Record) -> ExerciseView | None:
    """The exercise of a record; None where it has none. Raises RecordUnreadable where it is damaged."""
    measurement = measurement_of(record, "exercise", ExerciseMeasurement)
    if measurement is None:
        return None
    works = {(work.operation, work.warmth): work for work in measurement.routes}
    return ExerciseView(
        measurement=measurement,
        operations=tuple(
            _operation(one, works.get((one.operation, Warmth.COLD)), works.get((one.operation, Warmth.WARM)))
            for one in measurement.operations
        ),
    )


def _operation(reached: Reached, cold: RouteWork | None, warm: RouteWork | None) -> OperationView:
    commands = warm.commands if warm else ()
    hits = sum(command.hits for command in commands)
    return OperationView(
        reached=reached,
        requests=sum(reached.statuses.values()),
        cold=len(cold.statements) if cold else None,
        warm=len(warm.statements) if warm else None,
        hits=hits,
        lookups=hits + sum(command.misses for command in commands),
    )
