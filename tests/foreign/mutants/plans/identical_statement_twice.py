"""An appointment is read to see whether it is there, and read again to be shown."""

FAMILY = "plans"
SENTENCE = "An appointment is read twice by the same statement."
OPERATION = "GET /appointments/{appointment_id}"
RULE = "plans/duplicate-statement"
NAMES = "GET /appointments/{appointment_id}"
OUTCOME = "fail"
MODULE = "clinic.records"


def inside(module):
    get_appointment = module.get_appointment

    def twice(work, clinic_id, appointment_id):
        if work.one("get_appointment", clinic_id=clinic_id, appointment_id=appointment_id) is None:
            return None
        return get_appointment(work, clinic_id, appointment_id)

    module.get_appointment = twice
