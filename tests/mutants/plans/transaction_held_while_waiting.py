"""A transaction stays open while the service waits for something else than Postgres."""

import asyncio

FAMILY = "plans"
SENTENCE = "An invoice's transaction stays open for 0.4 s after its last statement."
OPERATION = "GET /api/v1/invoices/{invoice_id}"
RULE = "plans/idle-in-transaction"
NAMES = "GET /api/v1/invoices/{invoice_id}"
OUTCOME = "fail"
MODULE = "system.db"


def inside(module):
    one = module.Database.one

    async def holding(database, statement, organization, parameters):
        if statement.name != "get_invoice":
            return await one(database, statement, organization, parameters)
        async with database._pool.connection() as connection, connection.transaction():
            await connection.execute(module.ENTER_ORGANIZATION, (str(organization),))
            wanted = {"organization": organization, **parameters}
            row = await (await connection.execute(statement.sql, wanted)).fetchone()
            await asyncio.sleep(0.4)
        return row

    module.Database.one = holding
