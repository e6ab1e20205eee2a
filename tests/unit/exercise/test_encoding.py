import pytest

from harness.exercise.encoding import encoded, in_path, in_query, query_text
from harness.exercise.operations import Argument, Body


def argument(style="form", *, explode=True, media_type=""):
    return Argument(
        name="f",
        place="query",
        required=False,
        schema={},
        style=style,
        explode=explode,
        media_type=media_type,
    )


@pytest.mark.parametrize(
    ("one", "value", "text"),
    [
        (argument(), ["a", "b"], "?f=a&f=b"),
        (argument(explode=False), ["a", "b"], "?f=a,b"),
        (argument("pipeDelimited", explode=False), ["a", "b"], "?f=a%7Cb"),
        (argument("deepObject"), {"a": 1}, "?f%5Ba%5D=1"),
        (argument(), {"a": True}, "?a=true"),
        (argument(media_type="application/json"), {"a": 1}, "?f=%7B%22a%22%3A1%7D"),
        (argument(), 3.0, "?f=3"),
        (argument(), "a b&c", "?f=a%20b%26c"),
    ],
)
def test_a_query_is_written_in_the_style_of_its_parameter(one, value, text):
    assert query_text(list(in_query(one, "f", value))) == text


def test_a_path_escapes_its_separators():
    assert in_path("a/b c") == "a%2Fb%20c"


def test_files_are_parts_of_their_own():
    schema = {"properties": {"file": {"type": ("string",), "format": "binary"}}}
    body = Body(media_type="multipart/form-data", required=True, schema=schema)
    written = encoded(body, {"file": "text", "title": "T"})
    assert written is not None
    kind, content = written
    boundary = kind.partition("boundary=")[2].encode()
    assert content.count(b"--" + boundary) == 3
    assert b'name="file"; filename="file.txt"' in content
    assert b'name="title"\r\n\r\nT\r\n' in content


def test_what_cannot_be_written_is_none():
    assert encoded(Body(media_type="application/xml", required=True, schema={}), {"a": 1}) is None
