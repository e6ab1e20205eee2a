"""A contact is read to see whether it is there, and read again to be shown."""

FAMILY = "plans"
SENTENCE = "A contact is read twice by the same statement."
OPERATION = "GET /api/v1/contacts/{contact_id}"
RULE = "plans/duplicate-statement"
NAMES = "GET /api/v1/contacts/{contact_id}"
OUTCOME = "fail"
MODULE = "system.db"


def inside(module):
    one = module.Database.one

    async def twice(database, statement, organization, parameters):
        if (
            statement.name == "get_contact"
            and await one(database, statement, organization, parameters) is None
        ):
            return None
        return await one(database, statement, organization, parameters)

    module.Database.one = twice
