from tests.fakes.plans import case, did, executed, node, warnings

RULE = "plans/cte-scan"


def test_a_large_cte_is_warned_and_a_small_one_is_not() -> None:
    def ran(rows):
        return case(None, executed(node("CTE Scan", cte="recent", actual=did(rows))))

    assert len(warnings(RULE, ran(5_000))) == 1
    assert warnings(RULE, ran(50)) == []
