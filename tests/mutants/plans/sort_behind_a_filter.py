"""Only the filtered list is ordered by a column that no index has."""

FAMILY = "plans"
SENTENCE = "Invoices of one status are ordered by created_at, which no index has."
OPERATION = "GET /api/v1/invoices"
RULE = "plans/sort-under-limit | plans/growth | plans/big-sort"
NAMES = "GET /api/v1/invoices"
OUTCOME = "fail"
MODULE = "system.invoices.routes"


def inside(module):
    statement = module.STATEMENTS["list_invoices_of_status"]
    sql = statement.sql.replace(
        b"ORDER BY id DESC",
        b"ORDER BY invoices.created_at DESC, id DESC",
    )
    assert sql != statement.sql
    module.STATEMENTS["list_invoices_of_status"] = type(statement)(statement.name, sql)
