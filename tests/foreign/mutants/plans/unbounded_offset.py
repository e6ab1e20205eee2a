"""Pages may be any number, in the contract and in the code: the last one skips all rows."""

FAMILY = "plans"
SENTENCE = "Pages of appointments have no highest number."
OPERATION = "GET /appointments"
RULE = "plans/offset"
NAMES = "GET /appointments"
OUTCOME = "fail"
MODULE = "clinic.service"


def inside(module):
    from clinic import asked

    asked.MOST_PAGES = asked.GREATEST_ID // 100
    del module.CONTRACT["components"]["parameters"]["page"]["schema"]["maximum"]
