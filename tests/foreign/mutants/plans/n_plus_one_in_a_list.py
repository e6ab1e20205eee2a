"""The list asks for patients, and then for each of them by itself."""

FAMILY = "plans"
SENTENCE = "The patient list reads each patient by a statement of its own."
OPERATION = "GET /patients"
RULE = "plans/n-plus-one"
NAMES = "GET /patients"
OUTCOME = "fail"
MODULE = "clinic.records"


def inside(module):
    listed = module.list_patients

    def one_by_one(work, clinic_id, page, prefix):
        rows = []
        for row in listed(work, clinic_id, page, prefix):
            patient = work.one("get_patient", clinic_id=clinic_id, patient_id=row["patient_id"])
            rows.append({name: patient[name] for name in row})
        return rows

    module.list_patients = one_by_one
