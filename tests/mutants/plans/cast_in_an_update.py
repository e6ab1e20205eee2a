"""A write finds its row by an id cast to text."""

FAMILY = "plans"
SENTENCE = "A change of a contact compares the id as text."
OPERATION = "PATCH /api/v1/contacts/{contact_id}"
RULE = "plans/unusable-index | plans/growth | plans/seq-scan | plans/rows-removed"
NAMES = "PATCH /api/v1/contacts/{contact_id}"
OUTCOME = "fail"
MODULE = "system.contacts.routes"


def inside(module):
    statement = module.STATEMENTS["change_contact"]
    sql = statement.sql.replace(
        b"contacts.id = %(id)s",
        b"contacts.id::text = %(id)s::text",
    )
    assert sql != statement.sql
    module.STATEMENTS["change_contact"] = type(statement)(statement.name, sql)
