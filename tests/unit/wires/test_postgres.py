"""The decoder of Postgres's wire, fed with messages made by hand."""

import struct
from itertools import count, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.wires.model import Closed, Connected, Event, Parameter, Statement, TransactionEnded, Undecodable
from harness.wires.postgres import PostgresDecoder

Turn = tuple[bool, bytes]
"""Whether it goes to the service, and its bytes."""


def message(kind: str, body: bytes = b"") -> bytes:
    return kind.encode() + struct.pack("!i", len(body) + 4) + body


def startup(**options: str) -> bytes:
    named = {"user": "app", "database": "shop", **options}
    body = b"".join(f"{name}\0{value}\0".encode() for name, value in named.items()) + b"\0"
    return struct.pack("!ii", len(body) + 8, 3 << 16) + body


def query(sql: str) -> bytes:
    return message("Q", sql.encode() + b"\0")


def parse(sql: str, name: str = "", *oids: int) -> bytes:
    return message("P", f"{name}\0{sql}\0".encode() + struct.pack(f"!H{len(oids)}I", len(oids), *oids))


def bind(*values: bytes | None, name: str = "", portal: str = "", result: int | None = None) -> bytes:
    body = f"{portal}\0{name}\0".encode() + struct.pack("!HH", 0, len(values))
    for value in values:
        body += struct.pack("!i", -1) if value is None else struct.pack("!i", len(value)) + value
    return message("B", body + (struct.pack("!H", 0) if result is None else struct.pack("!HH", 1, result)))


def describe(kind: str = "P", name: str = "") -> bytes:
    return message("D", f"{kind}{name}\0".encode())


def execute(portal: str = "", limit: int = 0) -> bytes:
    return message("E", f"{portal}\0".encode() + struct.pack("!i", limit))


def close(kind: str, name: str) -> bytes:
    return message("C", f"{kind}{name}\0".encode())


def columns(*names: str, oid: int = 25) -> bytes:
    fields = b"".join(name.encode() + b"\0" + struct.pack("!IHIhiH", 0, 0, oid, -1, -1, 0) for name in names)
    return message("T", struct.pack("!H", len(names)) + fields)


def row(*values: bytes | None) -> bytes:
    body = struct.pack("!H", len(values))
    for value in values:
        body += struct.pack("!i", -1) if value is None else struct.pack("!i", len(value)) + value
    return message("D", body)


def done(tag: str) -> bytes:
    return message("C", tag.encode() + b"\0")


def error(code: str) -> bytes:
    return message("E", f"SERROR\0C{code}\0Mwrong\0\0".encode())


def ready(status: str = "I") -> bytes:
    return message("Z", status.encode())


SYNC = message("S")
PARSED, BOUND, CLOSED, SUSPENDED, NO_DATA, EMPTY = (message(kind) for kind in "123snI")

LOGIN: list[Turn] = [
    (True, startup(application_name="web")),
    (False, message("R", struct.pack("!i", 0)) + message("S", b"client_encoding\0UTF8\0")),
    (False, message("K", struct.pack("!ii", 7, 8)) + ready()),
]


def decoded(*turns: Turn, login: bool = True) -> list[Event]:
    """What the decoder tells of a conversation, the session's start left out."""
    decoder = PostgresDecoder(1, count(1))
    events: list[Event] = []
    for at_s, (to_service, data) in enumerate([*(LOGIN if login else []), *turns]):
        feed = decoder.to_service if to_service else decoder.from_service
        events += feed(data, float(at_s))
    return [event for event in events if not isinstance(event, Connected)]


def statements(*turns: Turn) -> list[Statement]:
    return [event for event in decoded(*turns) if isinstance(event, Statement)]


def test_a_connection_tells_its_user_database_and_options():
    decoder = PostgresDecoder(4, count(1))
    (event,) = decoder.to_service(startup(application_name="web", options="-c geqo=off"), 2.0)

    assert event == Connected(
        connection=4,
        at_s=2.0,
        user="app",
        database="shop",
        options={"application_name": "web", "options": "-c geqo=off"},
    )


def test_an_extended_query_has_its_parameters_types_and_columns():
    asked = parse("SELECT $1, $2", "", 23, 0) + bind(b"7", None) + describe() + execute() + SYNC
    answered = (
        PARSED
        + BOUND
        + columns("a", "b")
        + row(b"seven", None)
        + row(b"8", b"x")
        + done("SELECT 2")
        + ready()
    )

    (statement,) = statements((True, asked), (False, answered))

    assert statement.parameters == (Parameter(b"7", 0, 23), Parameter(None, 0, 0))
    assert [(each.name, each.size_bytes, each.sample) for each in statement.columns] == [
        ("a", 6, "seven"), ("b", 1, "x"),
    ]  # fmt: skip
    assert (statement.rows, statement.tag, statement.sent_s, statement.done_s) == (2, "SELECT", 3.0, 4.0)


def test_types_that_the_server_described_are_those_of_the_parameters():
    described = message("t", struct.pack("!HI", 1, 2950)) + columns("id", oid=2950)
    (statement,) = statements(
        (True, parse("SELECT $1", "s1") + describe("S", "s1") + SYNC),
        (False, PARSED + described + ready()),
        (True, bind(b"x", name="s1", result=1) + execute() + SYNC),
        (False, BOUND + row(bytes(16)) + done("SELECT 1") + ready()),
    )

    assert statement.parameters == (Parameter(b"x", 0, 2950),)
    assert statement.prepared == "s1"
    assert statement.columns[0].sample == "00000000-0000-0000-0000-000000000000"


def test_a_portal_fetched_in_parts_is_one_statement_with_all_rows():
    (statement,) = statements(
        (True, parse("SELECT 1") + bind(portal="c1") + describe("P", "c1") + execute("c1", 2) + SYNC),
        (False, PARSED + BOUND + columns("n") + row(b"1") + row(b"2") + SUSPENDED + ready("T")),
        (True, execute("c1", 2) + SYNC),
        (False, row(b"3") + done("SELECT 1") + ready("T")),
    )

    assert (statement.rows, statement.columns[0].size_bytes) == (3, 3)
    assert (statement.sent_s, statement.done_s) == (3.0, 6.0)


def test_a_portal_that_is_left_in_part_is_told_when_it_is_closed():
    turns = [
        (True, parse("SELECT 1") + bind(portal="c1") + execute("c1", 2) + SYNC),
        (False, PARSED + BOUND + row(b"1") + row(b"2") + SUSPENDED + ready("T")),
    ]
    assert statements(*turns) == []

    (statement,) = statements(*turns, (True, close("P", "c1") + SYNC), (False, CLOSED + ready("T")))
    assert statement.rows == 2
    assert statement.done_s == 4.0


def test_an_error_skips_what_was_sent_before_the_sync_even_after_it():
    failing, skipped, after = parse("SELEC"), parse("SELECT 1") + bind() + execute(), query("SELECT 2")
    before = statements((True, failing + skipped + SYNC), (False, error("42601") + ready()), (True, after))
    late = [
        (True, failing),
        (False, error("42601")),
        (True, skipped + SYNC),
        (False, ready()),
        (True, after),
        (False, columns("n") + row(b"2") + done("SELECT 1") + ready()),
    ]

    assert [(each.sql, each.error) for each in before] == [("SELEC", "42601")]
    assert [(each.sql, each.error) for each in statements(*late)] == [("SELEC", "42601"), ("SELECT 2", "")]


def test_a_copy_by_extended_query_ignores_the_sync_that_went_with_it():
    copy_in = message("G", struct.pack("!bHH", 0, 1, 0))
    asked = parse("COPY t FROM STDIN") + bind() + describe() + execute() + SYNC
    seen = statements(
        (True, asked),
        (False, PARSED + BOUND + NO_DATA + copy_in),
        (True, message("d", b"1\n") + message("H") + message("c") + SYNC),
        (False, done("COPY 1") + ready()),
        (True, query("SELECT 1")),
        (False, columns("n") + row(b"1") + done("SELECT 1") + ready()),
    )

    assert [(each.tag, each.rows) for each in seen] == [("COPY", 1), ("SELECT", 1)]


@pytest.mark.parametrize("early", [True, False])
def test_a_copy_that_fails_is_told_whether_the_target_knows_or_not(early):
    asked = parse("COPY t FROM STDIN") + bind() + execute() + SYNC
    started = [(True, asked), (False, PARSED + BOUND + message("G", struct.pack("!bHH", 0, 1, 0)))]
    data = (True, message("d", b"no number\n") + message("c") + SYNC)
    failed = (False, error("22P02"))
    seen = statements(
        *started,
        *([failed, data] if early else [data, failed]),
        (False, ready()),
        (True, query("SELECT 1")),
        (False, done("SELECT 1") + ready()),
    )

    assert [(each.sql, each.error) for each in seen] == [("COPY t FROM STDIN", "22P02"), ("SELECT 1", "")]


def test_a_statement_that_ends_with_its_session_is_told_once():
    decoder = PostgresDecoder(1, count(1))
    told: list[Event] = []
    for to_service, data in [*LOGIN, (True, query("SELECT 1")), (False, error("57P01"))]:
        told += (decoder.to_service if to_service else decoder.from_service)(data, 0.0)
    told += decoder.closed(1.0)

    assert [event.error for event in told if isinstance(event, Statement)] == ["57P01"]


def test_the_end_of_a_transaction_is_told_with_its_failure():
    events = decoded(
        (True, query("BEGIN")), (False, done("BEGIN") + ready("T")),
        (True, query("SELECT 1/0")), (False, error("22012") + ready("E")),
        (True, query("COMMIT")), (False, done("ROLLBACK") + ready("I")),
        (True, query("SELECT 1")), (False, done("SELECT 1") + ready("I")),
    )  # fmt: skip

    assert [event.transaction for event in events if isinstance(event, Statement)] == [1, 1, 1, 2]
    (ended,) = [event for event in events if isinstance(event, TransactionEnded)]
    assert (ended.transaction, ended.failed) == (1, True)


def test_a_chained_transaction_is_another_one():
    seen = statements(
        (True, query("BEGIN")), (False, done("BEGIN") + ready("T")),
        (True, query("COMMIT AND CHAIN")), (False, done("COMMIT") + ready("T")),
        (True, query("SELECT 1")), (False, done("SELECT 1") + ready("T")),
    )  # fmt: skip

    assert [(each.transaction, each.block) for each in seen] == [(1, True), (1, True), (2, True)]


def test_what_the_text_cannot_divide_has_the_whole_text():
    text = "SELECT 1; EXECUTE rewritten"
    seen = statements(
        (True, query(text)), (False, done("SELECT 1") + done("SELECT 1") + done("SELECT 1") + ready())
    )
    broken = statements((True, query("SELECT 1; SELEC 2")), (False, error("42601") + ready()))

    assert [(each.sql, each.texts) for each in seen] == [(text, 3)] * 3
    assert [(each.sql, each.error) for each in broken] == [("SELECT 1; SELEC 2", "42601")]


def test_empty_queries_function_calls_and_notices_are_no_statements():
    called = message("F", struct.pack("!IHHH", 1, 0, 0, 0))
    notice = message("N", b"SNOTICE\0\0")
    assert statements(
        (True, query("-- ping")), (False, notice + EMPTY + ready()),
        (True, parse("") + bind() + execute() + SYNC), (False, PARSED + BOUND + EMPTY + notice + ready()),
        (True, called), (False, message("V", struct.pack("!i", -1)) + ready()),
    ) == []  # fmt: skip


def test_requests_are_in_flight_until_they_are_answered():
    decoder = PostgresDecoder(1, count(1))
    assert decoder.in_flight == 0
    for to_service, data in LOGIN[:-1]:
        (decoder.to_service if to_service else decoder.from_service)(data, 0.0)
        assert decoder.in_flight == 1
    decoder.from_service(LOGIN[-1][1], 0.0)
    assert decoder.in_flight == 0
    decoder.to_service(query("SELECT 1"), 1.0)
    assert decoder.in_flight == 1
    decoder.from_service(done("SELECT 1"), 2.0)
    assert decoder.in_flight == 1
    decoder.from_service(ready(), 2.0)
    assert decoder.in_flight == 0


def test_a_statement_whose_connection_ends_has_failed():
    decoder = PostgresDecoder(1, count(1))
    for to_service, data in [*LOGIN, (True, query("BEGIN")), (False, done("BEGIN") + ready("T"))]:
        (decoder.to_service if to_service else decoder.from_service)(data, 0.0)
    decoder.to_service(query("SELECT pg_sleep(9)"), 1.0)

    statement, closed = decoder.closed(3.0)

    assert isinstance(statement, Statement)
    assert (statement.sql, statement.error, statement.done_s) == ("SELECT pg_sleep(9)", "08006", 3.0)
    assert closed == Closed(connection=1, at_s=3.0, open_transaction=True)


def test_a_cancel_request_and_replication_are_relayed_without_a_word():
    cancel = PostgresDecoder(1, count(1))
    assert list(cancel.to_service(struct.pack("!iiii", 16, 80877102, 7, 8), 0.0)) == []
    assert cancel.in_flight == 0

    replication = PostgresDecoder(1, count(1))
    assert len(list(replication.to_service(startup(replication="database"), 0.0))) == 1
    assert list(replication.from_service(b"anything", 0.0)) == []


def test_a_request_for_encryption_may_come_before_the_session():
    request = struct.pack("!ii", 8, 80877103)
    turns: list[Turn] = [
        (True, request),
        (False, b"N"),
        *LOGIN,
        (True, query("SELECT 1")),
        (False, done("SELECT 1")),
    ]
    assert [type(event) for event in decoded(*turns, login=False)] == [Statement]

    (refused,) = decoded((True, request), (False, b"S"), login=False)
    assert isinstance(refused, Undecodable)
    assert "encryption" in refused.reason


@pytest.mark.parametrize(
    ("turn", "direction"),
    [
        ((True, b"\x00\x00\x00\x00\x00\x00"), "to"),
        ((True, b"Q\xff\xff\xff\xff"), "to"),
        ((True, b"P\x00\x00\x00\x05a"), "from"),
        ((False, b"HTTP/1.1 400 Bad Request"), "from"),
        ((False, done("SELECT 1")), "from"),
        ((False, ready()), "from"),
    ],
)
def test_what_is_no_message_is_told_once_and_then_nothing(turn, direction):
    decoder = PostgresDecoder(1, count(1))
    for to_service, data in LOGIN:
        (decoder.to_service if to_service else decoder.from_service)(data, 0.0)
    events = list((decoder.to_service if turn[0] else decoder.from_service)(turn[1], 5.0))
    events += decoder.from_service(PARSED, 6.0)
    events += decoder.to_service(query("SELECT 1"), 7.0)
    events += decoder.closed(8.0)

    undecodable, closed = events
    assert isinstance(undecodable, Undecodable)
    assert undecodable.direction == direction
    assert isinstance(closed, Closed)
    assert decoder.in_flight == 0


CONVERSATIONS: list[list[Turn]] = [
    [
        (True, parse("SELECT $1") + bind(b"v") + describe() + execute() + SYNC),
        (False, PARSED + BOUND + columns("a") + row(b"one") + row(None) + done("SELECT 2") + ready()),
    ],
    [
        (True, query("BEGIN; SELECT 1; COMMIT")),
        (False, done("BEGIN") + columns("n") + row(b"1") + done("SELECT 1")),
        (False, done("COMMIT") + ready()),
    ],
    [(True, query("SELEC")), (False, error("42601") + message("N", b"SX\0\0") + ready())],
    [
        (True, (parse("INSERT") + bind(b"x" * 300) + execute()) * 3 + SYNC),
        (False, (PARSED + BOUND + done("INSERT 0 1")) * 2 + error("23505") + ready()),
    ],
    [
        (True, query("COPY t TO STDOUT")),
        (
            False,
            message("H", b"\0\0\0") + message("d", b"r" * 500) * 3 + message("c") + done("COPY 3") + ready(),
        ),
    ],
    [
        (True, query("SELECT 'é', '€'")),
        (False, columns("é") + row("é€".encode()) + done("SELECT 1") + ready()),
    ],
    [(False, b"\xff\x00garbage")],
]


@given(st.lists(st.sampled_from(CONVERSATIONS), max_size=4), st.data())
def test_chunks_do_not_matter(conversations, data):
    turns = [*LOGIN, *(turn for conversation in conversations for turn in conversation)]

    def events(*, cut: bool) -> list[Event]:
        decoder = PostgresDecoder(1, count(1))
        told: list[Event] = []
        for to_service, content in turns:
            feed = decoder.to_service if to_service else decoder.from_service
            cuts = data.draw(st.sets(st.integers(1, max(1, len(content) - 1)), max_size=5)) if cut else set()
            edges = [0, *sorted(cuts), len(content)]
            for start, stop in pairwise(edges):
                told += feed(content[start:stop], 0.0)
        return [*told, *decoder.closed(0.0)]

    assert events(cut=True) == events(cut=False)


@given(st.lists(st.tuples(st.booleans(), st.binary(max_size=60)), max_size=20), st.booleans())
def test_no_bytes_make_it_raise(turns, login):
    decoder = PostgresDecoder(1, count(1))
    told: list[Event] = []
    for to_service, data in [*(LOGIN if login else []), *turns]:
        told += (decoder.to_service if to_service else decoder.from_service)(data, 0.0)
    told += decoder.closed(0.0)

    assert sum(isinstance(event, Undecodable) for event in told) <= 1
    assert isinstance(told[-1], Closed)
