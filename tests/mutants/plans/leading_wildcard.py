"""The search looks for its words anywhere in a text: no index knows that."""

FAMILY = "plans"
SENTENCE = "The search of contacts is a LIKE that begins with a wildcard."
OPERATION = "GET /api/v1/contacts"
RULE = "plans/unusable-index | plans/growth | plans/seq-scan | plans/rows-removed"
NAMES = "GET /api/v1/contacts"
OUTCOME = "fail"
MODULE = "system.contacts.routes"


def inside(module):
    statement = module.STATEMENTS["search_contacts"]
    sql = statement.sql.replace(
        b"SELECT id FROM search_contacts(%(words)s::text) AS id\n    WHERE id < %(cursor)s",
        b"SELECT id FROM contacts WHERE organization_id = %(organization)s AND id < %(cursor)s"
        b" AND search::text LIKE ALL (SELECT '%%:' || word || '%%'"
        rb" FROM regexp_split_to_table(lower(%(words)s::text), '\s+') AS word)",
    )
    assert sql != statement.sql
    module.STATEMENTS["search_contacts"] = type(statement)(statement.name, sql)
