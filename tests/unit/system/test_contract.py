import json
from pathlib import Path

import msgspec
import pytest

from system.__main__ import CONTRACT_SETTINGS, main
from system.app import make_app
from system.assistant.routes import ANSWER_LIFE_S
from system.openapi import describe

COMMITTED = Path(__file__).parents[3] / "contracts" / "openapi.json"


@pytest.fixture(scope="module")
def document():
    return json.loads(msgspec.json.encode(describe(make_app(CONTRACT_SETTINGS))))


def operations(document):
    return [
        (f"{method.upper()} {path}", operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def test_the_committed_document_is_the_applications(document):
    assert json.loads(COMMITTED.read_text()) == document, (
        "run: python -m system openapi > contracts/openapi.json"
    )


def test_the_command_prints_the_committed_text(capsys):
    assert main(["openapi"]) == 0
    assert capsys.readouterr().out == COMMITTED.read_text()


def test_every_operation_of_the_service_is_there(document):
    assert sorted(name for name, _ in operations(document)) == [
        "DELETE /api/v1/contacts/{contact_id}",
        "GET /api/v1/contacts",
        "GET /api/v1/contacts/{contact_id}",
        "GET /api/v1/dashboard",
        "GET /api/v1/invoices",
        "GET /api/v1/invoices/{invoice_id}",
        "GET /api/v1/organization",
        "GET /health",
        "GET /health/ready",
        "PATCH /api/v1/contacts/{contact_id}",
        "POST /api/v1/assistant/ask",
        "POST /api/v1/contacts",
        "POST /api/v1/invoices",
        "POST /api/v1/session",
    ]


def test_every_refusal_is_declared_in_the_one_shape(document):
    error = {"$ref": "#/components/schemas/ErrorAnswer"}
    for name, operation in operations(document):
        refusals = {status: each for status, each in operation["responses"].items() if status >= "400"}
        assert refusals.keys() >= {"405", "500"}, name
        for status, response in refusals.items():
            assert response["content"]["application/json"]["schema"] == error, (name, status)
        assert ("401" in refusals) == (operation["security"] != [] or name.endswith("/session")), name
        assert ("413" in refusals) == ("requestBody" in operation), name


def test_every_object_is_closed(document):
    for name, schema in document["components"]["schemas"].items():
        if schema.get("type") == "object":
            assert schema["additionalProperties"] is False, name


def test_the_assistant_says_how_old_its_answers_may_be_and_when_they_come(document):
    said = document["paths"]["/api/v1/assistant/ask"]["post"]["description"]
    assert f"kept for {ANSWER_LIFE_S} s" in said
    assert "within 5 s" in said
    assert 0 < CONTRACT_SETTINGS.answer_s < 5


def test_bodies_have_examples_that_are_accepted():
    for route in make_app(CONTRACT_SETTINGS).routes:
        for handler in getattr(route, "route_handlers", ()):
            contract = handler.opt.get("contract")
            if contract is not None and contract.body is not None:
                encoded = msgspec.json.encode(contract.body_example)
                assert msgspec.json.decode(encoded, type=contract.body) is not None
