"""All appointments are joined and sent, and the service takes a page of them."""

FAMILY = "plans"
SENTENCE = "The appointment list has no LIMIT; the service cuts its page out of all rows."
OPERATION = "GET /appointments"
RULE = "plans/unbounded | plans/growth | plans/over-fetch | plans/big-sort"
NAMES = "GET /appointments"
OUTCOME = "fail"
MODULE = "clinic.records"


def inside(module):
    from clinic.storage import STATEMENTS

    sql = STATEMENTS["list_appointments"]
    assert "LIMIT %(limit)s OFFSET %(offset)s" in sql
    STATEMENTS["list_appointments"] = sql.replace("LIMIT %(limit)s OFFSET %(offset)s", "")
    listed = module.list_appointments

    def cut(work, clinic_id, page, status, *, treatments):
        rows = listed(work, clinic_id, page, status, treatments=treatments)
        if status is not None:
            return rows
        wanted = module.one_page(page)
        return rows[wanted["offset"] : wanted["offset"] + wanted["limit"]]

    module.list_appointments = cut
