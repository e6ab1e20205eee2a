"""Redis's protocol as events, from bytes written by hand: whatever the chunks, the events are the same."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.wires.model import Closed, Command, Connected, Event, Undecodable
from harness.wires.redis import RedisDecoder
from harness.wires.redis_keys import keys
from harness.wires.resp import Reader


def sent(*words: str | bytes) -> bytes:
    """A command as clients send it."""
    parts = [word.encode() if isinstance(word, str) else word for word in words]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)


class Conversation:
    """A connection with a decoder on it; says what the decoder has told."""

    def __init__(self) -> None:
        self.decoder = RedisDecoder(7)
        self.events: list[Event] = []

    def ask(self, *words: str | bytes) -> "Conversation":
        self.events += self.decoder.to_service(sent(*words), 1.0)
        return self

    def get(self, data: bytes) -> "Conversation":
        self.events += self.decoder.from_service(data, 2.0)
        return self

    @property
    def told(self) -> list[tuple[str, str]]:
        return [(each.name, each.outcome) for each in self.events if isinstance(each, Command)]

    @property
    def commands(self) -> list[Command]:
        return [each for each in self.events if isinstance(each, Command)]


def test_a_command_has_its_keys_its_times_and_the_size_of_its_answer():
    talk = Conversation().ask("get", "a").get(b"$3\r\none\r\n")
    assert talk.events == [
        Connected(connection=7, at_s=1.0),
        Command(
            connection=7,
            name="GET",
            keys=("a",),
            arguments=(b"a",),
            sent_s=1.0,
            done_s=2.0,
            outcome="hit",
            size_bytes=9,
        ),
    ]


@pytest.mark.parametrize(
    ("words", "answer", "outcome"),
    [
        (("GET", "a"), b"$-1\r\n", "miss"),
        (("GET", "a"), b"_\r\n", "miss"),
        (("GET", "a"), b"$0\r\n\r\n", "hit"),
        (("GET", "a"), b"-WRONGTYPE no\r\n", "error"),
        (("GET", "a"), b"!9\r\nWRONGTYPE\r\n", "error"),
        (("GET", "a"), b"=7\r\ntxt:one\r\n", "hit"),
        (("MGET", "a", "b"), b"*2\r\n$1\r\n1\r\n$1\r\n2\r\n", "hit"),
        (("MGET", "a", "b"), b"*2\r\n$1\r\n1\r\n$-1\r\n", "miss"),
        (("HGETALL", "a"), b"*0\r\n", "miss"),
        (("HGETALL", "a"), b"%0\r\n", "miss"),
        (("HGETALL", "a"), b"%1\r\n+f\r\n+v\r\n", "hit"),
        (("SMEMBERS", "a"), b"~2\r\n+x\r\n+y\r\n", "hit"),
        (("EXISTS", "a", "b"), b":2\r\n", "hit"),
        (("EXISTS", "a", "b"), b":1\r\n", "miss"),
        (("ZSCORE", "a", "m"), b",1.5\r\n", "hit"),
        (("SISMEMBER", "a", "m"), b"#f\r\n", "ok"),
        (("SET", "a", "1"), b"+OK\r\n", "ok"),
        (("LPOP", "a"), b"$-1\r\n", "ok"),
        (("BLPOP", "a", "0"), b"*-1\r\n", "ok"),
        (("GET", "a"), b"|1\r\n+ttl\r\n:3\r\n$1\r\nx\r\n", "hit"),
    ],
)
def test_hits_and_misses(words, answer, outcome):
    assert Conversation().ask(*words).get(answer).told == [(words[0], outcome)]


def test_a_pipeline_is_answered_in_order():
    talk = Conversation().ask("SET", "a", "1").ask("GET", "a").ask("GET", "b")
    assert talk.decoder.in_flight == 3
    talk.get(b"+OK\r\n$1\r\n1\r\n$-1\r\n")
    assert talk.told == [("SET", "ok"), ("GET", "hit"), ("GET", "miss")]
    assert talk.decoder.in_flight == 0


def test_commands_of_a_transaction_have_their_answers_from_exec():
    talk = Conversation().ask("MULTI").ask("GET", "a").ask("INCR", "a").ask("EXEC").ask("PING")
    talk.get(b"+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n$-1\r\n-ERR no number\r\n+PONG\r\n")
    assert talk.told == [
        ("MULTI", "ok"),
        ("GET", "miss"),
        ("INCR", "error"),
        ("EXEC", "ok"),
        ("PING", "ok"),
    ]
    assert [each.transaction for each in talk.commands] == [False, True, True, False, False]


def test_a_watched_key_that_changed_aborts_what_was_queued():
    talk = Conversation().ask("WATCH", "a").ask("MULTI").ask("SET", "a", "1").ask("EXEC")
    talk.get(b"+OK\r\n+OK\r\n+QUEUED\r\n*-1\r\n")
    assert talk.told[-2:] == [("SET", "error"), ("EXEC", "error")]


def test_a_transaction_that_was_discarded_ran_nothing():
    talk = Conversation().ask("MULTI").ask("SET", "a", "1").ask("DISCARD").ask("GET", "a")
    talk.get(b"+OK\r\n+QUEUED\r\n+OK\r\n$-1\r\n")
    assert talk.told == [("MULTI", "ok"), ("SET", "error"), ("DISCARD", "ok"), ("GET", "miss")]


def test_the_end_tells_whether_a_transaction_was_open():
    talk = Conversation().ask("MULTI").get(b"+OK\r\n")
    assert list(talk.decoder.closed(3.0)) == [Closed(connection=7, at_s=3.0, open_transaction=True)]


def test_pushes_are_no_answers():
    talk = Conversation().ask("HELLO", "3").get(b"%1\r\n+proto\r\n:3\r\n").ask("GET", "a")
    talk.get(b">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nk\r\n$1\r\nx\r\n")
    assert talk.told == [("HELLO", "ok"), ("invalidate", "push"), ("GET", "hit")]


@pytest.mark.parametrize("kind", [b"*", b">"])
def test_messages_of_a_subscription_are_pushes_in_both_versions(kind):
    confirmed = kind + b"3\r\n$9\r\nsubscribe\r\n$1\r\n%s\r\n:%d\r\n"
    talk = Conversation().ask("SUBSCRIBE", "a", "b").get(confirmed % (b"a", 1))
    assert talk.decoder.in_flight == 1
    talk.get(confirmed % (b"b", 2))
    talk.get(kind + b"3\r\n$7\r\nmessage\r\n$1\r\na\r\n$2\r\nhi\r\n").ask("PING")
    talk.get(b"*2\r\n$4\r\npong\r\n$0\r\n\r\n" if kind == b"*" else b"+PONG\r\n").ask("UNSUBSCRIBE")
    talk.get(kind + b"3\r\n$7\r\nmessage\r\n$1\r\na\r\n$2\r\nhi\r\n")
    for channel, left in ((b"a", 1), (b"b", 0)):
        talk.get(kind + b"3\r\n$11\r\nunsubscribe\r\n$1\r\n%s\r\n:%d\r\n" % (channel, left))
    names = [
        ("SUBSCRIBE", "ok"),
        ("message", "push"),
        ("PING", "ok"),
        ("message", "push"),
        ("UNSUBSCRIBE", "ok"),
    ]
    assert talk.told == names
    assert talk.decoder.in_flight == 0


def test_a_message_before_the_end_of_a_subscription_answers_nothing():
    talk = Conversation().ask("SUBSCRIBE", "a").get(b"*3\r\n+subscribe\r\n+a\r\n:1\r\n")
    talk.ask("PING").ask("UNSUBSCRIBE", "a").get(b"*3\r\n+message\r\n+a\r\n+hi\r\n*2\r\n+pong\r\n+\r\n")
    talk.get(b"*3\r\n+unsubscribe\r\n+a\r\n:0\r\n")
    assert talk.told[1:] == [("message", "push"), ("PING", "ok"), ("UNSUBSCRIBE", "ok")]


def test_a_command_that_waits_for_others_is_not_in_flight():
    talk = Conversation().ask("BLPOP", "jobs", "0")
    assert talk.decoder.in_flight == 0
    talk.ask("XREAD", "BLOCK", "0", "STREAMS", "s", "$")
    assert talk.decoder.in_flight == 0
    assert talk.get(b"*2\r\n$4\r\njobs\r\n$1\r\n1\r\n*-1\r\n").told == [("BLPOP", "ok"), ("XREAD", "ok")]


def test_silenced_commands_are_told_at_once():
    talk = (
        Conversation().ask("CLIENT", "REPLY", "SKIP").ask("SET", "a", "1").ask("GET", "a").get(b"$1\r\n1\r\n")
    )
    assert talk.told == [("CLIENT", "ok"), ("SET", "ok"), ("GET", "hit")]
    talk = Conversation().ask("CLIENT", "REPLY", "OFF").ask("SET", "a", "1").ask("CLIENT", "REPLY", "ON")
    talk.get(b"+OK\r\n").ask("GET", "a").get(b"$-1\r\n")
    assert talk.told == [("CLIENT", "ok"), ("SET", "ok"), ("CLIENT", "ok"), ("GET", "miss")]


def test_what_monitor_shows_is_nobodys_command():
    talk = Conversation().ask("MONITOR").get(b'+OK\r\n+1700000000.1 [0 127.0.0.1:1] "get" "a"\r\n')
    assert talk.told == [("MONITOR", "ok")]


def test_a_line_of_words_is_a_command():
    decoder = RedisDecoder(1)
    events = [
        *decoder.to_service(b"\r\nGET  a\r\nPING\n", 1.0),
        *decoder.from_service(b"$-1\r\n+PONG\r\n", 2.0),
    ]
    assert [(e.name, e.outcome) for e in events if isinstance(e, Command)] == [
        ("GET", "miss"),
        ("PING", "ok"),
    ]


@pytest.mark.parametrize("word", ["AUTH", "HELLO", "CONFIG", "ACL"])
def test_passwords_are_not_kept(word):
    assert Conversation().ask(word, "secret").get(b"+OK\r\n").commands[0].arguments == ()


def test_long_arguments_and_long_lists_are_cut():
    command = Conversation().ask("SADD", "s", *["x" * 1000] * 40).get(b":40\r\n").commands[0]
    assert (len(command.arguments), len(command.arguments[1])) == (16, 256)


@pytest.mark.parametrize(
    ("to", "data", "reason"),
    [
        (True, b"\x16\x03\x01\x02\x00\x01", "neither a command nor a line"),
        (True, b"*2\r\n:1\r\n:2\r\n", "not made of strings"),
        (True, b"*x\r\n", "a number was expected"),
        (False, b"hello\r\n", "no type of RESP begins with byte 0x68"),
        (False, b"+PONG\r\n", "an answer without a command"),
        (False, b"$99999999999\r\n", "a length of 99999999999"),
    ],
)
def test_what_is_no_redis_is_told_once_and_then_left_alone(to, data, reason):
    decoder = RedisDecoder(1)
    read = decoder.to_service if to else decoder.from_service
    told = [each for each in read(data, 1.0) if isinstance(each, Undecodable)]
    assert len(told) == 1
    assert (told[0].direction, reason in told[0].reason) == ("to" if to else "from", True)
    assert list(read(sent("GET", "a"), 2.0)) == []
    assert decoder.in_flight == 0


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["MSET", "a", "1", "b", "2"], ("a", "b")),
        (["EVALSHA", "f0", "2", "a", "b", "x"], ("a", "b")),
        (["EVAL", "return 1", "0", "x"], ()),
        (["ZUNIONSTORE", "d", "2", "a", "b", "WEIGHTS", "1", "2"], ("d", "a", "b")),
        (["XREADGROUP", "GROUP", "g", "c", "BLOCK", "0", "STREAMS", "s1", "s2", ">", ">"], ("s1", "s2")),
        (["BLPOP", "a", "b", "0"], ("a", "b")),
        (["OBJECT", "ENCODING", "a"], ("a",)),
        (["RENAME", "a", "b"], ("a", "b")),
        (["PUBLISH", "channel", "x"], ()),
        (["SOMETHING.NEW", "a"], ()),
        (["GET"], ()),
        (["GET", b"\xff\x00"], ("\\xff\x00",)),
    ],
)
def test_keys_stand_where_the_command_has_them(words, expected):
    raw = [word if isinstance(word, bytes) else word.encode() for word in words]
    assert keys(raw[0].decode(), raw[1:]) == expected


TALK = [
    (sent("HELLO", "3"), b"%1\r\n$5\r\nproto\r\n:3\r\n"),
    (sent("SET", "k", b"v\r\n\x00" * 300), b"+OK\r\n"),
    (sent("MGET", "k", "l"), b"*2\r\n$4\r\nab\r\n\r\n$-1\r\n"),
    (sent("MULTI") + sent("HGETALL", "h") + sent("EXEC"), b"+OK\r\n+QUEUED\r\n*1\r\n%1\r\n+a\r\n_\r\n"),
    (b"PING\r\n", b">2\r\n+invalidate\r\n*1\r\n+k\r\n+PONG\r\n"),
    (sent("GET", "big"), b"$5000\r\n" + b"y" * 5000 + b"\r\n"),
]


def events_of(cuts_to: list[int], cuts_from: list[int]) -> list[Event]:
    decoder = RedisDecoder(1)
    events: list[Event] = []
    for data, read, cuts in (
        (b"".join(to for to, _ in TALK), decoder.to_service, cuts_to),
        (b"".join(back for _, back in TALK), decoder.from_service, cuts_from),
    ):
        places = sorted({0, len(data), *(cut % len(data) for cut in cuts)})
        for begin, end in pairwise(places):
            events += read(data[begin:end], 1.0)
    return events


@given(*[st.lists(st.integers(0, 10_000), max_size=60)] * 2)
def test_where_chunks_end_does_not_matter(cuts_to, cuts_from):
    whole = events_of([], [])
    assert len([each for each in whole if isinstance(each, Command)]) == 9
    assert events_of(cuts_to, cuts_from) == whole


@given(st.binary(max_size=300), st.lists(st.integers(1, 20), max_size=20))
def test_a_reader_takes_any_bytes_and_says_what_is_wrong_with_them(data, sizes):
    whole, cut = Reader(), Reader()
    values = whole.feed(data)
    found, position = [], 0
    for size in sizes:
        found += cut.feed(data[position : position + size])
        position += size
    found += cut.feed(data[position:])
    assert (found, cut.malformed) == (values, whole.malformed)
