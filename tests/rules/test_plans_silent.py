from harness.model.finding import Effect
from harness.plans.judge import judge
from tests.fakes.plans import measurement, policy

RULE = "plans/silent"


def test_a_silent_wire_is_inconclusive_and_one_that_speaks_is_not() -> None:
    found = [one for one in judge(measurement(wire_silent=True, statements=()), policy()) if one.rule == RULE]
    assert [one.effect for one in found] == [Effect.INCONCLUSIVE]
    assert [one for one in judge(measurement(), policy()) if one.rule == RULE] == []
