"""A join that is not needed, a DISTINCT that hides what it doubled, and little memory to do so."""

FAMILY = "plans"
SENTENCE = "The invoice list joins all lines and takes DISTINCT of what comes out, on disk."
OPERATION = "GET /api/v1/invoices"
RULE = "plans/hash-spill | plans/sort-spill | plans/temp-blocks | plans/big-sort | plans/growth"
NAMES = "GET /api/v1/invoices"
OUTCOME = "fail"
MODULE = "system.db"

PLAIN = b"FROM invoices\nWHERE organization_id = %(organization)s"
JOINED = b"""FROM (
    SELECT DISTINCT invoices.* FROM invoices
    LEFT JOIN invoice_lines ON invoice_lines.organization_id = invoices.organization_id
                           AND invoice_lines.invoice_id = invoices.id
    WHERE invoices.organization_id = %(organization)s
) AS invoices
WHERE organization_id = %(organization)s"""


def inside(module):
    configure, one = module.Database._configure, module.Database.one

    async def forgetful(database, connection):
        await configure(database, connection)
        await connection.execute("SET work_mem = '64kB'")

    async def distinct(database, statement, organization, parameters):
        if statement.name == "list_invoices":
            assert PLAIN in statement.sql
            statement = module.Statement(statement.name, statement.sql.replace(PLAIN, JOINED))
        return await one(database, statement, organization, parameters)

    module.Database._configure, module.Database.one = forgetful, distinct
