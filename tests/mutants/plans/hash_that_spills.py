"""Contacts are counted by grouping them, in connections with little memory to do so."""

FAMILY = "plans"
SENTENCE = "The dashboard groups all contacts, on disk."
OPERATION = "GET /api/v1/dashboard"
RULE = "plans/hash-spill | plans/sort-spill | plans/temp-blocks | plans/big-sort"
NAMES = "GET /api/v1/dashboard"
OUTCOME = "fail"
MODULE = "system.db"


def inside(module):
    configure, one = module.Database._configure, module.Database.one

    async def forgetful(database, connection):
        await configure(database, connection)
        await connection.execute("SET work_mem = '64kB'")

    async def grouping(database, statement, organization, parameters):
        if statement.name == "dashboard":
            sql = statement.sql.replace(
                b"(SELECT count(*) FROM contacts WHERE organization_id = %(organization)s) AS contacts",
                b"(SELECT count(*) FROM (SELECT DISTINCT id, name, email, phone FROM contacts"
                b" WHERE organization_id = %(organization)s) AS each) AS contacts",
            )
            assert sql != statement.sql
            statement = module.Statement(statement.name, sql)
        return await one(database, statement, organization, parameters)

    module.Database._configure, module.Database.one = forgetful, grouping
