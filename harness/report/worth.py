"""What the indexes are good for, as reports show it."""

from dataclasses import dataclass

from harness.indexes.judge import is_dead_weight
from harness.indexes.model import IndexesMeasurement, IndexWorth
from harness.model.record import Record
from harness.report.measurements import measurement_of


@dataclass(frozen=True, kw_only=True)
class IndexesView:
    """What `indexes` measured; `worth` has those first whose loss would cost most."""

    measurement: IndexesMeasurement
    worth: tuple[IndexWorth, ...]

    @property
    def missed(self) -> int:
        """Indexes without which some statement is planned worse."""
        return sum(1 for one in self.worth if one.losses)

    @property
    def enforcing(self) -> int:
        """Indexes that keep a rule of the schema, whatever plans say."""
        return sum(1 for one in self.worth if one.enforces)

    @property
    def idle(self) -> tuple[IndexWorth, ...]:
        """Indexes that no plan misses and that enforce nothing."""
        return tuple(one for one in self.worth if is_dead_weight(one))


def indexes_of(record: Record) -> IndexesView | None:
    """The indexes of a record; None where it has none. Raises RecordUnreadable where they are damaged."""
    measurement = measurement_of(record, "indexes", IndexesMeasurement)
    if measurement is None:
        return None
    worth = sorted(
        measurement.worth,
        key=lambda one: (
            -max((loss.cost_after for loss in one.losses), default=0.0),
            not one.enforces,
            one.name,
        ),
    )
    return IndexesView(measurement=measurement, worth=tuple(worth))
