"""The operations over HTTP, each in one transaction of its own."""

import hashlib
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, current_app, jsonify, request
from flask.json.provider import DefaultJSONProvider
from psycopg2 import DataError, OperationalError
from psycopg2.errors import ForeignKeyViolation
from werkzeug.exceptions import BadRequest, Conflict, Forbidden, HTTPException, NotFound, Unauthorized
from werkzeug.routing import IntegerConverter

from clinic import records
from clinic.asked import GREATEST_ID, LONGEST_MINUTES, STATUSES, body, chosen, day, page, read_treatments
from clinic.storage import Busy, Storage, Work

CONTRACT = json.loads(Path(__file__).with_name("openapi.json").read_bytes())
LONGEST_PREFIX = 40

operations = Blueprint("operations", __name__)


class Json(DefaultJSONProvider):
    """Days and times as ISO 8601."""

    sort_keys = False

    @staticmethod
    def default(value: Any) -> Any:
        """A value that JSON has no form for."""
        return value.isoformat() if isinstance(value, date) else DefaultJSONProvider.default(value)


class Id(IntegerConverter):
    """An id in a path; what Postgres has no room for is not found."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, max=GREATEST_ID, **options)


def operation(rule: str, method: str = "GET", *, writes: bool = False) -> Callable[..., Any]:
    """Route a function of (work, clinic_id, ids of the path)."""

    def wrap(function: Callable[..., Any]) -> Callable[..., Any]:
        def answer(**ids: int) -> Any:
            storage: Storage = current_app.extensions["storage"]
            with storage.work() as work:
                return function(work, admitted(work, writes=writes), **ids)

        operations.add_url_rule(rule, function.__name__, answer, methods=[method])
        return function

    return wrap


def admitted(work: Work, *, writes: bool) -> int:
    """The clinic that the request's key belongs to."""
    key = hashlib.sha256(request.headers.get("X-Api-Key", "").encode()).digest()
    caller = work.one("caller", key_hash=key)
    if caller is None:
        raise Unauthorized("Send a key: X-Api-Key")
    if writes and not caller["may_write"]:
        raise Forbidden("This key may only read")
    return caller["clinic_id"]


def paged(rows: list[dict], asked: dict[str, int]) -> Response:
    """A page of rows, of which one more than shown was read."""
    shown = rows[: asked["per_page"]]
    return jsonify(items=shown, page=asked["page"], has_more=len(rows) > len(shown))


def found(row: dict | None) -> dict:
    """A row that is there."""
    if row is None:
        raise NotFound
    return row


@operation("/practitioners")
def list_practitioners(work: Work, clinic_id: int) -> Any:
    """A page of practitioners."""
    asked = page()
    return paged(records.list_practitioners(work, clinic_id, asked), asked)


@operation("/practitioners/<id:practitioner_id>/agenda")
def agenda(work: Work, clinic_id: int, practitioner_id: int) -> Any:
    """A practitioner's day."""
    when = day(request.args.get("day", f"{date.today()}"), "%Y-%m-%d", "day")  # noqa: DTZ011 - as above
    return {"items": records.agenda(work, clinic_id, practitioner_id, when)}


@operation("/patients")
def list_patients(work: Work, clinic_id: int) -> Any:
    """A page of patients, by name."""
    asked, prefix = page(), request.args.get("prefix")
    if prefix is not None and ("\0" in prefix or not 1 <= len(prefix) <= LONGEST_PREFIX):
        raise BadRequest(f"prefix: 1 to {LONGEST_PREFIX} characters")
    return paged(records.list_patients(work, clinic_id, asked, prefix), asked)


@operation("/patients", "POST", writes=True)
def create_patient(work: Work, clinic_id: int) -> Any:
    """Make a patient."""
    new = body(given_name=str, family_name=str, born_on=str, phone=str)
    new["born_on"] = day(new["born_on"], "%Y-%m-%d", "born_on").date()
    return found(work.one("create_patient", clinic_id=clinic_id, **new)), 201


@operation("/patients/<id:patient_id>")
def get_patient(work: Work, clinic_id: int, patient_id: int) -> Any:
    """A patient's file."""
    return found(records.get_patient(work, clinic_id, patient_id))


@operation("/patients/<id:patient_id>", "DELETE", writes=True)
def delete_patient(work: Work, clinic_id: int, patient_id: int) -> Any:
    """Remove a patient who never came."""
    try:
        gone = work.run("delete_patient", clinic_id=clinic_id, patient_id=patient_id)
    except ForeignKeyViolation as error:
        raise Conflict("The patient has appointments or notes") from error
    return ("", 204) if gone else found(None)


@operation("/patients/<id:patient_id>/notes")
def list_notes(work: Work, clinic_id: int, patient_id: int) -> Any:
    """A page of a patient's notes."""
    asked = page()
    return paged(records.list_notes(work, clinic_id, patient_id, asked), asked)


@operation("/patients/<id:patient_id>/notes", "POST", writes=True)
def create_note(work: Work, clinic_id: int, patient_id: int) -> Any:
    """Write a note."""
    new = body(body=str)
    try:
        note = work.one("create_note", clinic_id=clinic_id, patient_id=patient_id, **new)
    except ForeignKeyViolation as error:
        raise NotFound from error
    return found(note), 201


@operation("/appointments")
def list_appointments(work: Work, clinic_id: int) -> Any:
    """A page of appointments."""
    asked, status = page(), chosen("status", STATUSES)
    treatments = chosen("include", ("treatments",)) is not None
    rows = records.list_appointments(work, clinic_id, asked, status, treatments=treatments)
    return paged(rows, asked)


@operation("/appointments", "POST", writes=True)
def create_appointment(work: Work, clinic_id: int) -> Any:
    """Book an appointment."""
    new = body(patient_id=int, practitioner_id=int, starts_at=str, minutes=int, reason=str, treatments=list)
    read_treatments(new["treatments"])
    if not 1 <= new["minutes"] <= LONGEST_MINUTES:
        raise BadRequest(f"minutes: 1 to {LONGEST_MINUTES}")
    try:
        return found(records.create_appointment(work, clinic_id, new)), 201
    except ForeignKeyViolation as error:
        raise Conflict("No such patient or practitioner") from error


@operation("/appointments/<id:appointment_id>")
def get_appointment(work: Work, clinic_id: int, appointment_id: int) -> Any:
    """An appointment with its treatments."""
    return found(records.get_appointment(work, clinic_id, appointment_id))


@operation("/appointments/<id:appointment_id>/status", "PUT", writes=True)
def change_status(work: Work, clinic_id: int, appointment_id: int) -> Any:
    """Say what became of an appointment."""
    status = body(status=str)["status"]
    if status not in STATUSES:
        raise BadRequest(f"status: one of {', '.join(STATUSES)}")
    row = work.one("change_status", clinic_id=clinic_id, appointment_id=appointment_id, status=status)
    return found(row)


@operation("/appointments/<id:appointment_id>", "DELETE", writes=True)
def delete_appointment(work: Work, clinic_id: int, appointment_id: int) -> Any:
    """Strike an appointment out."""
    gone = work.run("delete_appointment", clinic_id=clinic_id, appointment_id=appointment_id)
    return ("", 204) if gone else found(None)


@operation("/reports/utilisation")
def utilisation(work: Work, clinic_id: int) -> Any:
    """What each practitioner did in a month."""
    month = day(request.args.get("month", f"{date.today():%Y-%m}"), "%Y-%m", "month")  # noqa: DTZ011 - as above
    return {"items": records.utilisation(work, clinic_id, month)}


@operations.get("/health")
def health() -> Any:
    """Whether the service is up."""
    return {"status": "ok"}


@operations.get("/openapi.json")
def contract() -> Any:
    """The OpenAPI document."""
    return CONTRACT


def refuse(error: HTTPException) -> Any:
    """A refusal as JSON."""
    return {"error": error.name, "message": error.description}, error.code


def refuse_value(_: DataError) -> Any:
    """What Postgres has no room for."""
    return refuse(BadRequest("a value is out of range"))


def refuse_for_now(_: Exception) -> Any:
    """Postgres is away, or all connections are in use."""
    return {"error": "Service Unavailable", "message": "try again"}, 503, {"Retry-After": "1"}


def create_app(storage: Storage) -> Flask:
    """The application over a storage."""
    app = Flask("clinic")
    app.json = Json(app)
    app.url_map.converters["id"] = Id
    app.extensions["storage"] = storage
    app.register_blueprint(operations)
    app.register_error_handler(HTTPException, refuse)
    app.register_error_handler(DataError, refuse_value)
    app.register_error_handler(Busy, refuse_for_now)
    app.register_error_handler(OperationalError, refuse_for_now)
    return app
