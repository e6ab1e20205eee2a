from tests.fakes.plans import case, did, errors, executed, index_scan, seq_scan, warnings

RULE = "plans/rows-removed"


def test_a_full_scan_that_threw_nearly_all_away_fails_and_an_index_does_not() -> None:
    waste = executed(seq_scan(filter="(code = 'x')", actual=did(2, removed=49_998)))
    assert len(errors(RULE, case(lambda scale: seq_scan(cost=900.0 * scale), waste))) == 1
    assert errors(RULE, case(lambda _: index_scan(), executed(index_scan(actual=did(2))))) == []


def test_a_small_table_that_is_read_by_index_once_it_is_large_is_no_fault() -> None:
    waste = executed(seq_scan(filter="(code = 'x')", actual=did(2, removed=4_000)))
    assert errors(RULE, case(lambda _: index_scan(), waste)) == []


def test_a_filter_behind_an_index_is_a_warning_until_it_is_large() -> None:
    def behind(removed):
        return case(
            lambda _: index_scan(), executed(index_scan(filter="(late)", actual=did(20, removed=removed)))
        )

    assert (len(errors(RULE, behind(3_000))), len(warnings(RULE, behind(3_000)))) == (0, 1)
    assert len(errors(RULE, behind(30_000))) == 1
