"""Only with include=treatments, each appointment's treatments are read by themselves."""

FAMILY = "plans"
SENTENCE = "With include=treatments the appointment list reads those of each appointment by itself."
OPERATION = "GET /appointments"
RULE = "plans/n-plus-one"
NAMES = "GET /appointments"
OUTCOME = "fail"
MODULE = "clinic.records"


def inside(module):
    together = module.with_treatments

    def one_by_one(work, clinic_id, rows):
        return [together(work, clinic_id, [row])[0] for row in rows]

    module.with_treatments = one_by_one
