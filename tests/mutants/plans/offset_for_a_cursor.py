"""The cursor is turned into an OFFSET: each page reads all pages before it."""

FAMILY = "plans"
SENTENCE = "The invoice list skips what its cursor has passed by OFFSET."
OPERATION = "GET /api/v1/invoices"
RULE = "plans/offset | plans/growth"
NAMES = "GET /api/v1/invoices"
OUTCOME = "fail"
MODULE = "system.invoices.routes"


def inside(module):
    statement = module.STATEMENTS["list_invoices"]
    sql = statement.sql.replace(b" AND id < %(cursor)s", b"").replace(
        b"LIMIT %(limit)s::int + 1",
        b"LIMIT %(limit)s::int + 1 OFFSET (SELECT count(*) FROM invoices"
        b" WHERE organization_id = %(organization)s AND id >= %(cursor)s)",
    )
    assert sql.count(b"OFFSET") == 1
    module.STATEMENTS["list_invoices"] = type(statement)(statement.name, sql)
