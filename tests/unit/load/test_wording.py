import pytest

from harness.load.wording import milliseconds, percent


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0 %"), (0.05, "5 %"), (0.0013, "0.13 %"), (0.975, "97.5 %"), (1.0, "100 %"), (0.00001, "0.001 %"),
     (0.0000071, "0.00071 %")],
)  # fmt: skip
def test_a_share_is_written_with_as_many_digits_as_it_needs(share, text) -> None:
    assert percent(share) == text


@pytest.mark.parametrize(
    ("value", "text"), [(4.21, "4.2 ms"), (86.7, "87 ms"), (3041, "3.04 s"), (0, "0.0 ms")]
)
def test_a_time_is_written_in_the_unit_people_say(value, text) -> None:
    assert milliseconds(value) == text
