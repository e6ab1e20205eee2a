"""What clinics keep, read and written: each function is the SQL of one operation."""

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from clinic.storage import Work, one_page

Row = dict
Page = Mapping[str, int]


def list_practitioners(work: Work, clinic_id: int, page: Page) -> list[Row]:
    """Practitioners in the order in which they came."""
    return work.all("list_practitioners", clinic_id=clinic_id, **one_page(page))


def agenda(work: Work, clinic_id: int, practitioner_id: int, day: date) -> list[Row]:
    """A practitioner's appointments of one day, at most 100."""
    values = {"from": day, "until": day + timedelta(days=1)}
    return work.all("agenda", clinic_id=clinic_id, practitioner_id=practitioner_id, **values)


def list_patients(work: Work, clinic_id: int, page: Page, prefix: str | None) -> list[Row]:
    """Patients by name, all or those whose name begins with a prefix."""
    if prefix is None:
        return work.all("list_patients", clinic_id=clinic_id, **one_page(page))
    pattern = prefix.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    return work.all("search_patients", clinic_id=clinic_id, pattern=pattern, **one_page(page))


def get_patient(work: Work, clinic_id: int, patient_id: int) -> Row | None:
    """A patient with the latest ten appointments."""
    patient = work.one("get_patient", clinic_id=clinic_id, patient_id=patient_id)
    if patient is None:
        return None
    latest = work.all("latest_of_patient", clinic_id=clinic_id, patient_id=patient_id)
    return {**patient, "latest_appointments": latest}


def list_notes(work: Work, clinic_id: int, patient_id: int, page: Page) -> list[Row]:
    """A patient's notes, newest first."""
    return work.all("list_notes", clinic_id=clinic_id, patient_id=patient_id, **one_page(page))


def list_appointments(
    work: Work, clinic_id: int, page: Page, status: str | None, *, treatments: bool
) -> list[Row]:
    """Appointments, latest first, all or those of one status; with their treatments where asked."""
    if status is None:
        rows = work.all("list_appointments", clinic_id=clinic_id, **one_page(page))
    else:
        values = {"clinic_id": clinic_id, "status": status, **one_page(page)}
        rows = work.all("list_appointments_of_status", **values)
    return with_treatments(work, clinic_id, rows) if treatments else rows


def get_appointment(work: Work, clinic_id: int, appointment_id: int) -> Row | None:
    """An appointment with its treatments."""
    row = work.one("get_appointment", clinic_id=clinic_id, appointment_id=appointment_id)
    return None if row is None else with_treatments(work, clinic_id, [row])[0]


def with_treatments(work: Work, clinic_id: int, rows: list[Row]) -> list[Row]:
    """The appointments with the treatments of each, by one statement for all of them."""
    if not rows:
        return rows
    ids = [row["appointment_id"] for row in rows]
    treatments = defaultdict(list)
    for treatment in work.all("treatments_of", clinic_id=clinic_id, appointment_ids=ids):
        treatments[treatment.pop("appointment_id")].append(treatment)
    return [{**row, "treatments": treatments[row["appointment_id"]]} for row in rows]


def create_appointment(work: Work, clinic_id: int, new: Row) -> Row | None:
    """A new appointment, booked, with its treatments."""
    values = {name: new[name] for name in ("patient_id", "practitioner_id", "starts_at", "minutes", "reason")}
    row = work.one("create_appointment", clinic_id=clinic_id, **values)
    if row is None:
        return None
    appointment_id = row["appointment_id"]
    if new["treatments"]:
        sent = json.dumps(new["treatments"])
        work.run("create_treatments", clinic_id=clinic_id, appointment_id=appointment_id, treatments=sent)
    return get_appointment(work, clinic_id, appointment_id)


def utilisation(work: Work, clinic_id: int, month: datetime) -> list[Row]:
    """What each practitioner did in a month."""
    until = (month.replace(day=1) + timedelta(days=31)).replace(day=1)
    return work.all("utilisation", clinic_id=clinic_id, **{"from": month, "until": until})
