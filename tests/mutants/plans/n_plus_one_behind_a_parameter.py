"""Only a search reads each contact that it found by itself."""

import json

FAMILY = "plans"
SENTENCE = "The search of contacts reads each of them by a statement of its own."
OPERATION = "GET /api/v1/contacts"
RULE = "plans/n-plus-one"
NAMES = "GET /api/v1/contacts"
OUTCOME = "fail"
MODULE = "system.db"


ONE = b"""
    SELECT row_to_json(contact) FROM (
        SELECT id, name, email, phone, gstin, city,
               to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "createdAt",
               to_char(updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "updatedAt"
        FROM contacts WHERE organization_id = %(organization)s AND id = %(id)s
    ) AS contact
"""


def inside(module):
    one = module.Database.one

    async def one_by_one(database, statement, organization, parameters):
        row = await one(database, statement, organization, parameters)
        if statement.name != "search_contacts":
            return row
        items = []
        for item in json.loads(row[0]):
            found = await one(database, module.Statement("one", ONE), organization, {"id": item["id"]})
            items.append(found[0])
        return b"[" + b",".join(items) + b"]", row[1]

    module.Database.one = one_by_one
