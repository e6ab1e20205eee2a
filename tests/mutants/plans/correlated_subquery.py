"""An invoice's number is counted anew for each row, as its place among all of the organization."""

FAMILY = "plans"
SENTENCE = "The invoice list counts all earlier invoices for each of its rows."
OPERATION = "GET /api/v1/invoices"
RULE = "plans/correlated-subquery | plans/growth"
NAMES = "GET /api/v1/invoices"
OUTCOME = "fail"
MODULE = "system.invoices.routes"


def inside(module):
    statement = module.STATEMENTS["list_invoices"]
    sql = statement.sql.replace(
        b"SELECT id, number,",
        b"SELECT id, (SELECT count(*) FROM invoices AS earlier"
        b" WHERE earlier.organization_id = %(organization)s"
        b" AND earlier.number <= invoices.number) AS number,",
    )
    assert sql != statement.sql
    module.STATEMENTS["list_invoices"] = type(statement)(statement.name, sql)
