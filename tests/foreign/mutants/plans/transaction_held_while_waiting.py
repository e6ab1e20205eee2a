"""A transaction stays open while the service waits for something else than Postgres."""

import time

FAMILY = "plans"
SENTENCE = "A patient's file keeps its transaction open for 0.4 s."
OPERATION = "GET /patients/{patient_id}"
RULE = "plans/idle-in-transaction"
NAMES = "GET /patients/{patient_id}"
OUTCOME = "fail"
MODULE = "clinic.records"


def inside(module):
    get_patient = module.get_patient

    def slowly(work, clinic_id, patient_id):
        patient = get_patient(work, clinic_id, patient_id)
        time.sleep(0.4)
        return patient

    module.get_patient = slowly
