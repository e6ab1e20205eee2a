"""An invoice is read without its lines, and then each line by itself."""

import json

FAMILY = "plans"
SENTENCE = "An invoice reads each of its lines by a statement of its own."
OPERATION = "GET /api/v1/invoices/{invoice_id}"
RULE = "plans/n-plus-one"
NAMES = "GET /api/v1/invoices/{invoice_id}"
OUTCOME = "fail"
MODULE = "system.db"


LINE = b"""
    SELECT row_to_json(line) FROM (
        SELECT position, description, hsn, quantity, unit_price_paise AS "unitPricePaise",
               gst_percent AS "gstPercent", taxable_paise AS "taxablePaise", tax_paise AS "taxPaise"
        FROM invoice_lines
        WHERE organization_id = %(organization)s AND invoice_id = %(id)s AND position = %(position)s
    ) AS line
"""


def inside(module):
    one = module.Database.one

    async def one_by_one(database, statement, organization, parameters):
        row = await one(database, statement, organization, parameters)
        if statement.name != "get_invoice" or row is None:
            return row
        invoice = json.loads(row[0])
        each = []
        for line in invoice["lines"]:
            wanted = {"id": invoice["id"], "position": line["position"]}
            found = await one(database, module.Statement("line", LINE), organization, wanted)
            each.append(json.loads(found[0]))
        return (json.dumps({**invoice, "lines": each}).encode(),)

    module.Database.one = one_by_one
