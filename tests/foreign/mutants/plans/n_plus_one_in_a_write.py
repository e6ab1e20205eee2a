"""Each line of a new appointment is inserted and read back by itself, as mappers of objects do."""

FAMILY = "plans"
SENTENCE = "A new appointment inserts its treatments one by one, and reads each of them back."
OPERATION = "POST /appointments"
RULE = "plans/n-plus-one"
NAMES = "POST /appointments"
OUTCOME = "fail"
MODULE = "clinic.records"

INSERT = """
    INSERT INTO treatments (clinic_id, appointment_id, position, code, price_cents)
    VALUES (%(clinic_id)s, %(appointment_id)s, %(position)s, %(code)s, %(price_cents)s)
"""
READ = """
    SELECT position, code, price_cents FROM treatments
    WHERE clinic_id = %(clinic_id)s AND appointment_id = %(appointment_id)s AND position = %(position)s
"""


def inside(module):
    from clinic.storage import STATEMENTS

    STATEMENTS["insert_treatment"], STATEMENTS["read_treatment"] = INSERT, READ
    create = module.create_appointment

    def one_by_one(work, clinic_id, new):
        made = create(work, clinic_id, {**new, "treatments": []})
        if made is None:
            return None
        ids = {"clinic_id": clinic_id, "appointment_id": made["appointment_id"]}
        lines = []
        for position, treatment in enumerate(new["treatments"], 1):
            work.run("insert_treatment", position=position, **treatment, **ids)
            lines.append(work.one("read_treatment", position=position, **ids))
        return {**made, "treatments": lines}

    module.create_appointment = one_by_one
