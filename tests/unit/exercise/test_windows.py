"""Windows hold what a call set off, and what it left behind."""

from itertools import count

from harness.exercise.model import Call, Warmth
from harness.exercise.windows import Answered, cut
from harness.wires.model import Column, Command, Statement, TransactionEnded

WATCHED = (10.0, 13.0)


def call(
    start: float, *, took: float = 0.01, operation: str = "GET /orders", status: int = 200, warm: bool = False
):
    return Call(
        operation=operation,
        identity="owner",
        tenant="north",
        target=operation.split()[1],
        variant="",
        warmth=Warmth.WARM if warm else Warmth.COLD,
        status=status,
        started_s=start,
        ended_s=start + took,
        answer_bytes=10,
    )


def statement(sql: str, at_s: float, *, tx: int, connection: int = 1, block: bool = False, columns=()):
    return Statement(
        connection=connection,
        transaction=tx,
        sql=sql,
        sent_s=at_s,
        done_s=at_s + 0.001,
        block=block,
        columns=columns,
    )


def command(name: str, at_s: float, *, connection: int = 1, outcome: str = "ok"):
    return Command(connection=connection, name=name, sent_s=at_s, done_s=at_s, outcome=outcome)


def windows(events, calls, redis=(), answer=""):
    answered = [Answered(one, answer) for one in calls]
    return cut(events, redis, answered, WATCHED, calls[-1].ended_s + 0.05).windows


def test_what_the_idle_target_does_is_listed_and_subtracted() -> None:
    ticks = count(100)
    poll = [statement("SELECT * FROM jobs", 10.0 + n / 5, tx=next(ticks), connection=9) for n in range(60)]
    own = [statement("SELECT * FROM orders", 14.001, tx=1), statement("SELECT * FROM orders", 15.001, tx=2)]
    found = cut(
        [*poll, *own], [], [Answered(call(14.0, took=0.5)), Answered(call(15.0, took=0.5))], WATCHED, 16.0
    )
    assert [[seen.statement.sql for seen in one.statements] for one in found.windows] == [
        ["SELECT * FROM orders"],
        ["SELECT * FROM orders"],
    ]
    assert [(one.count, one.watched_s) for one in found.idle] == [(15, 3.0)]


def test_a_transaction_still_open_when_the_target_is_quiet_again_is_left_open() -> None:
    left = [statement("SELECT 1", 14.001, tx=1, block=True)]
    assert [one.left_open for one in windows(left, [call(14.0), call(15.0)])] == [1, 0]
    ended = [*left, TransactionEnded(connection=1, transaction=1, at_s=14.02)]
    assert [one.left_open for one in windows(ended, [call(14.0), call(15.0)])] == [0, 0]
    late = [*left, TransactionEnded(connection=1, transaction=1, at_s=15.5)]
    assert [one.left_open for one in windows(late, [call(14.0), call(15.0)])] == [1, 0]


def test_an_implicit_transaction_is_never_left_open() -> None:
    assert windows([statement("SELECT 1", 14.001, tx=1)], [call(14.0), call(15.0)])[0].left_open == 0


def test_the_longest_pause_inside_an_open_transaction_is_measured() -> None:
    events = [
        statement("BEGIN", 14.001, tx=1, block=True),
        statement("SELECT a", 14.003, tx=1, block=True),
        statement("SELECT b", 14.304, tx=1, block=True),
        TransactionEnded(connection=1, transaction=1, at_s=14.31),
    ]
    (found,) = windows(events, [call(14.0, took=0.4)])
    assert abs(found.waited_s - 0.3) < 1e-6


def test_unused_columns_are_looked_for_in_cold_answered_windows_only() -> None:
    columns = (Column("name", 25, 5, "Widget"), Column("secret", 25, 9, "plan-of-it"))
    events = [
        statement("SELECT name, secret FROM t", at + 0.001, tx=int(at), columns=columns)
        for at in (14, 15, 16)
    ]
    calls = [call(14.0), call(15.0, warm=True), call(16.0, status=404)]
    found = windows(events, calls, answer='{"name": "Widget"}')
    assert [[name for _, name in one.unused] for one in found] == [["secret"], [], []]


def test_redis_commands_of_a_worker_that_polls_are_not_the_routes() -> None:
    poll = [command("BRPOP", 10.0 + n / 5, connection=9) for n in range(40)]
    own = [command("GET", 14.001, outcome="miss"), command("SET", 14.002)]
    (found,) = windows([], [call(14.0, took=0.9)], redis=[*poll, *own])
    assert [(one.name, one.outcome) for one in found.commands] == [("GET", "miss"), ("SET", "ok")]
