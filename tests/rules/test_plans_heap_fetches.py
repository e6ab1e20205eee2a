from tests.fakes.plans import case, did, executed, node, warnings

RULE = "plans/heap-fetches"


def test_many_rows_fetched_behind_an_index_only_scan_are_warned() -> None:
    def ran(fetches):
        root = node("Index Only Scan", relation="orders", index="i", actual=did(5_000, heap_fetches=fetches))
        return case(None, executed(root))

    assert len(warnings(RULE, ran(4_000))) == 1
    assert warnings(RULE, ran(10)) == []
