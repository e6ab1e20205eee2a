"""The search looks for its text anywhere in a name, and drops what it did not want: no index knows that."""

FAMILY = "plans"
SENTENCE = "The search of patients is a LIKE that begins with a wildcard."
OPERATION = "GET /patients"
RULE = "plans/unusable-index | plans/growth | plans/wrong-order-index | plans/sort-under-limit"
NAMES = "GET /patients"
OUTCOME = "fail"
MODULE = "clinic.records"


def inside(module):
    from clinic.storage import STATEMENTS

    sql = STATEMENTS["search_patients"]
    assert "search_name LIKE %(pattern)s" in sql
    STATEMENTS["search_patients"] = sql.replace(
        "search_name LIKE %(pattern)s",
        "search_name LIKE %(pattern)s AND position(%(start)s in search_name) = 1",
    )
    listed = module.list_patients

    class Anywhere:
        def __init__(self, work, start):
            self.work, self.start = work, start

        def all(self, name, pattern, **values):
            return self.work.all(name, pattern="%" + pattern, start=self.start, **values)

    def search(work, clinic_id, page, prefix):
        if prefix is None:
            return listed(work, clinic_id, page, prefix)
        return listed(Anywhere(work, prefix.lower()), clinic_id, page, prefix)

    module.list_patients = search
