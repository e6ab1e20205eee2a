"""Whom a fault hits, the same in every run, and what is no fault."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.wires.faults import hits, mistakes, toxic
from harness.wires.model import Fault


@given(st.integers(1, 500), st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 1.0]))
def test_the_share_of_the_first_connections_that_is_hit_is_exact(count, share):
    assert sum(hits(number, share) for number in range(1, count + 1)) == int(count * share)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault(kind="stall"), (True, True)),
        (Fault(kind="stall", direction="to"), (True, False)),
        (Fault(kind="stall", direction="from"), (False, True)),
        (Fault(kind="stall", share=0.0), (False, False)),
        (Fault(kind="garbage"), (False, True)),
        (Fault(kind="garbage", direction="to"), (True, False)),
        (Fault(kind="refuse"), (False, False)),
    ],
)
def test_a_fault_works_in_its_direction(fault, expected):
    made = [toxic(fault, object(), connection=1, to_service=way) is not None for way in (True, False)]
    assert tuple(made) == expected


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault(kind="lag"), "`lag` is no fault"),
        (Fault(kind="stall", direction="up"), "`up` is no direction"),
        (Fault(kind="stall", share=1.5), "share of connections is 1.5"),
    ],
)
def test_what_is_no_fault_is_named(fault, words):
    (mistake,) = mistakes(fault)
    assert words in mistake


def test_a_fault_without_mistakes_has_none_named():
    assert not list(mistakes(Fault(kind="latency", latency_s=0.1, share=0.5)))
