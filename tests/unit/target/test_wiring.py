"""Addresses that can lead over a relay, what becomes of them, and those that cannot."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.target.wiring import NotWiredError, place, rewritten


@pytest.mark.parametrize(
    ("kind", "address", "over_the_relay"),
    [
        (
            "postgres",
            "postgresql://u:p%40ss%2F@db.local:6000/d?x=1",
            "postgresql://u:p%40ss%2F@127.0.0.1:9/d?x=1",
        ),
        ("postgres", "postgres://db/d", "postgres://127.0.0.1:9/d"),
        ("postgres", "postgresql+asyncpg://u@[::1]:5433/d", "postgresql+asyncpg://u@127.0.0.1:9/d"),
        ("postgres", "postgresql://u:p@h@db:1", "postgresql://u:p@h@127.0.0.1:9"),
        ("postgres", "postgresql://db/d?sslmode=prefer", "postgresql://127.0.0.1:9/d?sslmode=prefer"),
        ("redis", "redis://:secret@cache:6380/2", "redis://:secret@127.0.0.1:9/2"),
        ("redis", "redis://cache", "redis://127.0.0.1:9"),
        ("redis", "redis://cache:6379?protocol=3", "redis://127.0.0.1:9?protocol=3"),
    ],
)
def test_only_host_and_port_of_an_address_change(kind, address, over_the_relay):
    assert rewritten(place(kind, address), 9) == over_the_relay


@pytest.mark.parametrize(
    ("kind", "address", "reason"),
    [
        ("redis", "rediss://cache:6380/0", "TLS"),
        ("redis", "unix:///run/redis.sock", "unix://"),
        ("redis", "redis+sentinel://a:1/x", "redis\\+sentinel|cannot be wired"),
        ("postgres", "postgresql://db/d?sslmode=require", "sslmode=require"),
        ("postgres", "postgresql://db/d?ssl=verify-full", "ssl=verify-full"),
        ("postgres", "postgresql://db/d?channel_binding=require", "channel_binding"),
        ("postgres", "postgresql:///d?host=/run/postgresql", "Unix socket"),
        ("postgres", "postgresql://db/d?host=elsewhere", "option host"),
        ("postgres", "postgresql://a:1,b:2/d", "one host"),
        ("postgres", "host=db dbname=d", "no URL"),
        ("postgres", "mysql://db/d", "mysql"),
    ],
)
def test_an_address_that_cannot_be_wired_says_why(kind, address, reason):
    with pytest.raises(NotWiredError, match=reason):
        place(kind, address)


@given(
    st.from_regex(r"([A-Za-z0-9%._~!$&'()*+;=:-]{0,20}@)?", fullmatch=True),
    st.from_regex(r"[a-z0-9.-]{1,20}", fullmatch=True),
    st.integers(1, 65535),
    st.from_regex(r"(/[a-z0-9%]{0,10})?(\?[a-z_]{1,3}=[a-z0-9%]{0,10})?", fullmatch=True),
)
def test_whatever_the_user_and_the_database_they_stay_to_the_byte(user, host, port, rest):
    address = f"postgresql://{user}{host}:{port}{rest}"
    found = place("postgres", address)
    assert (found["host"], found["port"]) == (host, str(port))
    assert rewritten(found, 1234) == f"postgresql://{user}127.0.0.1:1234{rest}"
