"""`python -m clinic.seed [SIZE]`: the schema, and rows of twelve clinics, one five times the others.

The same rows each time, but for the times: appointments lie around today, so that days and months of reports
hold some.
"""

import hashlib
import io
import os
import random
import sys
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import psycopg2

CLINICS = 12
LARGEST = 5
PRACTITIONERS, PATIENTS, APPOINTMENTS = 10, 1000, 3000
HISTORY_DAYS = 360
GIVEN = ("Ada", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gia", "Hugo", "Ida", "Jon", "Kim", "Lea", "Max", "Noa")
FAMILY = ("Abel", "Brandt", "Conti", "Dubois", "Ekman", "Fischer", "Garcia", "Hansen", "Ivanov", "Jansen",
          "Kowal", "Larsen", "Moreau", "Novak", "Olsen", "Petit", "Quist", "Rossi", "Silva", "Tanaka",
          "Ueda", "Visser", "Weber", "Young", "Zeman")  # fmt: skip
SPECIALITIES = ("general", "skin", "heart", "eyes", "bones")
REASONS = ("check-up", "headache", "follow-up", "vaccination", "back pain", "rash")
CODES = ("consultation", "blood-test", "x-ray", "vaccination", "ultrasound", "bandage")
PAST = ("done",) * 8 + ("missed", "cancelled")
TREATMENTS = (0, 0, 1, 1, 1, 2, 3)
MANY = 12
FOLDER = Path(__file__).parent


def key_of(clinic: int, kind: str) -> str:
    """The API key of a clinic: for `desk`, which may write, or `board`, which may not."""
    return f"{kind}-of-clinic-{clinic}"


class Population:
    """Rows of every table, as tuples in the order of their columns."""

    def __init__(self, size: int, today: date) -> None:
        draw = self._draw = random.Random(size)
        now = datetime.combine(today, time(12), UTC)
        history = "Long known, no allergies, medication as before. " * 20
        self.clinics, self.keys, self.practitioners = [], [], []
        self.patients, self.notes, self.appointments, self.treatments = [], [], [], []
        for clinic in range(1, CLINICS + 1):
            share = size * (LARGEST if clinic == 1 else 1)
            self.clinics.append((clinic, f"Clinic {clinic}"))
            for kind, may_write in (("desk", True), ("board", False)):
                digest = hashlib.sha256(key_of(clinic, kind).encode()).hexdigest()
                self.keys.append((f"\\\\x{digest}", clinic, kind, may_write))
            first_doctor, first_patient = len(self.practitioners) + 1, len(self.patients) + 1
            doctors = range(first_doctor, first_doctor + PRACTITIONERS * share)
            patients = range(first_patient, first_patient + PATIENTS * share)
            for doctor in doctors:
                self.practitioners.append(
                    (clinic, doctor, f"Dr. {draw.choice(FAMILY)}", draw.choice(SPECIALITIES))
                )
            for patient in patients:
                born = today - timedelta(days=draw.randrange(300, 30_000))
                name = (draw.choice(GIVEN), f"{draw.choice(FAMILY)}-{draw.choice(FAMILY)}")
                phone = f"+49 30 {draw.randrange(10**6, 10**7)}"
                self.patients.append((clinic, patient, *name, born, phone, history))
                # One patient in fifty has come for years.
                for _ in range(60 if patient % 50 == 0 else draw.choice((0, 0, 1, 2))):
                    self._note(clinic, patient, now - timedelta(days=draw.randrange(HISTORY_DAYS)))
            count = APPOINTMENTS * share
            for number in range(count):
                ago = HISTORY_DAYS * (1 - number / count) - HISTORY_DAYS / 12
                starts_at = now - timedelta(minutes=15 * round(ago * 96))
                status = draw.choice(PAST) if starts_at < now else "booked"
                patient = draw.choice(patients)
                self._appointment(clinic, patient, draw.choice(doctors), starts_at, status)

    def _note(self, clinic: int, patient: int, written_at: datetime) -> None:
        body = f"Seen on {written_at:%d %B}; nothing new."
        self.notes.append((clinic, patient, len(self.notes) + 1, written_at, body))

    def _appointment(self, clinic: int, patient: int, doctor: int, starts_at: datetime, status: str) -> None:
        draw, number = self._draw, len(self.appointments) + 1
        minutes, reason = draw.choice((15, 30, 45)), draw.choice(REASONS)
        self.appointments.append((clinic, number, patient, doctor, starts_at, minutes, status, reason))
        lines = MANY if number % 40 == 0 else draw.choice(TREATMENTS)
        for position in range(1, lines + 1):
            self.treatments.append(
                (clinic, number, position, draw.choice(CODES), draw.randrange(900, 30_000))
            )


def copy(cursor: psycopg2.extensions.cursor, table: str, rows: Iterable[tuple]) -> None:
    """Load rows; no value of theirs needs escaping."""
    lines = io.StringIO("".join("\t".join(map(str, row)) + "\n" for row in rows))
    cursor.copy_expert(f"COPY {table} FROM STDIN", lines)


def seed(address: str, size: int) -> None:
    """Make an empty database the service's own."""
    population = Population(size, datetime.now(UTC).date())
    with psycopg2.connect(address) as connection, connection.cursor() as cursor:
        cursor.execute((FOLDER / "schema.sql").read_text())
        copy(cursor, "clinics", population.clinics)
        copy(cursor, "api_keys", population.keys)
        copy(cursor, "practitioners", population.practitioners)
        patient = "patients (clinic_id, patient_id, given_name, family_name, born_on, phone, history)"
        copy(cursor, patient, population.patients)
        copy(cursor, "notes", population.notes)
        copy(cursor, "appointments", population.appointments)
        copy(cursor, "treatments", population.treatments)
        cursor.execute((FOLDER / "indexes.sql").read_text())
        for table in ("practitioner", "patient", "note", "appointment"):
            column, sequence = f"{table}_id", f"pg_get_serial_sequence('{table}s', '{table}_id')"
            cursor.execute(f"SELECT setval({sequence}, max({column})) FROM {table}s")
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
    connection.close()


if __name__ == "__main__":
    seed(os.environ["CLINIC_DSN"], int(sys.argv[1]) if len(sys.argv) > 1 else 1)
