"""Parameters that might have been sent."""

from harness.planner.parameters import ABSENT_TEXT, ABSENT_UUID, Values, further_bindings, known_values
from harness.planner.syntax import read_syntax
from harness.wires.model import BINARY, Parameter
from harness.wires.statements import Binding, Setting

KNOWN = {
    ("orders", "tenant_id"): Values(oid=2950, common=("t-big", "t-middle", "t-small")),
    ("orders", "number"): Values(oid=20, bounds=("1", "500", "999")),
    ("orders", "state"): Values(oid=25, common=("closed", "open"), bounds=()),
    ("orders", "paid"): Values(oid=16, common=("t", "f")),
}
SETTINGS = (Setting("SET ROLE app"),)


def bindings(condition: str, *parameters: Parameter) -> dict[str, tuple[bytes | None, ...]]:
    real = Binding("real", parameters, SETTINGS)
    found = further_bindings(real, read_syntax(f"SELECT 1 FROM orders WHERE {condition}", {}), KNOWN)
    assert all(binding.settings == SETTINGS for binding in found)
    return {binding.label: tuple(parameter.value for parameter in binding.parameters) for binding in found}


def test_what_is_compared_for_equality_is_replaced_and_the_rest_stays() -> None:
    found = bindings(
        "tenant_id = $1 AND number = $2 AND total > $3", Parameter(b"x"), Parameter(b"7"), Parameter(b"100")
    )
    assert found == {
        "common": (b"t-big", b"500", b"100"),
        "rare": (b"t-small", b"500", b"100"),
        "absent": (ABSENT_UUID.encode(), b"1000999", b"100"),
    }


def test_values_are_text_of_the_type_that_the_client_declared() -> None:
    real = Binding("real", (Parameter((7).to_bytes(4), BINARY, 23),))
    syntax = read_syntax("SELECT 1 FROM orders WHERE number = $1", {})
    assert [binding.parameters[0] for binding in further_bindings(real, syntax, KNOWN)] == [
        Parameter(b"500", oid=23),
        Parameter(b"1000999", oid=23),
    ]


def test_a_greater_number_has_the_type_that_holds_it() -> None:
    real = Binding("real", (Parameter(b"7", oid=21), Parameter(b"7", oid=23)))
    syntax = read_syntax("SELECT 1 FROM orders WHERE number = $1 AND price = $2", {})
    known = {
        ("orders", "number"): Values(oid=20, common=("8", "40000"), bounds=()),
        ("orders", "price"): Values(oid=1700, common=("5000000000", "1.50")),
    }
    common, rare, _ = further_bindings(real, syntax, known)
    assert common.parameters == (Parameter(b"8", oid=21), Parameter(b"5000000000", oid=20))
    assert rare.parameters == (Parameter(b"40000", oid=23), Parameter(b"1.50", oid=1700))


def test_a_column_without_common_values_has_no_most_common_one() -> None:
    assert set(bindings("number = $1", Parameter(b"7"))) == {"rare", "absent"}


def test_a_type_of_few_values_has_no_absent_one() -> None:
    assert bindings("paid = $1", Parameter(b"x")) == {"common": (b"t",), "rare": (b"f",)}


def test_text_that_is_not_there_is_no_word_of_the_column() -> None:
    assert bindings("state = $1", Parameter(b"x"))["absent"] == (ABSENT_TEXT.encode(),)


def test_nothing_is_replaced_where_nothing_is_compared_with_a_plain_column() -> None:
    assert bindings("lower(state) = $1 AND number > $2", Parameter(b"open"), Parameter(b"1")) == {}
    assert bindings("NOT number = $1", Parameter(b"1")) == {}


def test_a_binding_that_is_the_real_one_is_not_asked_again() -> None:
    assert set(bindings("state = $1", Parameter(b"closed"))) == {"rare", "absent"}


def test_of_two_tables_of_one_name_the_first_told_counts() -> None:
    row = {"relation": "orders", "column": "id", "oid": 20, "bounds": None}
    known = known_values([row | {"common": ["1", None]}, row | {"common": ["2"]}])
    assert known == {("orders", "id"): Values(oid=20, common=("1",))}
