"""The exercise as a check: how far it got, and whether the wires are to be trusted."""

from harness.exercise.judge import judge
from harness.exercise.measure import measure
from harness.exercise.measurement import ExerciseMeasurement
from harness.model.check import Check, Needs

CHECK = Check(
    name="exercise",
    needs=Needs(identities=1, disposable=True, wires=True),
    measurement=ExerciseMeasurement,
    measure=measure,
    judge=judge,
)
