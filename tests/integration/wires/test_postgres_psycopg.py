"""Capture is exact for psycopg 3, in every way it has of sending a statement."""

import threading

import psycopg
import pytest

from harness.wires.model import BINARY, Closed, Connected, Statement, TransactionEnded


def texts(statements: list[Statement]) -> list[str]:
    return [statement.sql for statement in statements]


def values(statement: Statement) -> list[bytes | None]:
    return [parameter.value for parameter in statement.parameters]


def test_a_statement_is_seen_with_its_text_parameters_rows_and_columns(capture):
    with psycopg.connect(capture.url, autocommit=True) as connection:
        connection.execute(
            "SELECT n, 'row ' || n AS name, NULL::text AS gone FROM generate_series(1, %s) n WHERE n <> %s",
            (7, None),
        )
        rows = connection.execute(
            "SELECT n, 'row ' || n AS name FROM generate_series(1, %s) n", (12,)
        ).fetchall()

    first, second = capture.statements()
    assert first.sql.endswith("generate_series(1, $1) n WHERE n <> $2")
    assert values(first) == [b"\x00\x07", None]
    assert first.rows == 0
    assert (second.rows, second.tag, second.error) == (12, "SELECT", "")
    assert [(c.name, c.oid, c.sample) for c in second.columns] == [("n", 23, "1"), ("name", 25, "row 1")]
    assert second.columns[1].size_bytes == sum(len(name) for _, name in rows)
    assert second.parameters[0].oid == 21
    assert second.parameters[0].format == BINARY
    assert not second.block
    assert not second.pipelined
    assert second.sent_s <= second.done_s


def test_text_parameters_and_binary_results_are_read(capture):
    with (
        psycopg.connect(capture.url, autocommit=True) as connection,
        connection.cursor(binary=True) as cursor,
    ):
        cursor.execute(
            "SELECT %t::text AS word, 42::int8 AS number, true AS yes, 1.5::float8 AS real,"
            " 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid AS id, '{\"a\": 1}'::jsonb AS document",
            ("word",),
        )

    (statement,) = capture.statements()
    assert values(statement) == [b"word"]
    assert [column.sample for column in statement.columns] == [
        "word",
        "42",
        "t",
        "1.5",
        "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        '{"a": 1}',
    ]


def test_prepared_statements_are_told_with_their_text_each_time(capture):
    with psycopg.connect(capture.url, autocommit=True) as connection:
        for number in range(4):
            connection.execute("SELECT %s::int4 + 1 AS sum", (number,), prepare=True)

    statements = capture.statements()
    assert texts(statements) == ["SELECT $1::int4 + 1 AS sum"] * 4
    assert [values(each) for each in statements] == [[bytes([0, number])] for number in range(4)]
    assert {each.prepared for each in statements} == {"_pg3_0"}
    assert [each.columns[0].sample for each in statements] == ["1", "2", "3", "4"]


def test_statements_that_the_driver_comes_to_prepare_are_the_same_before_and_after(capture):
    with psycopg.connect(capture.url, autocommit=True, prepare_threshold=3) as connection:
        for number in range(6):
            connection.execute("SELECT n FROM generate_series(1, %s) n", (number,))

    statements = capture.statements()
    assert [each.rows for each in statements] == [0, 1, 2, 3, 4, 5]
    assert [bool(each.prepared) for each in statements] == [False] * 3 + [True] * 3


def test_a_pipeline_is_one_transaction_of_statements_without_durations_of_their_own(capture):
    with psycopg.connect(capture.url, autocommit=True) as connection:
        with connection.pipeline():
            for number in (3, 1, 2):
                connection.execute("SELECT n FROM generate_series(1, %s) n", (number,))
        connection.execute("SELECT 'alone'")

    *members, alone = capture.statements()
    assert [each.rows for each in members] == [3, 1, 2]
    assert [values(each) for each in members] == [[b"\0\3"], [b"\0\1"], [b"\0\2"]]
    assert all(each.pipelined for each in members)
    assert len({each.transaction for each in members}) == 1
    assert not alone.pipelined
    assert alone.transaction != members[0].transaction


def test_an_error_in_a_pipeline_has_its_code_and_hides_what_the_server_skipped(capture):
    with psycopg.connect(capture.url, autocommit=True) as connection:
        with pytest.raises(psycopg.errors.DivisionByZero), connection.pipeline():  # noqa: PT012 - a pipeline fails at its end
            connection.execute("SELECT 1 AS one")
            connection.execute("SELECT 1 / %s::int4", (0,))
            connection.execute("SELECT 3 AS three")
        connection.execute("SELECT 4 AS four")

    seen = [(each.sql, each.error) for each in capture.statements()]
    assert seen == [("SELECT 1 AS one", ""), ("SELECT 1 / $1::int4", "22012"), ("SELECT 4 AS four", "")]


def test_errors_of_parsing_binding_and_running_are_told_with_their_statement(capture):
    with psycopg.connect(capture.url, autocommit=True) as connection:
        with pytest.raises(psycopg.errors.SyntaxError):
            connection.execute("SELEC %s", (1,))
        with pytest.raises(psycopg.errors.InvalidTextRepresentation):
            connection.execute("SELECT %s::int4", ("no number",))
        with pytest.raises(psycopg.errors.UndefinedTable):
            connection.execute("SELECT * FROM absent_table")

    statements = capture.statements()
    assert [each.error for each in statements] == ["42601", "22P02", "42P01"]
    assert texts(statements) == ["SELEC $1", "SELECT $1::int4", "SELECT * FROM absent_table"]
    assert values(statements[1]) == [b"no number"]


def test_statements_of_a_transaction_share_its_number_and_savepoints_stay_inside(capture):
    with psycopg.connect(capture.url) as connection:
        with connection.transaction():
            connection.execute("SELECT 1")
            with pytest.raises(psycopg.errors.DivisionByZero), connection.transaction():
                connection.execute("SELECT 1 / 0")
            connection.execute("SELECT 2")
        with pytest.raises(psycopg.errors.DivisionByZero), connection.transaction():
            connection.execute("SELECT 1 / 0")

    events = capture.events()
    ends = [event for event in events if isinstance(event, TransactionEnded)]
    first = [each for each in capture.statements() if each.transaction == ends[0].transaction]
    second = [each for each in capture.statements() if each.transaction == ends[1].transaction]
    assert [each.sql.split()[0] for each in first] == [
        "BEGIN", "SELECT", "SAVEPOINT", "SELECT", "ROLLBACK", "RELEASE", "SELECT", "COMMIT",
    ]  # fmt: skip
    assert all(each.block for each in first)
    assert not ends[0].failed
    assert [(each.sql, each.error) for each in second] == [
        ("BEGIN", ""), ("SELECT 1 / 0", "22012"), ("ROLLBACK", ""),
    ]  # fmt: skip
    assert ends[1].failed
    assert len(ends) == 2


def test_executemany_is_one_statement_for_each_set_of_parameters(capture):
    with psycopg.connect(capture.url, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE many (id int4, name text)")
        cursor.executemany("INSERT INTO many VALUES (%s, %s)", [(1, "a"), (2, "b"), (3, None)])

    inserts = [each for each in capture.statements() if each.tag == "INSERT"]
    assert [values(each) for each in inserts] == [[b"\0\1", b"a"], [b"\0\2", b"b"], [b"\0\3", None]]
    assert [each.rows for each in inserts] == [1, 1, 1]


def test_a_server_side_cursor_is_seen_with_what_it_fetched(capture):
    with psycopg.connect(capture.url) as connection, connection.cursor(name="pages") as cursor:
        cursor.execute("SELECT n FROM generate_series(1, %s) n", (25,))
        assert len(cursor.fetchmany(10)) == 10
        assert len(cursor.fetchall()) == 15

    by_tag = [(each.tag, each.rows) for each in capture.statements()]
    assert by_tag[:2] == [("BEGIN", 0), ("DECLARE CURSOR", 0)]
    assert [rows for tag, rows in by_tag if tag == "FETCH"] == [10, 15]
    declare = capture.statements()[1]
    assert declare.sql.endswith("CURSOR FOR SELECT n FROM generate_series(1, $1) n")
    assert values(declare) == [b"\0\x19"]


def test_copy_in_both_directions_counts_rows_and_relays_the_contents(capture):
    with psycopg.connect(capture.url) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE copied (id int4, name text)")
        with cursor.copy("COPY copied FROM STDIN") as copy:
            for number in range(5000):
                copy.write_row((number, "n" * 50))
        with cursor.copy("COPY (SELECT * FROM copied WHERE id < %s) TO STDOUT", (4000,)) as copy:
            assert sum(1 for _ in copy.rows()) == 4000
        with pytest.raises(psycopg.errors.BadCopyFileFormat), cursor.copy("COPY copied FROM STDIN") as copy:
            copy.write_row((1, "two", "three"))

    copies = [each for each in capture.statements() if "COPY" in each.sql]
    assert [(each.tag, each.rows, each.error) for each in copies] == [
        ("COPY", 5000, ""), ("COPY", 4000, ""), ("", 0, "22P04"),
    ]  # fmt: skip
    assert capture.counters().undecodable == 0


def test_several_statements_of_one_text_are_told_apart(capture):
    with psycopg.connect(capture.url, autocommit=True) as connection:
        connection.execute("BEGIN; SELECT 1, ';'; /* ; */ SELECT 2 -- ;\n; COMMIT; SELECT 3")
        with pytest.raises(psycopg.errors.UndefinedTable):
            connection.execute("SELECT 4; SELECT * FROM absent_table; SELECT 5")

    statements = capture.statements()
    assert texts(statements)[:5] == ["BEGIN", "SELECT 1, ';'", "/* ; */ SELECT 2 -- ;", "COMMIT", "SELECT 3"]
    assert [each.block for each in statements[:5]] == [True, True, True, True, False]
    assert statements[4].transaction != statements[0].transaction
    assert {each.texts for each in statements[:5]} == {5}
    assert [(each.sql, each.error) for each in statements[5:]] == [
        ("SELECT 4", ""), ("SELECT * FROM absent_table", "42P01"),
    ]  # fmt: skip


def test_statements_that_were_cancelled_have_the_code_of_that(capture, postgres_url):
    with psycopg.connect(capture.url, autocommit=True) as connection:
        connection.execute("SET statement_timeout = 50")
        with pytest.raises(psycopg.errors.QueryCanceled):
            connection.execute("SELECT pg_sleep(%s)", (10,))
        connection.execute("SET statement_timeout = 0")
        pid = connection.info.backend_pid
        running = f"SELECT 1 FROM pg_stat_activity WHERE pid = {pid} AND wait_event = 'PgSleep'"

        def cancel() -> None:
            # A cancel that overtakes its statement is lost: the server is asked whether it runs.
            with psycopg.connect(postgres_url, autocommit=True) as direct:
                while direct.execute(running).fetchone() is None:
                    pass
            connection.cancel_safe()

        thread = threading.Thread(target=cancel, daemon=True)
        thread.start()
        with pytest.raises(psycopg.errors.QueryCanceled):
            connection.execute("SELECT pg_sleep(%s), 2", (60,))
        thread.join()

    cancelled = [each for each in capture.statements() if "pg_sleep" in each.sql]
    assert [each.error for each in cancelled] == ["57014", "57014"]
    assert capture.counters().undecodable == 0


def test_connections_tell_who_they_are_and_how_they_ended(capture):
    with psycopg.connect(capture.url, application_name="tester", options="-c work_mem=8MB") as connection:
        connection.execute("SELECT 1")
        connection.pgconn.finish()

    events = capture.events()
    connected, closed = events[0], events[-1]
    assert isinstance(connected, Connected)
    assert isinstance(closed, Closed)
    assert connected.database == "target"
    assert connected.user
    assert connected.options["application_name"] == "tester"
    assert connected.options["options"] == "-c work_mem=8MB"
    assert closed.open_transaction
    assert capture.counters().in_flight == 0
