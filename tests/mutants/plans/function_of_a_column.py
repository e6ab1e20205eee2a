"""A filter wraps its column, so that its index cannot be used."""

FAMILY = "plans"
SENTENCE = "Invoices are filtered by lower(status)."
OPERATION = "GET /api/v1/invoices"
RULE = "plans/unusable-index | plans/wrong-order-index | plans/growth | plans/rows-removed"
NAMES = "GET /api/v1/invoices"
OUTCOME = "fail"
MODULE = "system.invoices.routes"


def inside(module):
    statement = module.STATEMENTS["list_invoices_of_status"]
    sql = statement.sql.replace(
        b"status = %(status)s::text",
        b"lower(status) = lower(%(status)s::text)",
    )
    assert sql != statement.sql
    module.STATEMENTS["list_invoices_of_status"] = type(statement)(statement.name, sql)
