"""Each page counts the whole list, for a total that clients rarely read."""

FAMILY = "plans"
SENTENCE = "The appointment list counts all appointments for each page."
OPERATION = "GET /appointments"
RULE = "plans/growth"
NAMES = "GET /appointments"
OUTCOME = "fail"
MODULE = "clinic.records"


def inside(module):
    from clinic.storage import STATEMENTS

    STATEMENTS["count"] = "SELECT count(*) AS total FROM appointments WHERE clinic_id = %(clinic_id)s"
    listed = module.list_appointments

    def counted(work, clinic_id, page, status, *, treatments):
        work.one("count", clinic_id=clinic_id)
        return listed(work, clinic_id, page, status, treatments=treatments)

    module.list_appointments = counted
