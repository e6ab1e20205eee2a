"""A patient's file reads each of its latest appointments by itself."""

FAMILY = "plans"
SENTENCE = "A patient's file reads each of the latest appointments by a statement of its own."
OPERATION = "GET /patients/{patient_id}"
RULE = "plans/n-plus-one"
NAMES = "GET /patients/{patient_id}"
OUTCOME = "fail"
MODULE = "clinic.records"


FIELDS = ("appointment_id", "starts_at", "minutes", "status", "reason")


def inside(module):
    get_patient = module.get_patient

    def one_by_one(work, clinic_id, patient_id):
        patient = get_patient(work, clinic_id, patient_id)
        if patient is None:
            return None
        latest = []
        for row in patient["latest_appointments"]:
            found = work.one("get_appointment", clinic_id=clinic_id, appointment_id=row["appointment_id"])
            latest.append({name: found[name] for name in FIELDS})
        return {**patient, "latest_appointments": latest}

    module.get_patient = one_by_one
