from tests.fakes.plans import case, did, errors, executed, node

RULE = "plans/temp-blocks"


def test_temporary_files_fail_and_none_do_not_and_a_sorts_are_another_rules() -> None:
    def ran(**more):
        return case(None, executed(node("CTE Scan", actual=did(**more))))

    assert len(errors(RULE, ran(temp_blocks=40))) == 1
    assert errors(RULE, ran()) == []
    assert errors(RULE, ran(temp_blocks=40, sort_disk=True)) == []
