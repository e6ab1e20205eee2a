"""Which statements are worth a trial, and which indexes are worth telling."""

from harness.plans.suggestions import holds_a_value, is_mended, wanted
from harness.statements.cases import promises_of
from tests.fakes.plans import STATEMENT, case, index_scan, measurement, plans, policy, seq_scan


def slow(scale):
    return seq_scan(cost=1_000.0 * scale, filter="(code = $2)")


def test_a_broken_statement_is_wanted_once_with_its_table_and_a_sound_one_is_not() -> None:
    broken = measurement(plans=plans(slow))
    (want,) = wanted(broken, promises_of(policy(), broken))
    assert (want.case.fingerprint, want.tables) == (STATEMENT, ("orders",))
    sound = measurement(plans=plans(lambda _: index_scan()))
    assert wanted(sound, promises_of(policy(), sound)) == ()


def test_mended_is_what_breaks_no_rule_that_an_index_satisfies() -> None:
    assert not is_mended(case(slow))
    assert is_mended(case(lambda _: index_scan()))


def test_an_index_over_one_requests_value_is_not_told() -> None:
    assert holds_a_value("CREATE INDEX i ON orders (shop_id, (position('han' IN name)))")
    assert not holds_a_value("CREATE INDEX i ON orders (shop_id, ((body ->> 'kind')))")
    assert not holds_a_value("CREATE INDEX i ON orders (shop_id, code) WHERE status = 'open'")
