"""An id is compared as text, so that its index cannot be used."""

FAMILY = "plans"
SENTENCE = "A contact is looked up by its id cast to text."
OPERATION = "GET /api/v1/contacts/{contact_id}"
RULE = "plans/unusable-index | plans/growth | plans/seq-scan | plans/rows-removed"
NAMES = "GET /api/v1/contacts/{contact_id}"
OUTCOME = "fail"
MODULE = "system.contacts.routes"


def inside(module):
    statement = module.STATEMENTS["get_contact"]
    sql = statement.sql.replace(
        b"AND id = %(id)s",
        b"AND id::text = %(id)s::text",
    )
    assert sql != statement.sql
    module.STATEMENTS["get_contact"] = type(statement)(statement.name, sql)
