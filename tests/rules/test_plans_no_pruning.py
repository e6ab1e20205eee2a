from tests.fakes.plans import case, node, seq_scan, warnings

RULE = "plans/no-pruning"


def append(members, **more):
    scans = [seq_scan(f"orders_2026_{number}") for number in range(members)]
    return case(lambda _: node("Append", *scans, cost=9_000.0, **more))


def test_reading_all_partitions_is_warned_and_leaving_some_out_is_not() -> None:
    assert len(warnings(RULE, append(12))) == 1
    assert warnings(RULE, append(12, subplans_removed=11)) == []
    assert warnings(RULE, append(2)) == []
