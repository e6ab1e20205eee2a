"""Contacts are counted by reading them page after page."""

import json
from uuid import UUID

FAMILY = "plans"
SENTENCE = "The dashboard reads all contacts, a thousand at a time, to count them."
OPERATION = "GET /api/v1/dashboard"
RULE = "plans/page-loop | plans/n-plus-one"
NAMES = "GET /api/v1/dashboard"
OUTCOME = "fail"
MODULE = "system.db"


PAGE = b"""
    SELECT id FROM contacts
    WHERE organization_id = %(organization)s AND id > %(after)s
    ORDER BY id LIMIT 1000
"""


def inside(module):
    one = module.Database.one

    async def pages(database, organization):
        after, full = UUID(int=0), True
        async with database._pool.connection() as connection:
            while full:
                async with connection.transaction():
                    await connection.execute(module.ENTER_ORGANIZATION, (str(organization),))
                    wanted = {"organization": organization, "after": after}
                    rows = await (await connection.execute(PAGE, wanted)).fetchall()
                yield len(rows)
                full = len(rows) == 1000
                after = rows[-1][0] if rows else after

    async def counting(database, statement, organization, parameters):
        row = await one(database, statement, organization, parameters)
        if statement.name != "dashboard":
            return row
        contacts = sum([count async for count in pages(database, organization)])
        return (json.dumps({**json.loads(row[0]), "contacts": contacts}).encode(),)

    module.Database.one = counting
