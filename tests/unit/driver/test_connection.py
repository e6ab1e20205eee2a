"""Cache-Status: the last member tells, and what stands in quotes parts nothing."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from harness.driver.connection import cache_class

words = st.text(st.characters(codec="ascii", exclude_categories=["C"]))
tokens = st.from_regex(r"[A-Za-z*][A-Za-z0-9:/!#$%&'*+.^_`|~-]{0,8}", fullmatch=True)


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


names = tokens | words.map(quoted)
others = st.one_of(
    st.just("stored"),
    tokens.map("fwd={}".format),
    st.integers(0, 999).map("ttl={}".format),
    words.map(lambda text: f"detail={quoted(text)}"),
    words.map(lambda text: f"key={quoted(text)}"),
)


@st.composite
def members(draw: st.DrawFn, flag: str | None) -> str:
    parameters = draw(st.lists(others, max_size=4))
    if flag is not None:
        parameters.insert(draw(st.integers(0, len(parameters))), flag)
    gap = draw(st.sampled_from(["", " "]))
    return "".join([draw(names), *(f";{gap}{parameter}" for parameter in parameters)])


flags = st.sampled_from(["hit", "hit=?1", "hit=?0", None])


@given(st.data(), st.lists(flags, max_size=3), flags)
def test_the_last_member_tells_whatever_is_quoted(
    data: st.DataObject, before: list[str | None], last: str | None
) -> None:
    value = ", ".join(data.draw(members(flag)) for flag in [*before, last])
    assert cache_class(value.encode()) == ("hit" if last in {"hit", "hit=?1"} else "miss")


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        (b'X; hit; detail="a, b"', "hit"),
        (b'X; fwd=miss; detail="a; hit"', "miss"),
        (b'X; fwd=miss; detail="a, b; hit"', "miss"),
        (b'X; detail="say \\"a, b\\""; hit', "hit"),
        (b'"my, cache"; hit', "hit"),
        (b"X; hit=?1", "hit"),
        (b"X; hit=?0", "miss"),
        (b"X; hit; hit=?0", "miss"),
        (b"X; hit=1", "miss"),
        (b'X; hit; detail="a', "none"),
        (b"", "none"),
    ],
)
def test_a_hit_is_a_true_boolean_outside_quotes(value: bytes, seen: str) -> None:
    assert cache_class(value) == seen


@given(st.binary())
@example(b'"')
@example(b'";,"\\')
def test_any_bytes_have_a_class(value: bytes) -> None:
    assert cache_class(value) in {"hit", "miss", "none"}
