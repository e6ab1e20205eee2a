from harness.model.policy import RouteClass
from tests.fakes.plans import case, did, errors, executed, index_scan, node, warnings

RULE = "plans/hash-spill"


def test_going_to_disk_fails_and_staying_in_memory_does_not() -> None:
    def ran(**more):
        return executed(
            node("Hash", index_scan(actual=did()), rows=9_000, sort_key=("total",), actual=did(**more))
        )

    assert len(errors(RULE, case(None, ran(batches=4)))) == 1
    assert errors(RULE, case(None, ran())) == []
    report = case(None, ran(batches=4), route_class=RouteClass.REPORT)
    assert (len(errors(RULE, report)), len(warnings(RULE, report))) == (0, 1)
