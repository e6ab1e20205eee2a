import msgspec
import pytest

from harness.errors import TargetFailed
from harness.exercise.operations import Operation, read_operations


def read(paths, components=None, **rest) -> dict[str, Operation]:
    document = {"openapi": "3.1.0", "info": {}, "paths": paths, "components": components or {}, **rest}
    return {one.name: one for one in read_operations(msgspec.json.encode(document))}


def body_of(schema, components=None):
    content = {"application/json": {"schema": schema}}
    operations = read({"/a": {"post": {"requestBody": {"content": content}}}}, components)
    body = operations["POST /a"].body
    assert body is not None
    return body


def test_operations_come_in_the_order_of_the_document():
    operations = read({"/b": {"post": {}, "get": {}, "summary": "x"}, "/a": {"delete": {}}})
    assert list(operations) == ["POST /b", "GET /b", "DELETE /a"]


def test_a_reference_is_followed_through_another_and_through_escapes():
    components = {"schemas": {"a/b~c d": {"$ref": "#/components/schemas/Last"}, "Last": {"type": "string"}}}
    body = body_of({"$ref": "#/components/schemas/a~1b~0c%20d"}, components)
    assert body.schema == {"type": ("string",)}


def test_parameters_bodies_and_answers_may_be_references():
    components = {
        "parameters": {
            "Size": {"name": "limit", "in": "query", "schema": {"$ref": "#/components/schemas/N"}}
        },
        "schemas": {"N": {"type": "integer", "maximum": 50}},
        "requestBodies": {
            "B": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/N"}}}}
        },
        "responses": {"R": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/N"}}}}},
    }
    operation = read(
        {
            "/a": {
                "post": {
                    "parameters": [{"$ref": "#/components/parameters/Size"}],
                    "requestBody": {"$ref": "#/components/requestBodies/B"},
                    "responses": {"200": {"$ref": "#/components/responses/R"}},
                }
            }
        },
        components,
    )["POST /a"]
    assert operation.arguments[0].schema["maximum"] == 50
    assert operation.body is not None
    assert operation.body.schema["maximum"] == 50
    assert operation.answers["200"]["maximum"] == 50


@pytest.mark.parametrize("reference", ["#/components/schemas/Nobody", "other.json#/A", "#/paths/~1a/9"])
def test_a_broken_reference_is_named_with_its_place(reference):
    with pytest.raises(TargetFailed) as raised:
        body_of({"type": "object", "properties": {"who": {"$ref": reference}}})
    assert reference in str(raised.value)
    assert "POST /a requestBody/properties/who" in str(raised.value)


def test_a_schema_that_holds_itself_is_cut():
    components = {
        "schemas": {
            "Node": {
                "type": "object",
                "properties": {"next": {"$ref": "#/components/schemas/Node"}, "name": {"type": "string"}},
            }
        }
    }
    schema = body_of({"$ref": "#/components/schemas/Node"}, components).schema
    depth = 0
    while "properties" in schema:
        schema = schema["properties"]["next"]
        depth += 1
    assert 1 < depth < 20
    assert schema == {}


def test_parameters_of_a_path_hold_where_the_operation_has_none_of_that_name():
    item = {
        "parameters": [
            {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}},
            {"name": "q", "in": "query", "schema": {"type": "integer"}},
        ],
        "get": {"parameters": [{"name": "q", "in": "query", "schema": {"type": "string"}}]},
    }
    arguments = {one.name: one.schema["type"] for one in read({"/a/{id}": item})["GET /a/{id}"].arguments}
    assert arguments == {"id": ("integer",), "q": ("string",)}


def test_a_path_parameter_that_the_document_forgets_is_there():
    (argument,) = read({"/a/{id}": {"get": {}}})["GET /a/{id}"].arguments
    assert (argument.name, argument.place, argument.required) == ("id", "path", True)


def test_all_of_is_merged():
    schema = body_of(
        {
            "allOf": [
                {
                    "type": "object",
                    "required": ["a"],
                    "properties": {"a": {"type": "string", "maxLength": 9}},
                },
                {"required": ["b"], "properties": {"a": {"maxLength": 5}, "b": {"type": "integer"}}},
            ]
        }
    ).schema
    assert schema["required"] == ["a", "b"]
    assert schema["properties"]["a"] == {"type": ("string",), "maxLength": 5}


def test_both_versions_of_null_and_of_exclusive_bounds_become_one():
    old = body_of({"type": "integer", "nullable": True, "minimum": 3, "exclusiveMinimum": True, "example": 4})
    new = body_of({"type": ["integer", "null"], "exclusiveMinimum": 3, "examples": [4]})
    assert old.schema == new.schema
    assert old.examples == new.examples == (4,)


def test_keywords_of_a_wrong_type_say_nothing():
    schema = body_of({"type": "string", "required": True, "minLength": "5", "pattern": 7, "enum": []}).schema
    assert schema == {"type": ("string",)}


def test_an_alternative_to_null_is_what_it_is():
    schema = body_of(
        {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}], "default": None}
    ).schema
    assert schema["format"] == "date"
    assert schema["type"] == ("string", "null")


def test_an_alternative_has_the_tag_that_its_discriminator_demands():
    components = {
        "schemas": {
            "Cat": {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}}},
            "Dog": {"type": "object", "properties": {"kind": {"type": "string"}}},
        }
    }
    schema = body_of(
        {
            "oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}],
            "discriminator": {"propertyName": "kind", "mapping": {"cat": "#/components/schemas/Cat"}},
        },
        components,
    ).schema
    assert [one["properties"]["kind"]["const"] for one in schema["choices"]] == ["cat", "Dog"]


def test_json_is_preferred_to_forms_and_forms_to_the_rest():
    def taken(*media_types):
        content = {one: {"schema": {"type": "string"}} for one in media_types}
        body = read({"/a": {"post": {"requestBody": {"content": content}}}})["POST /a"].body
        assert body is not None
        return body.media_type

    assert taken("application/xml", "multipart/form-data", "application/json; charset=utf-8").startswith(
        "application/json"
    )
    assert taken("text/plain", "application/vnd.api+json") == "application/vnd.api+json"
    assert taken("multipart/form-data", "application/x-www-form-urlencoded").endswith("urlencoded")


def test_named_examples_come_before_those_of_the_schema():
    content = {"schema": {"type": "string", "example": "s"}, "examples": {"one": {"value": "a"}}}
    operations = read({"/a": {"post": {"requestBody": {"content": {"application/json": content}}}}})
    body = operations["POST /a"].body
    assert body is not None
    assert body.examples == ("a", "s")


def test_security_of_the_operation_overrides_that_of_the_document():
    operations = read(
        {"/a": {"get": {}, "post": {"security": []}, "put": {"security": [{}, {"key": []}]}}},
        security=[{"key": []}],
    )
    assert {name: one.public for name, one in operations.items()} == {
        "GET /a": False,
        "POST /a": True,
        "PUT /a": True,
    }


def test_a_parameter_may_be_described_by_content():
    content = {"application/json": {"schema": {"type": "object"}, "example": {"a": 1}}}
    operation = read({"/a": {"get": {"parameters": [{"name": "f", "in": "query", "content": content}]}}})
    (argument,) = operation["GET /a"].arguments
    assert argument.media_type == "application/json"
    assert argument.examples == ({"a": 1},)


def test_every_operation_knows_the_resources_of_the_contract():
    operation = read({"/v1/customers": {"get": {}}, "/v1/orders/{order_id}/lines": {"get": {}}, "/me": {}})
    assert operation["GET /v1/customers"].resources == {"customer", "order", "line"}
