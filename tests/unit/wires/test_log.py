"""The log of events: whole frames come back as they were, torn ones wait."""

from hypothesis import given
from hypothesis import strategies as st

from harness.wires.log import LogReader, LogWriter, read_events
from harness.wires.model import Closed, Command, Connected, Parameter, Statement

EVENTS = [
    Connected(connection=1, at_s=1.0, user="app", database="d", options={"TimeZone": "UTC"}),
    Statement(
        connection=1,
        transaction=4,
        sql="SELECT $1",
        parameters=(Parameter(b"\xff", 1, 17),),
        sent_s=1.0,
        done_s=2.0,
    ),
    Command(connection=1, name="GET", keys=("k",), sent_s=1.0, done_s=1.5, outcome="miss"),
    Closed(connection=1, at_s=3.0, open_transaction=True),
]


def test_events_come_back_as_they_were(tmp_path):
    writer = LogWriter(tmp_path / "events")
    for event in EVENTS:
        writer.add(event)
    assert read_events(tmp_path / "events") == []
    writer.flush()
    assert read_events(tmp_path / "events") == EVENTS
    assert read_events(tmp_path / "events", skip=3) == EVENTS[3:]
    assert read_events(tmp_path / "events", skip=9) == []
    assert writer.count == 4
    writer.close()


def test_a_reader_goes_on_and_back(tmp_path):
    writer = LogWriter(tmp_path / "events")
    reader = LogReader(tmp_path / "events")
    for number, event in enumerate(EVENTS):
        writer.add(event)
        writer.flush()
        assert reader.read(number) == [event]
    assert reader.read(1) == EVENTS[1:]
    writer.close()


@given(st.integers(0, 600))
def test_a_torn_frame_is_left_out(tmp_path_factory, cut):
    path = tmp_path_factory.getbasetemp() / "torn"
    writer = LogWriter(path)
    for event in EVENTS:
        writer.add(event)
    writer.close()
    whole = path.read_bytes()
    path.write_bytes(whole[:cut])
    read = read_events(path)
    assert read == EVENTS[: len(read)]
    assert (len(read) == len(EVENTS)) == (cut >= len(whole))
