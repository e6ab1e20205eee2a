import httpx
import msgspec
import pytest

from system.errors import ErrorAnswer

SAMPLE = "01a20a05-e51a-720c-a8a2-f88e1ab01fbd"


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/nowhere", None, 404, "not_found"),
        ("PUT", "/contacts", None, 405, "method_not_allowed"),
        ("GET", "/contacts/no-uuid", None, 404, "not_found"),
        ("GET", f"/contacts/{SAMPLE}", None, 404, "not_found"),
        ("GET", "/contacts?limit=0", None, 400, "validation_failed"),
        ("GET", "/contacts?limit=101", None, 400, "validation_failed"),
        ("GET", "/contacts?cursor=x", None, 400, "validation_failed"),
        ("GET", "/contacts?q=%00", None, 400, "validation_failed"),
        ("GET", "/invoices?status=lost", None, 400, "validation_failed"),
        ("POST", "/contacts", b"{", 400, "bad_request"),
        ("POST", "/contacts", b"", 400, "bad_request"),
        ("POST", "/contacts", b'{"name":"\xff"}', 400, "bad_request"),
        ("POST", "/contacts", b"[" * 100_000, 400, "validation_failed"),
        ("POST", "/contacts", b"[]", 400, "validation_failed"),
        ("POST", "/contacts", b'{"name":"a\\u0000"}', 400, "validation_failed"),
        ("POST", "/contacts", b'{"name":"  "}', 400, "validation_failed"),
        ("POST", "/contacts", b'{"name":"a","id":"1"}', 400, "validation_failed"),
        ("POST", "/contacts", b'{"name":"' + b"a" * 1_100_000 + b'"}', 413, "body_too_large"),
        ("PATCH", f"/contacts/{SAMPLE}", b"{}", 400, "validation_failed"),
        ("POST", "/assistant/ask", b'{"question":"?!"}', 400, "validation_failed"),
        ("POST", "/session", b'{"email":"owner@org-001.example","password":"x"}', 401, "wrong_credentials"),
        ("POST", "/session", b'{"email":"nobody@org-001.example","password":"x"}', 401, "wrong_credentials"),
    ],
)
def test_every_refusal_has_the_one_shape(sign_in, method, path, body, status, code):  # noqa: PLR0917  a table
    answer = sign_in().request(method, path, content=body)
    assert answer.status_code == status
    error = msgspec.json.decode(answer.content, type=ErrorAnswer).error
    assert error.code == code
    assert error.request_id == answer.headers["x-request-id"]
    assert error.doc_url == f"/errors/{code}"


def test_a_callers_request_id_is_kept_and_a_wrong_one_replaced(system_url):
    with httpx.Client(base_url=system_url, trust_env=False) as client:
        kept = client.get("/nowhere", headers={"X-Request-Id": "request-0001"})
        made = client.get("/nowhere", headers={"X-Request-Id": "two words"})
    assert kept.json()["error"]["requestId"] == "request-0001"
    assert len(made.json()["error"]["requestId"]) == 32


@pytest.mark.parametrize("token", ["", "Bearer x", "Basic eDp5", "Bearer eyJhbGciOiJub25lIn0.e30."])
def test_without_a_valid_token_nothing_is_read_not_even_the_body(system_url, token):
    answer = httpx.post(
        f"{system_url}/api/v1/contacts", content=b"{", headers={"Authorization": token}, trust_env=False
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("role", "method", "path", "status"),
    [
        ("viewer", "POST", "/contacts", 403),
        ("viewer", "POST", "/invoices", 403),
        ("viewer", "PATCH", f"/contacts/{SAMPLE}", 403),
        ("viewer", "DELETE", f"/contacts/{SAMPLE}", 403),
        ("accountant", "DELETE", f"/contacts/{SAMPLE}", 403),
        ("sales", "DELETE", f"/contacts/{SAMPLE}", 404),
        ("viewer", "GET", "/dashboard", 200),
    ],
)
def test_a_role_may_do_what_its_permissions_say(sign_in, role, method, path, status):
    assert sign_in(role).request(method, path, content=b"{}").status_code == status


def test_every_answer_says_where_its_time_went(sign_in):
    client = sign_in()
    client.get("/contacts?limit=3")
    parts = {
        part.split(";dur=")[0]: float(part.split(";dur=")[1])
        for part in client.get("/contacts?limit=3").headers["server-timing"].split(", ")
    }
    assert set(parts) == {"db", "cache", "model", "total"}
    assert parts["db"] == 0
    assert 0 < parts["cache"] < parts["total"]
