"""Capture is exact for psycopg2, asyncpg and SQLAlchemy."""

import asyncpg
import psycopg2
import psycopg2.extras
import pytest
import sqlalchemy
from sqlalchemy import Column, ForeignKey, Integer, MetaData, Table, Text, func, insert, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from harness.wires.model import BINARY, Statement, TransactionEnded
from harness.wires.statements import distinct


def values(statement: Statement) -> list[bytes | None]:
    return [parameter.value for parameter in statement.parameters]


def of_text(statements: list[Statement], part: str) -> list[Statement]:
    return [statement for statement in statements if part in statement.sql]


def test_psycopg2_writes_its_values_into_the_text(capture):
    connection = psycopg2.connect(capture.url)
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT n, %s AS name FROM generate_series(1, %s) n", ("it's; so", 3))
        assert len(cursor.fetchall()) == 3
    connection.close()

    begin, statement, commit = capture.statements()
    assert [begin.sql, commit.sql] == ["BEGIN", "COMMIT"]
    assert statement.sql == "SELECT n, 'it''s; so' AS name FROM generate_series(1, 3) n"
    assert (statement.rows, statement.simple, statement.parameters) == (3, True, ())
    assert [column.sample for column in statement.columns] == ["1", "it's; so"]
    assert len({begin.transaction, statement.transaction, commit.transaction}) == 1


def test_psycopg2_many_and_named_cursors(capture):
    connection = psycopg2.connect(capture.url)
    with connection, connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE many (id int4, name text)")
        cursor.executemany("INSERT INTO many VALUES (%s, %s)", [(1, "a"), (2, None)])
        psycopg2.extras.execute_values(cursor, "INSERT INTO many VALUES %s", [(n, "x") for n in range(30)])
        psycopg2.extras.execute_batch(cursor, "INSERT INTO many VALUES (%s, 'b')", [(n,) for n in range(3)])
    with connection, connection.cursor("pages") as cursor:
        cursor.execute("SELECT * FROM many ORDER BY id")
        assert len(cursor.fetchmany(12)) == 12
        assert len(cursor.fetchall()) == 23
    with pytest.raises(psycopg2.errors.UndefinedTable), connection, connection.cursor() as cursor:
        cursor.execute("SELECT * FROM absent_table")
    connection.close()

    statements = capture.statements()
    inserts = of_text(statements, "INSERT INTO many")
    assert [each.rows for each in inserts] == [1, 1, 30, 1, 1, 1]
    assert [each.sql for each in inserts[:2]] == [
        "INSERT INTO many VALUES (1, 'a')",
        "INSERT INTO many VALUES (2, NULL)",
    ]
    assert [each.sql for each in inserts[3:]] == [f"INSERT INTO many VALUES ({n}, 'b')" for n in range(3)]
    assert {each.texts for each in inserts[3:]} == {3}
    assert [each.rows for each in statements if each.tag == "FETCH"] == [12, 23]
    assert statements[-2].error == "42P01"
    (many,) = [query for query in distinct(capture.events()) if query.sql.startswith("SELECT * FROM many")]
    assert many.sql == "SELECT * FROM many ORDER BY id"


async def test_asyncpg_binds_in_binary_and_describes_once(capture):
    connection = await asyncpg.connect(capture.url)
    rows = await connection.fetch("SELECT n, $2::text AS name FROM generate_series(1, $1::int4) n", 5, "x")
    assert len(rows) == 5
    assert await connection.fetchval("SELECT n FROM generate_series(1, $1::int4) n", 9) == 1
    prepared = await connection.prepare("SELECT $1::int8 + 1 AS sum")
    assert [await prepared.fetchval(number) for number in (1, 2)] == [2, 3]
    await connection.close()

    statements = capture.statements()
    (fetch,) = of_text(statements, "AS name")
    assert values(fetch) == [b"\0\0\0\5", b"x"]
    assert [(each.oid, each.format) for each in fetch.parameters] == [(23, BINARY), (25, BINARY)]
    assert (fetch.rows, fetch.tag) == (5, "SELECT")
    assert [(each.name, each.sample, each.size_bytes) for each in fetch.columns] == [
        ("n", "1", 20), ("name", "x", 5),
    ]  # fmt: skip
    (first,) = of_text(statements, "SELECT n FROM")
    assert (first.rows, values(first)) == (1, [b"\0\0\0\x09"])
    sums = of_text(statements, "AS sum")
    assert [each.columns[0].sample for each in sums] == ["2", "3"]
    assert len({each.prepared for each in sums}) == 1


async def test_asyncpg_executemany_is_a_pipeline_in_one_transaction(capture):
    connection = await asyncpg.connect(capture.url)
    await connection.execute("CREATE TEMP TABLE many (id int4, name text)")
    await connection.executemany("INSERT INTO many VALUES ($1, $2)", [(1, "a"), (2, None), (3, "c")])
    await connection.copy_records_to_table("many", records=[(n, "copied") for n in range(100)])
    await connection.close()

    statements = capture.statements()
    inserts = of_text(statements, "INSERT INTO many")
    assert [values(each) for each in inserts] == [
        [b"\0\0\0\1", b"a"], [b"\0\0\0\2", None], [b"\0\0\0\3", b"c"],
    ]  # fmt: skip
    assert all(each.pipelined and each.rows == 1 for each in inserts)
    assert len({each.transaction for each in inserts}) == 1
    assert [(each.tag, each.rows) for each in statements if each.tag == "COPY"] == [("COPY", 100)]


async def test_asyncpg_cursors_are_one_statement_with_all_their_rows(capture):
    connection = await asyncpg.connect(capture.url)
    async with connection.transaction():
        seen = [
            row["n"]
            async for row in connection.cursor(
                "SELECT n FROM generate_series(1, $1::int4) n", 120, prefetch=50
            )
        ]
    async with connection.transaction():
        cursor = await connection.cursor("SELECT -n AS n FROM generate_series(1, $1::int4) n", 99)
        assert len(await cursor.fetch(40)) == 40
    await connection.close()

    assert len(seen) == 120
    statements = capture.statements()
    (whole,) = of_text(statements, "SELECT n FROM")
    (part,) = of_text(statements, "SELECT -n")
    assert (whole.rows, whole.block, whole.columns[0].size_bytes) == (120, True, 480)
    assert (part.rows, part.columns[0].sample) == (40, "-1")
    blocks = [event.transaction for event in capture.events() if isinstance(event, TransactionEnded)]
    assert [whole.transaction, part.transaction] == blocks


async def test_asyncpg_savepoints_and_errors_stay_in_their_transaction(capture):
    connection = await asyncpg.connect(capture.url)
    async with connection.transaction():
        await connection.execute("SELECT 1")
        with pytest.raises(asyncpg.DivisionByZeroError):
            async with connection.transaction():
                await connection.fetch("SELECT 1 / $1::int4", 0)
        await connection.execute("SELECT 2")
    with pytest.raises(asyncpg.UndefinedTableError):
        await connection.fetch("SELECT * FROM absent_table WHERE id = $1", 1)
    with pytest.raises(TimeoutError):
        await connection.execute("SELECT pg_sleep(20)", timeout=0.5)
    await connection.close()

    events = capture.events()
    (ended,) = [event for event in events if isinstance(event, TransactionEnded)]
    inside = [each for each in capture.statements() if each.transaction == ended.transaction]
    assert [each.sql.split()[0].rstrip(";") for each in inside] == [
        "BEGIN", "SELECT", "SAVEPOINT", "SELECT", "ROLLBACK", "SELECT", "COMMIT",
    ]  # fmt: skip
    assert [each.error for each in inside] == ["", "", "", "22012", "", "", ""]
    assert not ended.failed
    outside = {each.sql: each.error for each in capture.statements() if each.error and not each.block}
    assert outside == {"SELECT * FROM absent_table WHERE id = $1": "42P01", "SELECT pg_sleep(20)": "57014"}
    assert capture.counters().undecodable == 0


class Base(DeclarativeBase):
    pass


class Owner(Base):
    __tablename__ = "capture_owner"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Pet(Base):
    __tablename__ = "capture_pet"
    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("capture_owner.id"))


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2"])
def test_sqlalchemy_orm_with_a_savepoint(capture, driver):
    engine = sqlalchemy.create_engine(capture.url.replace("postgresql://", f"postgresql+{driver}://"))
    Base.metadata.create_all(engine)
    try:
        with Session(engine) as session, session.begin():
            owner = Owner(name="ann")
            session.add(owner)
            session.flush()
            session.add_all(Pet(owner_id=owner.id) for _ in range(3))
            with session.begin_nested():
                session.add(Owner(name="bob"))
        with Session(engine) as session:
            owners = session.scalars(select(Owner).order_by(Owner.name)).all()
            counts = [
                session.scalar(select(func.count()).select_from(Pet).where(Pet.owner_id == each.id))
                for each in owners
            ]
    finally:
        Base.metadata.drop_all(engine)
        engine.dispose()

    assert counts == [3, 0]
    statements = capture.statements()
    assert [each.rows for each in of_text(statements, "INSERT INTO capture_owner")] == [1, 1]
    assert sum(each.rows for each in of_text(statements, "INSERT INTO capture_pet")) == 3
    (listed,) = of_text(statements, "ORDER BY capture_owner.name")
    assert (listed.rows, [each.sample for each in listed.columns]) == (2, ["1", "ann"])
    counted = of_text(statements, "count(*)")
    assert [each.columns[0].sample for each in counted] == ["3", "0"]
    (savepoint,) = of_text(statements, "RELEASE SAVEPOINT")
    assert {each.transaction for each in of_text(statements, "INSERT INTO capture_")} == {
        savepoint.transaction
    }
    assert len({query.fingerprint for query in distinct(capture.events()) if "count(*)" in query.sql}) == 1


def test_sqlalchemy_core_inserts_many_rows_with_one_statement(capture):
    engine = sqlalchemy.create_engine(capture.url.replace("postgresql://", "postgresql+psycopg://"))
    table = Table("capture_core", MetaData(), Column("id", Integer), Column("name", Text), prefixes=["TEMP"])
    with engine.begin() as connection:
        table.create(connection)
        connection.execute(insert(table), [{"id": n, "name": f"n{n}"} for n in range(5)])
        assert len(connection.execute(select(table).where(table.c.id >= 2)).all()) == 3
    engine.dispose()

    statements = capture.statements()
    inserts = of_text(statements, "INSERT INTO capture_core")
    assert sum(each.rows for each in inserts) == 5
    (read,) = of_text(statements, "WHERE capture_core.id")
    assert (read.rows, values(read)) == (3, [b"\0\2"])
