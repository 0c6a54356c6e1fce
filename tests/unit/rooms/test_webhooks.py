"""A webhook is believed only when LiveKit signed exactly this body with our key."""

import base64
import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from livekit import api

from interview.errors import Invalid, NotAuthenticated
from rooms.webhooks import PARTICIPANT_JOINED, receive

SESSION = "00000000-0000-4000-8000-000000000001"
SECRET = "a secret of the tests, of more than 32 bytes"
BODY = (
    f'{{"event":"participant_joined","id":"EV_1","createdAt":"1800000000","unknownField":1,'
    f'"room":{{"name":"interview-{SESSION}"}},"participant":{{"identity":"candidate-{SESSION}"}}}}'
).encode()


def signed(body: bytes, *, key: str = "key", secret: str = SECRET, ttl_s: int = 300) -> str:
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    return api.AccessToken(key, secret).with_sha256(digest).with_ttl(timedelta(seconds=ttl_s)).to_jwt()


def test_an_event_about_the_candidate_is_read() -> None:
    event = receive(BODY, signed(BODY), key="key", secret=SECRET)
    assert (event.kind, event.session_id) == (PARTICIPANT_JOINED, SESSION)
    assert event.at == datetime.fromtimestamp(1_800_000_000, UTC)
    assert event.about_candidate


def test_another_participant_or_room_is_not_about_the_candidate() -> None:
    for old, new in [(b"candidate-", b"proctor-"), (b"interview-", b"other-")]:
        body = BODY.replace(old, new)
        assert not receive(body, signed(body), key="key", secret=SECRET).about_candidate


@pytest.mark.parametrize(
    "token",
    [
        "",
        "nonsense",
        signed(BODY + b" "),
        signed(BODY, key="other"),
        signed(BODY, secret="x" * 40),
        signed(BODY, ttl_s=-3600),
        api.AccessToken("key", SECRET).to_jwt(),
        api.AccessToken("key", SECRET).with_sha256("not base64 !").to_jwt(),
    ],
)
def test_every_other_signature_is_refused(token: str) -> None:
    with pytest.raises(NotAuthenticated) as refused:
        receive(BODY, token, key="key", secret=SECRET)
    assert refused.value.code == "bad_signature"


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b'{"event": 5}', b'{"room": "text"}'])
def test_a_signed_body_that_is_no_event_is_invalid(body: bytes) -> None:
    with pytest.raises(Invalid):
        receive(body, signed(body), key="key", secret=SECRET)
