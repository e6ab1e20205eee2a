"""Statements of a log, once each, with the values and the settings they ran with."""

from itertools import count

import pytest

from harness.wires.model import Connected, Event, Parameter, Statement, TransactionEnded
from harness.wires.statements import Query, distinct

CLOCK = count(1)


def connected(connection: int = 1, user: str = "app", **options: str) -> Connected:
    return Connected(connection=connection, at_s=0.0, user=user, database="shop", options=options)


def ran(
    sql: str,
    *values: bytes | None,
    transaction: int | None = None,
    connection: int = 1,
    rows: int = 0,
    error: str = "",
    tag: str = "SELECT",
    block: bool = False,
) -> Statement:
    """One statement; without a transaction in one of its own."""
    return Statement(
        connection=connection,
        transaction=1000 + next(CLOCK) if transaction is None else transaction,
        sql=sql,
        parameters=tuple(Parameter(value) for value in values),
        sent_s=0.0,
        done_s=0.0,
        rows=rows,
        tag=tag,
        error=error,
        block=block,
    )


def only(*events: Event) -> Query:
    (query,) = distinct([connected(), *events])
    return query


def settings(query: Query) -> list[list[str]]:
    return [[setting.sql for setting in binding.settings] for binding in query.bindings]


def test_a_statement_is_told_once_with_the_run_of_most_rows_first_and_of_fewest_next():
    query = only(
        ran("SELECT * FROM t WHERE a = $1 AND b = $2", b"1", b"x", rows=5),
        ran("SELECT * FROM t WHERE a = $1 AND b = $2", b"1", b"x", rows=5),
        ran("select * from t where a = $1 and b = $2", b"2", b"x", rows=90),
        ran("select * from t where a = $1 and b = $2", b"3", b"x", rows=0),
        ran("select * from t where a = $1 and b = $2", b"1", b"x", rows=7),
        ran("select * from t where a = $1 and b = $2", b"4", b"y", rows=8),
    )

    assert query.sql == "select * from t where a = $1 and b = $2"
    assert [[p.value for p in binding.parameters] for binding in query.bindings] == [
        [b"2", b"x"], [b"3", b"x"], [b"4", b"y"],
    ]  # fmt: skip
    assert {binding.label for binding in query.bindings} == {"real"}
    assert query.literal_texts == ()


def test_user_and_options_are_those_of_the_connection():
    (query,) = distinct([connected(3, "owner", application_name="web"), ran("SELECT 1", connection=3)])

    assert (query.user, query.options) == ("owner", {"application_name": "web"})


def test_failed_statements_and_those_without_a_plan_are_left_out():
    assert distinct([
        connected(), ran("SELECT * FROM absent", error="42P01"), ran("BEGIN"), ran("CREATE TABLE t ()"),
        ran("COPY t FROM STDIN"), ran("EXPLAIN SELECT 1"), ran("SELECT 1; SELECT 2"), ran("SAVEPOINT a"),
        ran("SET x = 1"),
        ran("SELECT set_config('app.tenant', $1, true)", b"7"),
    ]) == ()  # fmt: skip


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO t SELECT 1", "update t set a = 1", "/* c */ DELETE FROM t", "VALUES (1)", "TABLE t",
        "WITH a AS (SELECT 1) SELECT * FROM a", "(SELECT 1) UNION (SELECT 2)", "SELECT ';'",
        "MERGE INTO t USING u ON true WHEN MATCHED THEN DELETE",
    ],
)  # fmt: skip
def test_what_has_a_plan_is_kept(sql):
    assert only(ran(sql)).sql == sql


def test_a_cursor_is_the_query_it_was_declared_for():
    query = only(ran('DECLARE "c" CURSOR FOR SELECT * FROM t WHERE a = $1', b"1", tag="DECLARE CURSOR"))

    assert query.sql == "SELECT * FROM t WHERE a = $1"
    assert query.fingerprint == only(ran("SELECT * FROM t WHERE a = 5")).fingerprint


def test_texts_with_their_values_written_in_are_bindings_of_their_own():
    query = only(*(ran(f"SELECT * FROM t WHERE a = {n}", rows=n) for n in (3, 9, 1, 4)))

    assert query.sql == "SELECT * FROM t WHERE a = 9"
    assert query.literal_texts == (
        "SELECT * FROM t WHERE a = 9", "SELECT * FROM t WHERE a = 1", "SELECT * FROM t WHERE a = 3",
    )  # fmt: skip
    assert len(query.bindings) == 3


def test_bound_values_are_preferred_to_those_in_the_text():
    query = only(
        ran("SELECT * FROM t WHERE a = 3", rows=9),
        ran("SELECT * FROM t WHERE a = $1;", b"3", rows=2),
    )

    assert query.sql == "SELECT * FROM t WHERE a = $1"
    assert len(query.bindings) == 1
    assert query.literal_texts == ()


def test_bindings_fit_the_text_though_lists_of_another_length_share_its_name():
    query = only(
        ran("SELECT * FROM t WHERE a IN ($1, $2) /* trace 1 */", b"1", b"2", rows=2),
        ran("SELECT * FROM t WHERE a IN ($1)", b"1", rows=1),
        ran("SELECT * FROM t WHERE a IN ($1, $2) /* trace 2 */", b"3", b"4", rows=1),
    )

    assert [len(binding.parameters) for binding in query.bindings] == [2, 2]


def test_settings_of_the_session_hold_until_they_are_replaced():
    query = only(
        ran("SET search_path TO a"),
        ran("SET ROLE reader"),
        ran("SET app.tenant = '1'"),
        ran("SET app.tenant = '2'"),
        ran("SELECT a FROM t"),
    )

    assert settings(query) == [["SET search_path TO a", "SET ROLE reader", "SET app.tenant = '2'"]]


def test_settings_of_a_transaction_hold_inside_it_only():
    query = only(
        ran("BEGIN", transaction=1, block=True),
        ran("SELECT set_config('app.tenant', $1, true)", b"7", transaction=1, block=True),
        ran("SET LOCAL work_mem = '1MB'", transaction=1, block=True),
        ran("SELECT a FROM t WHERE b = $1", b"1", transaction=1, block=True, rows=2),
        ran("SELECT a FROM t WHERE b = $1", b"2", transaction=2),
    )

    assert settings(query) == [
        ["SELECT set_config('app.tenant', $1, true)", "SET LOCAL work_mem = '1MB'"], [],
    ]  # fmt: skip
    assert query.bindings[0].settings[0].parameters == (Parameter(b"7"),)


def test_a_setting_may_be_made_by_parameters_and_in_a_with():
    several = (
        "WITH s AS (SELECT set_config(n, v, false) FROM json_each_text($1) x(n, v)) SELECT count(*) FROM s"
    )
    query = only(
        ran("SELECT set_config($1, $2, $3)", b"app.tenant", b"1", b"false"),
        ran("SELECT set_config($1, $2, $3)", b"app.user", b"2", b"f"),
        ran("SELECT set_config($1, $2, $3)", b"app.tenant", b"3", b"\0"),
        ran("SELECT set_config($1, $2, $3)", b"app.gone", b"4", b"\x01"),
        ran(several, b"{}"),
        ran("SELECT a FROM t"),
    )

    (binding,) = query.bindings
    values = [tuple(p.value for p in setting.parameters) for setting in binding.settings]
    assert values == [(b"app.user", b"2", b"f"), (b"app.tenant", b"3", b"\0"), (b"{}",)]


def test_a_query_that_sets_on_its_way_is_both():
    both = "SELECT a, set_config('app.x', '1', false) FROM t"
    first, second = distinct([connected(), ran(both), ran("SELECT b FROM t")])

    assert (first.sql, settings(first)) == (both, [[]])
    assert settings(second) == [[both]]


def test_a_statement_that_writes_is_never_run_again_as_a_setting():
    writes = "WITH s AS (SELECT set_config('app.x', '1', true)) INSERT INTO t SELECT 1 FROM s"
    first, second = distinct([connected(), ran(writes, transaction=1), ran("SELECT b FROM t", transaction=1)])

    assert first.sql == writes
    assert settings(second) == [[]]


@pytest.mark.parametrize(
    ("reset", "left"),
    [
        ("DISCARD ALL", []),
        ("RESET ALL", ["SET ROLE reader"]),
        ("RESET app.x", ["SET ROLE reader", "RESET app.x"]),
    ],
)
def test_what_is_reset_holds_no_more(reset, left):
    query = only(ran("SET ROLE reader"), ran("SET app.x = 1"), ran(reset), ran("SELECT a FROM t"))

    assert settings(query) == [left]


@pytest.mark.parametrize("ending", ["failed", "rolled back", "implicit"])
def test_what_a_transaction_set_is_undone_with_it(ending):
    block = ending != "implicit"
    events: list[Event] = [ran("SET app.x = 1", transaction=1, block=block)]
    if ending == "failed":
        events += [TransactionEnded(connection=1, transaction=1, at_s=0.0, failed=True)]
    elif ending == "rolled back":
        events += [ran("ROLLBACK", transaction=1, block=True, tag="ROLLBACK")]
    else:
        events += [ran("SELECT 1/0", transaction=1, error="22012")]

    assert settings(only(*events, ran("SELECT a FROM t"))) == [[]]


def test_settings_are_of_their_connection():
    query = only(connected(2), ran("SET app.x = 1", connection=2), ran("SELECT a FROM t"))

    assert settings(query) == [[]]
