"""Sums are made in the service, of rows that are all sent to it."""

import json

FAMILY = "plans"
SENTENCE = "The dashboard fetches every contact to count them."
OPERATION = "GET /api/v1/dashboard"
RULE = "plans/over-fetch | plans/unbounded"
NAMES = "GET /api/v1/dashboard"
OUTCOME = "fail"
MODULE = "system.db"


ALL = b"SELECT id, name, email, phone, city FROM contacts WHERE organization_id = %(organization)s"


def inside(module):
    one = module.Database.one

    async def counting(database, statement, organization, parameters):
        row = await one(database, statement, organization, parameters)
        if statement.name != "dashboard":
            return row
        async with database._pool.connection() as connection, connection.transaction():
            await connection.execute(module.ENTER_ORGANIZATION, (str(organization),))
            rows = await (await connection.execute(ALL, {"organization": organization})).fetchall()
        return (json.dumps({**json.loads(row[0]), "contacts": len(rows)}).encode(),)

    module.Database.one = counting
