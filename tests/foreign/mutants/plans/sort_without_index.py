"""Patients are ordered by an expression that no index has: the same order."""

FAMILY = "plans"
SENTENCE = "Patients are sorted by lower(search_name), which no index has."
OPERATION = "GET /patients"
RULE = "plans/sort-under-limit | plans/growth | plans/big-sort"
NAMES = "GET /patients"
OUTCOME = "fail"
MODULE = "clinic.storage"


def inside(module):
    sql = module.STATEMENTS["list_patients"]
    assert "ORDER BY search_name" in sql
    sql = sql.replace("ORDER BY search_name", "ORDER BY lower(search_name)")
    module.STATEMENTS["list_patients"] = sql
