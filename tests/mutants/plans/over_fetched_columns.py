"""Each contact brings the newest sixty along, for nothing: twice the 16 KiB that the rule lets pass."""

FAMILY = "plans"
SENTENCE = "A contact is read together with the newest sixty, which nobody is shown."
OPERATION = "GET /api/v1/contacts/{contact_id}"
RULE = "plans/over-fetch"
NAMES = "GET /api/v1/contacts/{contact_id}"
OUTCOME = "fail"
MODULE = "system.contacts.routes"


def inside(module):
    statement = module.STATEMENTS["get_contact"]
    sql = statement.sql.replace(
        b"SELECT row_to_json(contact)\nFROM (",
        b"SELECT row_to_json(contact), contact.name, (SELECT string_agg(newest::text, ',')"
        b" FROM (SELECT * FROM contacts WHERE organization_id = %(organization)s ORDER BY id DESC LIMIT 60)"
        b" AS newest)\nFROM (",
    )
    assert sql != statement.sql
    module.STATEMENTS["get_contact"] = type(statement)(statement.name, sql)
