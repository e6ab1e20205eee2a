import errno
import os

import pytest

from harness.errors import EnvironmentLimit, RecordUnreadable
from harness.gate.gate import judge
from harness.gate.storage import encode_verdict, read_record, write_record, write_verdict
from tests.fakes.load_run import record


def test_a_record_read_again_is_the_same_and_gives_the_same_verdict_file(tmp_path) -> None:
    written = record()
    write_record(tmp_path, written)
    first = write_verdict(tmp_path, judge(written)).read_bytes()
    assert encode_verdict(judge(read_record(tmp_path))) == first
    assert read_record(tmp_path / "record.json") == read_record(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["record.json", "verdict.json"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"{", "not a record"),
        (b"[]", "not a record"),
        (b'{"schema": "other", "version": 1}', "schema is 'other'"),
        (b'{"schema": "harness.record", "version": 2}', "version is 2"),
        (b'{"schema": "harness.record", "version": 1}', "damaged"),
    ],
)
def test_a_file_that_is_no_record_is_refused_with_its_name(tmp_path, content, says) -> None:
    (tmp_path / "record.json").write_bytes(content)
    with pytest.raises(RecordUnreadable, match=says) as caught:
        read_record(tmp_path)
    assert str(tmp_path / "record.json") in str(caught.value)


def test_a_missing_record_is_refused_and_says_what_to_name(tmp_path) -> None:
    with pytest.raises(RecordUnreadable, match="out/latest"):
        read_record(tmp_path)


def test_a_full_disk_leaves_the_old_record_whole_and_says_how_to_mend_it(tmp_path, monkeypatch) -> None:
    write_record(tmp_path, record())
    before = (tmp_path / "record.json").read_bytes()

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(EnvironmentLimit, match="free some space"):
        write_record(tmp_path, record(run="another"))
    assert (tmp_path / "record.json").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["record.json"]
