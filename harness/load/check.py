"""The timed load as a check."""

from harness.load.judge import judge
from harness.load.measure import measure
from harness.load.model import LoadMeasurement
from harness.model.check import Check, Needs

CHECK = Check(
    name="load",
    needs=Needs(disposable=True, sections=("load",)),
    measurement=LoadMeasurement,
    measure=measure,
    judge=judge,
)
