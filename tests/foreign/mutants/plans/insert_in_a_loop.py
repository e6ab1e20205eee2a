"""Each line of a new appointment is a statement of its own."""

FAMILY = "plans"
SENTENCE = "A new appointment inserts its treatments one by one."
OPERATION = "POST /appointments"
RULE = "plans/n-plus-one"
NAMES = "POST /appointments"
OUTCOME = "fail"
MODULE = "clinic.records"


ONE = """
    INSERT INTO treatments (clinic_id, appointment_id, position, code, price_cents)
    VALUES (%(clinic_id)s, %(appointment_id)s, %(position)s, %(code)s, %(price_cents)s)
"""


def inside(module):
    from clinic.storage import STATEMENTS

    STATEMENTS["create_treatment"] = ONE
    create = module.create_appointment

    def one_by_one(work, clinic_id, new):
        made = create(work, clinic_id, {**new, "treatments": []})
        if made is None:
            return None
        ids = {"clinic_id": clinic_id, "appointment_id": made["appointment_id"]}
        for position, treatment in enumerate(new["treatments"], 1):
            work.run("create_treatment", position=position, **treatment, **ids)
        return module.get_appointment(work, **ids)

    module.create_appointment = one_by_one
