"""A request that only reads gives its connection back without ending the transaction."""

from contextlib import contextmanager

FAMILY = "plans"
SENTENCE = "Requests that only read leave their transaction open."
OPERATION = "*"
RULE = "plans/idle-in-transaction"
NAMES = "GET /patients/{patient_id}"
OUTCOME = "fail"
MODULE = "clinic.storage"


def inside(module):
    @contextmanager
    def work(storage):
        connection = storage._pool.getconn()
        try:
            with connection.cursor() as cursor:
                begun = module.Work(cursor)
                yield begun
            if cursor.query is None or not cursor.query.lstrip().startswith(b"SELECT"):
                connection.commit()
        except BaseException:
            connection.rollback()
            raise
        finally:
            # What putconn does but for its rollback: the connection is simply free again.
            storage._pool._pool.append(connection)
            key = storage._pool._rused.pop(id(connection))
            del storage._pool._used[key]

    module.Storage.work = work
