"""An id is compared as text, so that its index cannot be used."""

FAMILY = "plans"
SENTENCE = "An appointment is looked up by its id cast to text."
OPERATION = "GET /appointments/{appointment_id}"
RULE = "plans/unusable-index | plans/growth | plans/seq-scan | plans/rows-removed"
NAMES = "GET /appointments/{appointment_id}"
OUTCOME = "fail"
MODULE = "clinic.storage"


def inside(module):
    sql = module.STATEMENTS["get_appointment"]
    assert "a.appointment_id = %(appointment_id)s" in sql
    sql = sql.replace(
        "a.appointment_id = %(appointment_id)s", "a.appointment_id::text = %(appointment_id)s::text"
    )
    module.STATEMENTS["get_appointment"] = sql
