"""All invoices are ranked for each page, in connections with little memory to sort in."""

FAMILY = "plans"
SENTENCE = "The invoice list ranks the whole organization and sorts it on disk."
OPERATION = "GET /api/v1/invoices"
RULE = "plans/sort-spill | plans/temp-blocks | plans/big-sort | plans/growth"
NAMES = "GET /api/v1/invoices"
OUTCOME = "fail"
MODULE = "system.db"


def inside(module):
    configure, one = module.Database._configure, module.Database.one

    async def forgetful(database, connection):
        await configure(database, connection)
        await connection.execute("SET work_mem = '64kB'")

    async def ranking(database, statement, organization, parameters):
        if statement.name == "list_invoices":
            sql = statement.sql.replace(
                b"FROM invoices\nWHERE organization_id = %(organization)s AND id < %(cursor)s",
                b"FROM (SELECT *, row_number() OVER (ORDER BY created_at DESC, id DESC) AS place"
                b" FROM invoices WHERE organization_id = %(organization)s AND id < %(cursor)s) AS ranked\n"
                b"WHERE place <= %(limit)s::int + 1",
            )
            assert sql != statement.sql
            statement = module.Statement(statement.name, sql)
        return await one(database, statement, organization, parameters)

    module.Database._configure, module.Database.one = forgetful, ranking
