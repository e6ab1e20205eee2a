import time
from uuid import UUID

import jwt
import pytest

from system.auth.passwords import fits_password, hash_password
from system.auth.permissions import Role
from system.auth.tokens import Caller, Tokens
from system.errors import Refused

SECRET = "a secret for tests, as long as the longest of the algorithms tried here asks"
CALLER = Caller(UUID(int=1), UUID(int=2), Role.SALES)


def claims(**changes):
    now = int(time.time())
    made = {"iss": "system", "sub": str(CALLER.user), "org": str(CALLER.organization), "role": "sales"}
    return {**made, "iat": now, "exp": now + 60, **changes}


def test_a_token_speaks_for_its_caller_twice_alike():
    tokens = Tokens(SECRET, 60)
    token, life_s = tokens.issue(CALLER)
    assert life_s == 60
    assert tokens.verify(token) == CALLER
    assert tokens.verify(token) == CALLER


@pytest.mark.parametrize(
    "token",
    [
        "",
        "a.b.c",
        jwt.encode(claims(), None, "none"),
        jwt.encode(claims(), SECRET, "HS512"),
        jwt.encode(claims(), SECRET[::-1], "HS256"),
        jwt.encode(claims(exp=1), SECRET, "HS256"),
        jwt.encode(claims(iss="other"), SECRET, "HS256"),
        jwt.encode(claims(role="god"), SECRET, "HS256"),
        jwt.encode(claims(org="x"), SECRET, "HS256"),
        jwt.encode({key: value for key, value in claims().items() if key != "exp"}, SECRET, "HS256"),
    ],
    ids=["empty", "no jwt", "none", "HS512", "secret", "expired", "issuer", "role", "organization", "no end"],
)
def test_a_token_that_is_not_ours_is_refused(token):
    with pytest.raises(Refused) as caught:
        Tokens(SECRET, 60).verify(token)
    assert caught.value.status == 401


def test_a_remembered_token_still_expires(monkeypatch):
    tokens = Tokens(SECRET, 60)
    token, _ = tokens.issue(CALLER)
    tokens.verify(token)
    later = time.time() + 61
    monkeypatch.setattr("system.auth.tokens.time.time", lambda: later)
    monkeypatch.setattr(jwt.api_jwt, "datetime", _Later)
    with pytest.raises(Refused):
        tokens.verify(token)


class _Later(jwt.api_jwt.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(time.time(), tz)


def test_a_password_fits_its_hash_only():
    known = hash_password("right")
    assert known.startswith("$argon2id$")
    assert fits_password(known, "right")
    assert not fits_password(known, "wrong")
    assert not fits_password(None, "nobody has this password")
    assert not fits_password("no hash", "right")
