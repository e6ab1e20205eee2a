"""The list reads each invoice's lines and its contact, whole, and shows neither."""

FAMILY = "plans"
SENTENCE = "The invoice list fetches lines and contacts that it does not show."
OPERATION = "GET /api/v1/invoices"
RULE = "plans/over-fetch"
NAMES = "GET /api/v1/invoices"
OUTCOME = "fail"
MODULE = "system.invoices.routes"


def inside(module):
    statement = module.STATEMENTS["list_invoices"]
    sql = statement.sql.replace(
        b"FROM (\n",
        b", json_agg((SELECT json_agg(lines) FROM invoice_lines AS lines"
        b" WHERE lines.organization_id = %(organization)s AND lines.invoice_id = page.id))"
        b", json_agg((SELECT row_to_json(contacts) FROM contacts"
        b" WHERE contacts.organization_id = %(organization)s"
        b" AND contacts.id = (page.item ->> 'contactId')::uuid))\nFROM (\n",
        1,
    )
    assert sql != statement.sql
    module.STATEMENTS["list_invoices"] = type(statement)(statement.name, sql)
