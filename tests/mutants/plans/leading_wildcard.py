"""The search looks for its first word anywhere in three columns: no index knows that."""

FAMILY = "plans"
SENTENCE = "The search of contacts is a LIKE that begins with a wildcard, over three columns."
OPERATION = "GET /api/v1/contacts"
RULE = "plans/unusable-index | plans/growth | plans/wrong-order-index | plans/sort-under-limit"
NAMES = "GET /api/v1/contacts"
OUTCOME = "fail"
MODULE = "system.db"

FOUND = b"SELECT id FROM search_contacts(%(words)s::text) AS id\n    WHERE id < %(cursor)s"
ANYWHERE = b"""SELECT id FROM contacts
    WHERE organization_id = %(organization)s AND id < %(cursor)s
      AND (lower(name) LIKE %(pattern)s OR lower(email) LIKE %(pattern)s OR phone LIKE %(pattern)s)
      AND search @@ contact_query(%(organization)s, %(words)s::text)"""


def inside(module):
    one = module.Database.one

    async def anywhere(database, statement, organization, parameters):
        if statement.name == "search_contacts":
            assert FOUND in statement.sql
            statement = module.Statement(statement.name, statement.sql.replace(FOUND, ANYWHERE))
            word = parameters["words"].lower().split()[0]
            for special in ("\\", "%", "_"):
                word = word.replace(special, "\\" + special)
            parameters = {**parameters, "pattern": f"%{word}%"}
        return await one(database, statement, organization, parameters)

    module.Database.one = anywhere
