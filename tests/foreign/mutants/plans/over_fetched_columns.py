"""The list reads whole rows, history included, and shows a few columns of them."""

FAMILY = "plans"
SENTENCE = "The patient list selects every column."
OPERATION = "GET /patients"
RULE = "plans/over-fetch"
NAMES = "GET /patients"
OUTCOME = "fail"
MODULE = "clinic.records"


SHOWN = ("patient_id", "given_name", "family_name", "born_on", "phone")


def inside(module):
    from clinic.storage import STATEMENTS

    for name in ("list_patients", "search_patients"):
        assert ", ".join(SHOWN) in STATEMENTS[name]
        STATEMENTS[name] = STATEMENTS[name].replace(", ".join(SHOWN), "*")
    listed = module.list_patients

    def shown(*arguments):
        return [{name: row[name] for name in SHOWN} for row in listed(*arguments)]

    module.list_patients = shown
