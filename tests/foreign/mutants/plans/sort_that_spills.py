"""All appointments are ranked for each page, in sessions with little memory to sort in."""

FAMILY = "plans"
SENTENCE = "The appointment list ranks all of a clinic's and sorts them on disk."
OPERATION = "GET /appointments"
RULE = "plans/sort-spill | plans/temp-blocks | plans/big-sort | plans/growth | plans/sort-under-limit"
NAMES = "GET /appointments"
OUTCOME = "fail"
MODULE = "clinic.storage"


def inside(module):
    sql = module.STATEMENTS["list_appointments"]
    ranked = """
    FROM (
        SELECT *, row_number() OVER (ORDER BY reason, starts_at DESC) AS rank_in_reason
        FROM appointments WHERE clinic_id = %(clinic_id)s
    ) AS appointments
    WHERE rank_in_reason > 0"""
    plain = """
    FROM appointments
    WHERE clinic_id = %(clinic_id)s"""
    assert plain in sql
    module.STATEMENTS["list_appointments"] = sql.replace(plain, ranked)
    opened = module.ThreadedConnectionPool

    def small(least, most, address, **options):
        return opened(least, most, address, options="-c work_mem=64kB", **options)

    module.ThreadedConnectionPool = small
