"""Each page counts the whole list, for a total that clients rarely read."""

FAMILY = "plans"
SENTENCE = "The invoice list counts all invoices for each page."
OPERATION = "GET /api/v1/invoices"
RULE = "plans/growth"
NAMES = "GET /api/v1/invoices"
OUTCOME = "fail"
MODULE = "system.db"


COUNT = b"SELECT count(*) FROM invoices WHERE organization_id = %(organization)s"


def inside(module):
    one = module.Database.one

    async def counting(database, statement, organization, parameters):
        if statement.name == "list_invoices":
            await one(database, module.Statement("count", COUNT), organization, {})
        return await one(database, statement, organization, parameters)

    module.Database.one = counting
