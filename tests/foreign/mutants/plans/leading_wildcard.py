"""The search looks for its text anywhere in a name: no index knows that."""

FAMILY = "plans"
SENTENCE = "The search of patients is a LIKE that begins with a wildcard."
OPERATION = "GET /patients"
RULE = "plans/unusable-index | plans/growth | plans/sort-under-limit | plans/seq-scan | plans/rows-removed"
NAMES = "GET /patients"
OUTCOME = "fail"
MODULE = "clinic.storage"


def inside(module):
    sql = module.STATEMENTS["search_patients"]
    assert "search_name LIKE %(pattern)s" in sql
    sql = sql.replace(
        "search_name LIKE %(pattern)s",
        "('|' || search_name) LIKE '%%|' || %(pattern)s",
    )
    module.STATEMENTS["search_patients"] = sql
