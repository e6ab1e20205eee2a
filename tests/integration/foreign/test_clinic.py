"""The foreign service is a good one: what it promises in its contract, it does."""

import json

import httpx
import psycopg

SMALL = {"X-Api-Key": "desk-of-clinic-7"}
BOARD = {"X-Api-Key": "board-of-clinic-7"}


def test_a_key_is_asked_for(clinic: httpx.Client) -> None:
    assert clinic.get("/patients", headers={"X-Api-Key": "none"}).status_code == 401


def test_a_key_that_may_only_read_does_not_write(clinic: httpx.Client) -> None:
    assert clinic.get("/patients", headers=BOARD).status_code == 200
    assert clinic.delete("/appointments/1", headers=BOARD).status_code == 403


def test_pages_follow_one_another_without_gap(clinic: httpx.Client) -> None:
    whole = clinic.get("/appointments?per_page=20").json()
    parts = [clinic.get(f"/appointments?per_page=10&page={page}").json() for page in (1, 2)]
    assert whole["items"] == parts[0]["items"] + parts[1]["items"]
    assert whole["has_more"] is True


def test_pages_are_bounded_as_the_contract_says(clinic: httpx.Client) -> None:
    assert clinic.get("/appointments?per_page=50&page=50").status_code == 200
    assert clinic.get("/appointments?page=51").status_code == 400
    assert clinic.get("/appointments?per_page=51").status_code == 400


def test_a_search_finds_names_by_their_beginning_and_no_patterns(clinic: httpx.Client) -> None:
    found = clinic.get("/patients?prefix=hans&per_page=50").json()["items"]
    assert found
    assert all(patient["family_name"].startswith("Hans") for patient in found)
    assert clinic.get("/patients", params={"prefix": "%a"}).json()["items"] == []


def test_appointments_have_their_treatments_where_these_are_asked_for(clinic: httpx.Client) -> None:
    items = clinic.get("/appointments?include=treatments&per_page=50").json()["items"]
    assert sum(len(item["treatments"]) for item in items) > 10
    assert items[0] == clinic.get(f"/appointments/{items[0]['appointment_id']}").json()
    assert "treatments" not in clinic.get("/appointments").json()["items"][0]


def test_an_appointment_goes_from_booked_to_struck_out(clinic: httpx.Client) -> None:
    new = {
        "patient_id": 1,
        "practitioner_id": 1,
        "starts_at": "2031-03-04T09:30:00Z",
        "minutes": 30,
        "reason": "rash",
        "treatments": [{"code": "x-ray", "price_cents": 4500}],
    }
    made = clinic.post("/appointments", json=new)
    assert made.status_code == 201
    assert made.json()["treatments"] == [{"code": "x-ray", "position": 1, "price_cents": 4500}]
    path = f"/appointments/{made.json()['appointment_id']}"
    assert clinic.put(f"{path}/status", json={"status": "arrived"}).json()["status"] == "arrived"
    assert clinic.get(path).json()["status"] == "arrived"
    assert clinic.delete(path).status_code == 204
    assert clinic.get(path).status_code == 404


def test_a_patient_is_removed_only_without_a_past(clinic: httpx.Client) -> None:
    new = {"given_name": "Ada", "family_name": "Zz", "born_on": "1984-05-12", "phone": "+49 30 1"}
    patient = clinic.post("/patients", json=new).json()
    path = f"/patients/{patient['patient_id']}"
    assert clinic.get(path).json()["latest_appointments"] == []
    assert clinic.delete(path).status_code == 204
    assert clinic.delete("/patients/50").status_code == 409


def test_other_clinics_rows_are_not_there(clinic: httpx.Client) -> None:
    mine = clinic.get("/appointments").json()["items"][0]["appointment_id"]
    assert clinic.get(f"/appointments/{mine}", headers=SMALL).status_code == 404
    theirs = clinic.get("/patients", headers=SMALL).json()["items"]
    assert not {one["patient_id"] for one in theirs} & set(range(1, 5001))


def test_what_is_wrong_is_refused_and_named(clinic: httpx.Client) -> None:
    for body in ({}, {"status": "lost"}, {"status": 1}, {"status": "done", "more": 1}):
        answer = clinic.put("/appointments/1/status", json=body)
        assert (answer.status_code, "status" in answer.json()["message"]) == (400, True)
    assert clinic.get("/reports/utilisation?month=2026-13").status_code == 400
    assert clinic.get("/patients/99999999999").status_code == 404


def test_reports_and_days_hold_something(clinic: httpx.Client) -> None:
    report = clinic.get("/reports/utilisation").json()["items"]
    assert len(report) == 50
    assert sum(row["appointments"] for row in report) > 300
    assert clinic.get("/practitioners/1/agenda").status_code == 200


def test_the_contract_is_served_and_every_operation_in_it_is_routed(clinic: httpx.Client) -> None:
    contract = clinic.get("/openapi.json").json()
    assert contract["openapi"].startswith("3.0")
    for path, item in contract["paths"].items():
        for method in item:
            filled = path.replace("{patient_id}", "1").replace("{practitioner_id}", "1")
            answer = clinic.request(method, filled.replace("{appointment_id}", "999999"), json={})
            assert answer.status_code != 405, (method, path)
            assert str(answer.status_code) in item[method]["responses"], (method, path, answer.text)
    json.dumps(contract)


def test_no_transaction_outlives_its_request(clinic: httpx.Client, connection: psycopg.Connection) -> None:
    for _ in range(3):
        assert clinic.get("/patients/1").status_code == 200
        assert clinic.get("/patients/99999999").status_code == 404
    idle = connection.execute("SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'")
    assert idle.fetchone() == (0,)
