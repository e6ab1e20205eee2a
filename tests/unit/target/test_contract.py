import json
from pathlib import Path

import pytest

from harness.errors import TargetFailed
from harness.target.contract import parse, read_contract

NOWHERE = "http://127.0.0.1:1"


def document(**more) -> bytes:
    return json.dumps(
        {"openapi": "3.1.0", "info": {"version": "2"}, "paths": {"/a": {"get": {}}}} | more
    ).encode()


async def test_a_file_beside_harness_toml_is_the_contract(tmp_path: Path) -> None:
    paths = {"/b/{id}": {"parameters": [], "put": {}, "get": {}}, "/a": {"post": {}}}
    (tmp_path / "api.json").write_bytes(document(paths=paths))
    contract = await read_contract("api.json", tmp_path, NOWHERE)
    assert contract.operations == ("PUT /b/{id}", "GET /b/{id}", "POST /a")
    assert contract.version == "2"
    assert json.loads(contract.document)["openapi"] == "3.1.0"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"openapi: 3.1.0\n", "here is not JSON"),
        (b"[]", "here is not an OpenAPI 3.0 or 3.1 document"),
        (document(openapi="2.0"), r"here is not an OpenAPI 3.0 or 3.1 document: .*\$\.openapi"),
        (document(paths=None), r"here is not an OpenAPI 3.0 or 3.1 document: .*\$\.paths"),
        (document(paths={"a": {}}), "here is not an OpenAPI 3.0 or 3.1 document"),
        (document(paths={"/a": {"parameters": []}}), "here is an OpenAPI document without operations"),
    ],
)
def test_what_is_no_contract_is_refused_with_the_reason(content: bytes, reason: str) -> None:
    with pytest.raises(TargetFailed, match=f"^{reason}"):
        parse(content, "here")


async def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        TargetFailed, match=r'^\[target\] openapi = "api.json": there is no file .*api\.json; a path'
    ):
        await read_contract("api.json", tmp_path, NOWHERE)


async def test_a_service_that_does_not_answer_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        TargetFailed, match=r"^The OpenAPI document http://127\.0\.0\.1:1/api cannot be read: "
    ):
        await read_contract("/api", tmp_path, NOWHERE)
