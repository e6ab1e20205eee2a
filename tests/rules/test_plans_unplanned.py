from harness.model.finding import Effect
from harness.planner.model import Unplanned
from harness.plans.judge import judge
from tests.fakes.plans import STATEMENT, measurement, policy, statement

RULE = "plans/unplanned"


MISSING = Unplanned(fingerprint=STATEMENT, sql="SELECT 1 FROM gone", reason='relation "gone" does not exist')


def found(**more):
    return [one for one in judge(measurement(**more), policy()) if one.rule == RULE]


def test_a_statement_without_plan_is_told_in_the_servers_words() -> None:
    many = tuple(statement(fingerprint=f"{number:012}") for number in range(20))
    (one,) = found(unplanned=(MISSING,), statements=many)
    assert 'relation "gone" does not exist' in one.detail
    assert one.effect == Effect.NONE
    assert found() == []


def test_more_than_a_tenth_makes_the_verdict_inconclusive() -> None:
    assert [one.effect for one in found(unplanned=(MISSING,))] == [Effect.INCONCLUSIVE]
