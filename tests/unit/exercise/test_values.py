import re
from datetime import date

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from harness.exercise.schema import References
from harness.exercise.values import NONE, Absent, Maker


def made(schema, *path, number=0, example=NONE, **rest):
    resolved = References({}).schema(schema, "here")
    return Maker(operation="POST /things", number=number, **rest).value(resolved, path or ("body",), example)


strings = some.fixed_dictionaries(
    {"type": some.just("string")},
    optional={"minLength": some.integers(0, 12), "maxLength": some.integers(12, 40)},
)
patterned = some.builds(
    lambda pattern: {"type": "string", "pattern": pattern},
    some.sampled_from([r"^[A-Z]{2}\d{3,6}$", r"^\+?\d{7,15}$", r"^[a-z]+(_[a-z]+)*$", r"^(on|off)$"]),
)
integers = some.fixed_dictionaries(
    {"type": some.just("integer")},
    optional={
        "minimum": some.integers(-50, 50),
        "maximum": some.integers(60, 900),
        "multipleOf": some.sampled_from([1, 2, 5]),
    },
)
numbers = some.fixed_dictionaries(
    {"type": some.just("number")},
    optional={
        "exclusiveMinimum": some.integers(-5, 5),
        "exclusiveMaximum": some.sampled_from([6, 7.5, 1000]),
    },
)
choices = some.builds(lambda values: {"enum": values}, some.lists(some.integers(), min_size=1, max_size=3))
leaves = strings | patterned | integers | numbers | choices | some.just({"type": "boolean"})
names = some.sampled_from(["name", "email", "startDate", "quantity", "price", "url", "country", "note", "x"])


def containers(inner):
    arrays = some.builds(
        lambda items, least: {"type": "array", "items": items, "minItems": least, "maxItems": least + 2},
        inner,
        some.integers(0, 2),
    )
    objects = some.dictionaries(names, inner, max_size=3).flatmap(
        lambda properties: some.builds(
            lambda required: {"type": "object", "properties": properties, "required": required},
            some.lists(some.sampled_from(sorted(properties)), unique=True) if properties else some.just([]),
        )
    )
    return arrays | objects | some.builds(lambda one: {"anyOf": [one, {"type": "null"}]}, inner)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(some.recursive(leaves, containers, max_leaves=6), some.integers(0, 99), some.booleans())
def test_what_is_made_for_a_schema_is_valid(schema, number, full):
    value = made(schema, number=number, full=full)
    jsonschema.validate(value, schema)


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("uuid", r"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"),
        ("date", r"\d{4}-\d\d-\d\d"),
        ("date-time", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"),
        ("time", r"\d\d:\d\d:\d\d\+00:00"),
        ("email", r"[a-z0-9]+@example\.com"),
        ("uri", r"http://127\.0\.0\.1:9/[a-z0-9]+"),
        ("hostname", r"[a-z0-9]+\.example\.com"),
        ("ipv4", r"192\.0\.2\.\d+"),
        ("ipv6", r"2001:db8::[0-9a-f]+"),
        ("byte", r"[A-Za-z0-9+/]+=*"),
        ("decimal", r"\d+\.\d\d"),
        ("password", r"Aa1!.{8,}"),
    ],
)
def test_a_format_is_kept(form, expected):
    assert re.fullmatch(expected, made({"type": "string", "format": form}))


@pytest.mark.parametrize("name", ["callback_url", "webhookUrl", "endpoint", "website"])
def test_addresses_point_at_nobody(name):
    schema = {"type": "string", "pattern": "^https?://"}
    assert made(schema, "body", name).startswith("http://127.0.0.1:9/")


def test_another_number_makes_other_unique_values_and_the_same_makes_the_same():
    schema = {
        "type": "object",
        "required": ["email", "name", "code"],
        "properties": {
            "email": {"type": "string", "format": "email"},
            "name": {"type": "string", "maxLength": 30},
            "code": {"type": "string", "pattern": "^[A-Z]{3}-[0-9]{4}$"},
        },
    }
    first, again, other = made(schema), made(schema), made(schema, number=1)
    assert first == again
    assert all(first[name] != other[name] for name in first)


def test_an_example_that_must_be_unique_is_varied_and_others_stay():
    schema = {
        "type": "object",
        "properties": {
            "email": {"type": "string"},
            "sku": {"type": "string"},
            "city": {"type": "string"},
            "quantity": {"type": "integer"},
        },
    }
    example = {"email": "asha@traders.example", "sku": "AB-1", "city": "Pune", "quantity": 8}
    value = made(schema, example=example, number=4)
    assert value["city"] == "Pune"
    assert value["quantity"] == 8
    assert value["email"] != example["email"]
    assert value["email"].endswith("@traders.example")
    assert value["sku"].startswith("AB-1-")
    assert made(schema, example=example, verbatim=True) == example


def test_only_what_is_required_is_sent_and_never_what_is_read_only():
    schema = {
        "type": "object",
        "required": ["a", "id"],
        "properties": {
            "a": {"type": "integer"},
            "b": {"type": "integer"},
            "id": {"type": "string", "readOnly": True},
        },
    }
    assert set(made(schema)) == {"a"}
    assert set(made(schema, full=True)) == {"a", "b"}


def test_a_body_that_would_change_nothing_gets_a_field():
    schema = {"type": "object", "properties": {"n": {"type": "integer"}, "city": {"type": "string"}}}
    assert set(made(schema)) == {"city"}


def test_ends_come_after_starts_and_dues_after_issues():
    def day(name, number):
        return date.fromisoformat(made({"type": "string", "format": "date"}, "body", name, number=number))

    for number in (0, 250):
        assert day("start_date", number) < day("end_date", number)
        assert day("issued_on", number) < day("dueOn", number)
        assert day("date_of_birth", number).year < 2010


@pytest.mark.parametrize("name", ["customer_id", "customerId", "customer"])
def test_a_reference_takes_a_known_id_before_its_example(name):
    schema = {"type": "string", "format": "uuid", "example": "00000000-0000-0000-0000-000000000000"}
    known = "11111111-1111-1111-1111-111111111111"
    rest = {"resources": frozenset({"customer"}), "ids": {"customer": [known]}.__getitem__}
    assert made(schema, "body", name, **rest) == known


def test_a_reference_to_what_is_not_known_is_named():
    schema = {
        "type": "object",
        "required": ["lines"],
        "properties": {
            "lines": {
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "required": ["product_id"],
                    "properties": {"product_id": {"type": "integer"}},
                },
            }
        },
    }
    with pytest.raises(Absent) as raised:
        made(schema, resources=frozenset({"product"}))
    assert raised.value.argument == "body.lines.*0.product_id"
    assert "product" in raised.value.reason


def test_an_id_of_the_outer_world_is_made_up():
    value = made({"type": "string"}, "body", "tax_id", resources=frozenset({"customer"}))
    assert value


def test_an_array_of_ids_takes_different_ones():
    schema = {"type": "array", "items": {"type": "integer"}}
    rest = {"resources": frozenset({"product"}), "ids": {"product": [4, 5, 6]}.__getitem__, "elements": 20}
    assert made(schema, "body", "product_ids", **rest) == [4, 5, 6]


def test_arrays_have_as_many_elements_as_are_asked_for_and_permitted():
    schema = {"type": "array", "items": {"type": "string"}, "maxItems": 7, "uniqueItems": True}
    assert len(made(schema, "body", "tags")) == 1
    tags = made(schema, "body", "tags", elements=20)
    assert len(set(tags)) == 7


def test_a_category_that_answers_showed_is_taken():
    assert made({"type": "string"}, "body", "currency", seen=lambda _name: ["INR"]) == "INR"
    assert made({"type": "string", "maxLength": 3}, "body", "currency") == "USD"


def test_the_alternative_that_the_example_fits_is_taken():
    options = [
        {"type": "object", "required": ["iban"], "properties": {"iban": {"type": "string"}}},
        {"type": "object", "required": ["card"], "properties": {"card": {"type": "string"}}},
    ]
    assert set(made({"oneOf": options})) == {"iban"}
    assert made({"oneOf": options}, example={"card": "4111"}) == {"card": "4111"}
