"""The list asks for ids, and then for each invoice by itself."""

import json

FAMILY = "plans"
SENTENCE = "The invoice list reads each of its invoices by a statement of its own."
OPERATION = "GET /api/v1/invoices"
RULE = "plans/n-plus-one"
NAMES = "GET /api/v1/invoices"
OUTCOME = "fail"
MODULE = "system.db"


ONE = b"""
    SELECT row_to_json(shown) FROM (
        SELECT id, number, contact_id AS "contactId", status, issued_on AS "issuedOn", due_on AS "dueOn",
               taxable_paise AS "taxablePaise", tax_paise AS "taxPaise", total_paise AS "totalPaise",
               to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "createdAt"
        FROM invoices WHERE organization_id = %(organization)s AND id = %(id)s
    ) AS shown
"""


def inside(module):
    one = module.Database.one

    async def one_by_one(database, statement, organization, parameters):
        row = await one(database, statement, organization, parameters)
        if not statement.name.startswith("list_invoices"):
            return row
        items = []
        for item in json.loads(row[0]):
            found = await one(database, module.Statement("one", ONE), organization, {"id": item["id"]})
            items.append(found[0])
        return b"[" + b",".join(items) + b"]", row[1]

    module.Database.one = one_by_one
