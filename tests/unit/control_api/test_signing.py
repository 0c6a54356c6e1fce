"""Tokens of our own."""

from datetime import UTC, datetime

import jwt
import pytest

from control_api.signing import Signer
from interview.clock import VirtualClock
from interview.errors import ConfigurationError, NotAuthenticated

SECRET = "a secret of the tests, of more than 32 bytes"


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(datetime(2031, 1, 1, tzinfo=UTC))


@pytest.fixture
def signer(clock: VirtualClock) -> Signer:
    return Signer(SECRET, clock)


def refused(signer: Signer, purpose: str, token: str) -> str:
    with pytest.raises(NotAuthenticated) as error:
        signer.read(purpose, token)
    return error.value.code


def test_a_token_is_good_until_its_time_is_over(signer: Signer, clock: VirtualClock) -> None:
    token = signer.sign("seat", subject="s1", ttl_s=60, invite="abc")
    clock.advance(59)
    claims = signer.read("seat", token)
    assert (claims["sub"], claims["invite"]) == ("s1", "abc")
    clock.advance(1)
    assert refused(signer, "seat", token) == "token_expired"


def test_a_token_for_one_purpose_is_not_good_for_another(signer: Signer) -> None:
    assert refused(signer, "access", signer.sign("seat", subject="s1", ttl_s=60)) == "bad_token"


def test_a_token_of_another_secret_or_without_one_is_refused(signer: Signer, clock: VirtualClock) -> None:
    foreign = Signer(SECRET[::-1], clock).sign("access", subject="u1", ttl_s=60)
    claims = {"sub": "u1", "purpose": "access", "exp": 9_999_999_999}
    unsigned = jwt.encode(claims, "", algorithm="none")
    for token in (foreign, unsigned, "", "a.b.c", "é"):
        assert refused(signer, "access", token) == "bad_token"


@pytest.mark.parametrize("missing", ["sub", "purpose", "exp"])
def test_a_token_with_a_part_missing_is_refused(signer: Signer, missing: str) -> None:
    claims = {"sub": "u1", "purpose": "access", "exp": 9_999_999_999}
    del claims[missing]
    assert refused(signer, "access", jwt.encode(claims, SECRET, algorithm="HS256")) == "bad_token"


def test_a_short_secret_is_refused_at_the_start(clock: VirtualClock) -> None:
    with pytest.raises(ConfigurationError, match="JWT_SECRET"):
        Signer("short", clock)
