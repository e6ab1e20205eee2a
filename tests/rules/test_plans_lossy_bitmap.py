from tests.fakes.plans import case, did, executed, node, warnings

RULE = "plans/lossy-bitmap"


def test_lossy_pages_are_warned_and_exact_ones_are_not() -> None:
    def ran(**more):
        return case(None, executed(node("Bitmap Heap Scan", relation="orders", actual=did(**more))))

    assert len(warnings(RULE, ran(lossy_blocks=10))) == 1
    assert warnings(RULE, ran(exact_blocks=10)) == []
