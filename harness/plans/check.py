"""Statements judged at scale, as a check."""

from harness.model.check import Check, Needs
from harness.plans.judge import judge
from harness.plans.measure import measure
from harness.plans.model import PlansMeasurement

CHECK = Check(
    name="plans",
    needs=Needs(services=("postgres",), identities=1, disposable=True, wires=True, exercise=True),
    measurement=PlansMeasurement,
    measure=measure,
    judge=judge,
)
