"""The report reads all appointments of the month, page after page, and adds them up itself."""

from datetime import timedelta

FAMILY = "plans"
SENTENCE = "The report of a month reads appointments by the hundred, in a loop."
OPERATION = "GET /reports/utilisation"
RULE = "plans/page-loop | plans/n-plus-one | plans/duplicate-statement"
NAMES = "GET /reports/utilisation"
OUTCOME = "fail"
MODULE = "clinic.records"


PAGE = """
    SELECT appointment_id, starts_at, practitioner_id, minutes, status FROM appointments
    WHERE clinic_id = %(clinic_id)s AND starts_at < %(until)s
      AND (starts_at, appointment_id) > (%(after)s, %(last)s)
    ORDER BY starts_at, appointment_id LIMIT 100
"""


def inside(module):
    from clinic.storage import STATEMENTS

    STATEMENTS["appointments_of_month"] = PAGE
    STATEMENTS["names"] = (
        "SELECT practitioner_id, name FROM practitioners WHERE clinic_id = %(clinic_id)s LIMIT 1000"
    )

    def added_up(work, clinic_id, month):
        until = (month.replace(day=1) + timedelta(days=31)).replace(day=1)
        names = {row["practitioner_id"]: row["name"] for row in work.all("names", clinic_id=clinic_id)}
        sums, after, last, full = {}, month, 0, True
        while full:
            wanted = {"clinic_id": clinic_id, "until": until, "after": after, "last": last}
            rows = work.all("appointments_of_month", **wanted)
            full = len(rows) == 100
            for row in rows:
                doctor, after, last = row["practitioner_id"], row["starts_at"], row["appointment_id"]
                new = {"practitioner_id": doctor, "practitioner": names[doctor], "appointments": 0}
                one = sums.setdefault(doctor, {**new, "minutes": 0, "missed": 0})
                one["appointments"] += 1
                one["minutes"] += row["minutes"]
                one["missed"] += row["status"] == "missed"
        return [sums[doctor] for doctor in sorted(sums)]

    module.utilisation = added_up
