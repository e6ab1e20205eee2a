import re
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as some

from harness.exercise.patterns import matching


@pytest.mark.parametrize(
    "pattern",
    [
        r"^\+[1-9][0-9]{6,14}$",
        r"^[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][0-9A-Z]Z[0-9A-Z]$",
        r"^[^\x00]*[^\s\x00][^\x00]*$",
        r"^[^@\s]+@[^@\s]+\.[a-z]{2,}$",
        r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
        r"^(?:[a-z]+-)*[a-z]+$",
        r"^(?=.*\d)(?=.*[a-z]).{8,}$",
        r"^(?P<a>[a-z])\1$",
        r"^(red|green|blue)$",
        r"^\d{4}-\d{2}$",
        r"^https?:\/\/.+$",
        r"\S",
        "",
    ],
)
def test_text_is_made_that_the_pattern_accepts(pattern):
    texts = [matching(pattern, 0, None, Random(seed)) for seed in range(5)]
    assert all(text is not None and re.search(pattern, text) for text in texts)


def test_lengths_are_kept():
    for seed in range(5):
        text = matching("^[a-z]+(-[a-z]+)*$", 5, 20, Random(seed))
        assert text is not None
        assert 5 <= len(text) <= 20


def test_classes_of_unicode_are_letters():
    text = matching(r"^\p{L}+$", 1, 10, Random(1))
    assert text is not None
    assert text.isalpha()


def test_what_cannot_be_made_is_none():
    assert matching("^[a-z]{5}$", 6, None, Random(1)) is None
    assert matching("(", 0, None, Random(1)) is None


@given(
    some.lists(some.sampled_from(["[a-f]", "[0-9]+", "x{2,4}", "(a|bc)", ".", "z?"]), min_size=1, max_size=6)
)
def test_any_combination_of_parts_is_made(parts):
    pattern = "^" + "".join(parts) + "$"
    text = matching(pattern, 0, None, Random(7))
    assert text is not None
    assert re.search(pattern, text)
