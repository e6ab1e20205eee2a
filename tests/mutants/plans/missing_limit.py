"""The list reads all invoices, and only then takes a page of them."""

FAMILY = "plans"
SENTENCE = "The invoice list has no LIMIT."
OPERATION = "GET /api/v1/invoices"
RULE = "plans/unbounded | plans/growth | plans/big-sort"
NAMES = "GET /api/v1/invoices"
OUTCOME = "fail"
MODULE = "system.invoices.routes"


def inside(module):
    for name in ("list_invoices", "list_invoices_of_status"):
        statement = module.STATEMENTS[name]
        sql = statement.sql.replace(b"LIMIT %(limit)s::int + 1", b"")
        assert sql != statement.sql
        module.STATEMENTS[name] = type(statement)(name, sql)
