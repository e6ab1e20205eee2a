"""Indexes as a check: missing, double, unused, broken ones, and those that nothing would miss."""

from harness.indexes.judge import judge
from harness.indexes.measure import measure
from harness.indexes.model import IndexesMeasurement
from harness.model.check import Check, Needs

CHECK = Check(
    name="indexes",
    needs=Needs(services=("postgres",), identities=1, disposable=True, wires=True, exercise=True),
    measurement=IndexesMeasurement,
    measure=measure,
    judge=judge,
)
