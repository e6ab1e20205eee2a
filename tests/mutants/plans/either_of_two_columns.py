"""A contact may be asked for by id or by address: one OR, and no index serves both."""

FAMILY = "plans"
SENTENCE = "A contact is looked up by id or by e-mail address."
OPERATION = "GET /api/v1/contacts/{contact_id}"
RULE = "plans/growth | plans/seq-scan | plans/unusable-index | plans/rows-removed"
NAMES = "GET /api/v1/contacts/{contact_id}"
OUTCOME = "fail"
MODULE = "system.contacts.routes"


def inside(module):
    statement = module.STATEMENTS["get_contact"]
    sql = statement.sql.replace(
        b"AND id = %(id)s",
        b"AND (id = %(id)s OR lower(email) = lower(%(id)s::text))",
    )
    assert sql != statement.sql
    module.STATEMENTS["get_contact"] = type(statement)(statement.name, sql)
