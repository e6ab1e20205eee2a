"""Whole transactions go to the request they began in; what the idle target does goes nowhere."""

from collections import Counter

from harness.exercise.attribution import attribute
from harness.exercise.pieces import Span, pieces_of
from harness.exercise.unasked import Idleness, exceeds
from harness.wires.model import Closed, Statement, TransactionEnded

NOTHING = Idleness(Counter(), frozenset(), 3.0)


def statement(
    sql: str, at_s: float, *, tx: int, connection: int = 1, block: bool = False, took_s: float = 0.001
):
    return Statement(
        connection=connection, transaction=tx, sql=sql, sent_s=at_s, done_s=at_s + took_s, block=block
    )


def ended(tx: int, at_s: float, connection: int = 1):
    return TransactionEnded(connection=connection, transaction=tx, at_s=at_s)


def span(start: float, *, took: float = 0.01, until: float | None = None, operation: str = "GET /orders"):
    after = start + 1 if until is None else until
    return Span(start, start + took, after, operation, operation.startswith("GET"))


def shares(events, spans, idle=NOTHING):
    starts = [one.started_s for one in spans]
    found = attribute(pieces_of(events, starts), spans, idle, lambda one: one.sql)
    return [
        (
            [s.sql for piece in one.inside for s in piece.statements],
            [s.sql for p in one.after for s in p.statements],
        )
        for one in found
    ]


def test_a_transaction_belongs_whole_to_the_request_it_began_in() -> None:
    events = [
        statement("BEGIN", 1.001, tx=1, block=True),
        statement("UPDATE orders", 1.002, tx=1, block=True),
        statement("COMMIT", 1.012, tx=1, block=True),
        ended(1, 1.013),
        statement("INSERT INTO mail", 1.02, tx=2, connection=2),
    ]
    assert shares(events, [span(1.0)]) == [(["BEGIN", "UPDATE orders", "COMMIT"], ["INSERT INTO mail"])]


def test_parallel_connections_of_one_request_are_all_its_own() -> None:
    events = [
        statement("SELECT a", 1.001, tx=1, took_s=0.004),
        statement("SELECT b", 1.002, tx=2, connection=2),
    ]
    assert shares(events, [span(1.0)]) == [(["SELECT a", "SELECT b"], [])]


def test_a_transaction_left_open_serves_each_request_that_uses_it_later() -> None:
    events = [
        statement("SELECT a", 1.001, tx=1, block=True),
        statement("SELECT b", 2.001, tx=1, block=True),
        statement("SELECT c", 3.001, tx=1, block=True),
    ]
    assert shares(events, [span(1.0, until=2.0), span(2.0, until=3.0), span(3.0)]) == [
        (["SELECT a"], []),
        (["SELECT b"], []),
        (["SELECT c"], []),
    ]


def test_a_transaction_at_work_when_the_next_request_starts_stays_with_its_own() -> None:
    events = [
        statement("job 1", 1.02, tx=1, block=True, took_s=0.98),
        statement("job 2", 2.001, tx=1, block=True),
        statement("SELECT b", 2.002, tx=2, connection=2),
    ]
    assert shares(events, [span(1.0, until=2.0), span(2.0)]) == [
        ([], ["job 1", "job 2"]),
        (["SELECT b"], []),
    ]


def test_a_poller_on_its_own_connection_is_left_out_even_where_the_route_sends_the_same() -> None:
    idle = Idleness(Counter({"SELECT 1": 15}), frozenset({9}), 3.0)
    spans = [span(float(at), until=at + 0.02) for at in range(1, 9)]
    events = [statement("SELECT 1", one.started_s + 0.001, tx=n) for n, one in enumerate(spans)]
    events += [
        statement("SELECT 1", one.started_s + 0.002, tx=100 + n, connection=9) for n, one in enumerate(spans)
    ]
    events += [statement("SELECT orders", 1.003, tx=50)]
    found = shares(events, spans, idle)
    assert all(inside.count("SELECT 1") == 1 for inside, _ in found)


def test_a_poller_on_a_shared_pool_is_left_out_by_its_rate() -> None:
    idle = Idleness(Counter({"SELECT job": 15}), frozenset({1}), 3.0)
    spans = [span(float(at), until=at + 0.02) for at in range(1, 9)]
    events = [statement("SELECT orders", one.started_s + 0.001, tx=n) for n, one in enumerate(spans)]
    events.append(statement("SELECT job", 3.004, tx=100))
    assert all(found == (["SELECT orders"], []) for found in shares(events, spans, idle))


def test_a_slow_route_is_not_charged_with_a_poller_that_hits_each_of_its_windows() -> None:
    idle = Idleness(Counter({"SELECT job": 15}), frozenset({1}), 3.0)
    spans = [span(float(at), took=0.4) for at in range(1, 9)]
    events = [statement("SELECT orders", one.started_s + 0.001, tx=n) for n, one in enumerate(spans)]
    for n, one in enumerate(spans):
        events += [
            statement("SELECT job", one.started_s + at, tx=100 + 2 * n + k) for k, at in enumerate((0.1, 0.3))
        ]
    assert all(inside == ["SELECT orders"] for inside, _ in shares(events, spans, idle))


def test_what_a_route_sends_itself_stays_though_the_idle_target_sends_it_too() -> None:
    idle = Idleness(Counter({"SELECT 1": 3}), frozenset({1}), 3.0)
    spans = [span(float(at), until=at + 0.02) for at in range(1, 9)]
    events = [statement("SELECT 1", one.started_s + 0.001, tx=n) for n, one in enumerate(spans)]
    events += [statement("SELECT orders", one.started_s + 0.003, tx=50 + n) for n, one in enumerate(spans)]
    assert all(inside == ["SELECT 1", "SELECT orders"] for inside, _ in shares(events, spans, idle))


def test_a_job_that_once_began_before_the_answer_is_still_a_job() -> None:
    spans = [span(float(at), operation="POST /orders") for at in range(1, 6)]
    events = []
    for n, one in enumerate(spans):
        events.append(statement("INSERT", one.started_s + 0.001, tx=n))
        job = 0.008 if n == 3 else 0.02
        events.append(statement("UPDATE job", one.started_s + job, tx=100 + n, connection=2))
    assert all(found == (["INSERT"], ["UPDATE job"]) for found in shares(events, spans))


def test_the_bound_of_chance_is_poissons() -> None:
    assert exceeds(1, 0, 3.0, 1.0)
    assert not exceeds(0, 3, 3.0, 1.0)
    # Idle at most 2 a second, so λ = 2 over one second: P(X >= 8) = 0.0011, P(X >= 9) = 0.0002.
    assert not exceeds(8, 5, 3.0, 1.0)
    assert exceeds(9, 5, 3.0, 1.0)


def test_a_connection_that_closes_ends_its_transaction() -> None:
    events = [statement("SELECT a", 1.0, tx=1, block=True), Closed(connection=1, at_s=1.5)]
    assert pieces_of(events, [1.0])[0].closed_s == 1.5


def race(reads: int):
    """Writes whose job wins the race against the answer each time, after so many reading requests."""
    spans = [span(float(at), operation="GET /orders") for at in range(reads)]
    spans += [span(float(at), operation="POST /orders") for at in range(reads, reads + 4)]
    events = []
    for n, one in enumerate(spans):
        route = "SELECT orders" if one.safe else "INSERT"
        events.append(statement(route, one.started_s + 0.001, tx=n, connection=1))
        if not one.safe:
            events.append(statement("UPDATE job", one.started_s + 0.005, tx=100 + n, connection=9))
    return events, spans


def test_a_worker_is_known_by_its_connection_where_its_jobs_always_win_the_race() -> None:
    idle = Idleness(Counter({"SELECT job": 15}), frozenset({9}), 3.0)
    events, spans = race(reads=8)
    assert shares(events, spans, idle)[8:] == [(["INSERT"], ["UPDATE job"])] * 4


def test_without_reading_requests_to_compare_nothing_is_called_a_worker() -> None:
    idle = Idleness(Counter({"SELECT job": 15}), frozenset({9}), 3.0)
    events, spans = race(reads=2)
    assert shares(events, spans, idle)[2:] == [(["INSERT", "UPDATE job"], [])] * 4


def test_a_connection_of_the_routes_own_pool_is_no_worker() -> None:
    idle = Idleness(Counter({"SELECT 1": 15}), frozenset({1, 9}), 3.0)
    events, spans = race(reads=8)
    events.append(statement("SELECT orders", 3.002, tx=200, connection=9))
    assert shares(events, spans, idle)[8:] == [(["INSERT", "UPDATE job"], [])] * 4


def test_what_a_slow_clock_sends_is_nobodys_though_it_was_not_seen_idle() -> None:
    spans = [span(float(at), took=0.3) for at in range(20)]
    events = [statement("SELECT orders", one.started_s + 0.001, tx=n) for n, one in enumerate(spans)]
    for n, at in enumerate((4.2, 9.6, 15.1)):
        events.append(statement("DELETE expired", at, tx=100 + n, connection=9))
    assert shares(events, spans) == [(["SELECT orders"], [])] * 20


def test_a_rare_statement_of_a_route_is_kept() -> None:
    spans = [span(float(at), took=0.3) for at in range(20)]
    events = [statement("SELECT orders", one.started_s + 0.001, tx=n) for n, one in enumerate(spans)]
    events.append(statement("SELECT rates", 4.1, tx=100, connection=9))
    assert shares(events, spans)[4] == (["SELECT orders", "SELECT rates"], [])


def polled(windows: int, *, finds_in: tuple[int, ...]):
    """A pool's connection that serves every window, and a poller that finds work within some of them."""
    idle = Idleness(Counter({"SELECT pending": 6}), frozenset({9}), 3.0)
    spans = [span(float(at), took=0.3) for at in range(windows)]
    events = [statement("SELECT orders", one.started_s + 0.1, tx=n) for n, one in enumerate(spans)]
    for n in range(windows):
        at = n + (0.05 if n in finds_in else 0.6)
        events.append(statement("SELECT pending", at, tx=100 + n, connection=9, block=True))
        events.append(statement("UPDATE pending", at + 0.002, tx=100 + n, connection=9, block=True))
    return events, spans, idle


def test_a_poller_that_finds_work_within_a_reading_request_by_chance_does_not_work_for_it() -> None:
    events, spans, idle = polled(10, finds_in=(3, 7))
    assert [inside for inside, _ in shares(events, spans, idle)] == [["SELECT orders"]] * 10


def test_a_driver_that_learns_types_over_a_pollers_connection_does_not_make_it_the_routes() -> None:
    events, spans, idle = polled(10, finds_in=(3, 7))
    for connection, at in ((1, 3.01), (9, 3.03)):
        sql = "SELECT t.oid FROM pg_catalog.pg_type AS t"
        events.append(statement(sql, at, tx=300, connection=connection))
    found = [inside for inside, _ in shares(events, spans, idle)]
    assert not any("UPDATE pending" in inside for inside in found)


def test_a_polling_connection_that_an_operation_works_over_again_and_again_is_the_routes() -> None:
    events, spans, idle = polled(10, finds_in=tuple(range(10)))
    assert [inside for inside, _ in shares(events, spans, idle)] == [
        ["SELECT pending", "UPDATE pending", "SELECT orders"]
    ] * 10
