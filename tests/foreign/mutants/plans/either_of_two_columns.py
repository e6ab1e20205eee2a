"""A patient may be asked for by id or by phone: one OR, and no index serves both."""

FAMILY = "plans"
SENTENCE = "A patient is looked up by id or by phone number."
OPERATION = "GET /patients/{patient_id}"
RULE = "plans/growth | plans/seq-scan | plans/unusable-index | plans/rows-removed"
NAMES = "GET /patients/{patient_id}"
OUTCOME = "fail"
MODULE = "clinic.storage"


def inside(module):
    sql = module.STATEMENTS["get_patient"]
    assert "AND patient_id = %(patient_id)s" in sql
    sql = sql.replace(
        "AND patient_id = %(patient_id)s", "AND (patient_id = %(patient_id)s OR phone = %(patient_id)s::text)"
    )
    module.STATEMENTS["get_patient"] = sql
