import errno
import threading
from itertools import pairwise

import gguf
import pytest

from harness.modelserver import gguf_file, weights
from harness.modelserver.errors import WeightsNotWritten
from harness.modelserver.gguf_file import write
from harness.modelserver.vocabulary import BYTE, NORMAL, SPOKEN_FROM, vocabulary
from harness.modelserver.weights import SHAPE_3M, find_or_write


def test_two_writes_give_the_same_bytes(tmp_path):
    write(tmp_path / "one.gguf", SHAPE_3M)
    write(tmp_path / "two.gguf", SHAPE_3M)

    assert (tmp_path / "one.gguf").read_bytes() == (tmp_path / "two.gguf").read_bytes()


def test_the_file_holds_as_many_weights_as_the_shape_says(tmp_path):
    write(tmp_path / "shape.gguf", SHAPE_3M)

    reader = gguf.GGUFReader(tmp_path / "shape.gguf")
    assert sum(tensor.n_elements for tensor in reader.tensors) == SHAPE_3M.parameters
    assert 3_000_000 <= SHAPE_3M.parameters < 4_000_000


def test_weights_that_are_there_are_not_written_again(tmp_path):
    path = find_or_write(tmp_path)
    written = path.stat()

    assert find_or_write(tmp_path) == path
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == (written.st_mtime_ns, written.st_ino)


def test_writers_at_once_leave_one_whole_file_and_nothing_else(tmp_path):
    threads = [threading.Thread(target=find_or_write, args=(tmp_path,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    write(tmp_path / "alone", SHAPE_3M)
    alone = (tmp_path / "alone").read_bytes()
    (tmp_path / "alone").unlink()
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [alone]


def test_a_full_disk_says_so_and_leaves_nothing_then_room_mends_it(tmp_path, monkeypatch):
    def write_half(path, _shape):
        path.write_bytes(b"GGUF")
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(gguf_file, "write", write_half)
        with pytest.raises(WeightsNotWritten, match=r"disk is full.*--cache"):
            find_or_write(tmp_path)
        assert list(tmp_path.iterdir()) == []

    assert find_or_write(tmp_path).stat().st_size > SHAPE_3M.parameters


def test_a_cache_that_is_a_file_is_named(tmp_path):
    (tmp_path / "cache").write_text("not a folder")

    with pytest.raises(WeightsNotWritten, match=r"cache: the weights cannot be written"):
        find_or_write(tmp_path / "cache")


def test_the_file_name_changes_with_the_revision(tmp_path, monkeypatch):
    first = find_or_write(tmp_path)
    monkeypatch.setattr(weights, "REVISION", weights.REVISION + 1)

    assert find_or_write(tmp_path) != first


def test_the_vocabulary_has_every_byte_and_no_text_twice():
    tokens = vocabulary(SHAPE_3M.vocabulary)

    assert len(tokens) == SHAPE_3M.vocabulary
    assert len({token.text for token in tokens}) == len(tokens)
    assert sum(token.kind == BYTE for token in tokens) == 256
    assert all(token.kind == NORMAL for token in tokens[SPOKEN_FROM:])
    assert all(earlier.score > later.score for earlier, later in pairwise(tokens[SPOKEN_FROM:]))


@pytest.mark.parametrize("size", [SPOKEN_FROM, 100_000])
def test_a_vocabulary_of_impossible_size_is_refused(size):
    with pytest.raises(ValueError, match=f"not {size}"):
        vocabulary(size)
