"""LiveKit's webhooks: believed only when signed with our key."""

import base64
import hashlib
import json
from datetime import timedelta
from typing import Any

import httpx
from livekit import api

from tests.api.control_api.house import House, assert_problem

JOINED_S = 1_800_000_000


def event(session_id: str, kind: str, *, at_s: int, identity: str | None = None) -> bytes:
    room = {"name": f"interview-{session_id}", "sid": "RM_x"}
    participant = {"identity": identity or f"candidate-{session_id}", "sid": "PA_x"}
    content: dict[str, Any] = {"event": kind, "room": room, "participant": participant, "id": "EV_x"}
    return json.dumps(content | {"createdAt": str(at_s)}).encode()


async def told(house: House, body: bytes, *, secret: str | None = None, signed: bytes | None = None) -> httpx.Response:
    settings = house.settings
    token = api.AccessToken(settings.livekit_api_key, secret or settings.livekit_api_secret.get_secret_value())
    digest = base64.b64encode(hashlib.sha256(body if signed is None else signed).digest()).decode()
    jwt = token.with_sha256(digest).with_ttl(timedelta(minutes=5)).to_jwt()
    headers = {"Authorization": jwt, "Content-Type": "application/webhook+json"}
    return await house.http.post("/api/webhooks/livekit", content=body, headers=headers)


async def test_the_candidates_coming_and_going_is_noted(house: House) -> None:
    session_id = await house.started(await house.account())
    assert (await told(house, event(session_id, "participant_joined", at_s=JOINED_S))).status_code == 204
    assert (await told(house, event(session_id, "participant_left", at_s=JOINED_S + 60))).status_code == 204
    session = await house.storage.sessions.get(session_id)
    assert session.presence.joined_at is not None
    assert session.presence.joined_at.timestamp() == JOINED_S
    assert session.presence.left_at == session.presence.joined_at + timedelta(seconds=60)
    assert session.clock_started_at == session.presence.joined_at


async def test_others_in_the_room_and_other_rooms_change_nothing(house: House) -> None:
    session_id = await house.started(await house.account())
    agent = event(session_id, "participant_joined", at_s=JOINED_S, identity="interviewer-1")
    impostor = event(session_id, "participant_joined", at_s=JOINED_S, identity="candidate-someone")
    elsewhere = event("not-one-of-ours", "participant_joined", at_s=JOINED_S)
    unknown = event("00000000-0000-4000-8000-000000000000", "participant_joined", at_s=JOINED_S)
    for body in (agent, impostor, elsewhere, unknown, b'{"event": "room_finished"}'):
        assert (await told(house, body)).status_code == 204
    assert (await house.storage.sessions.get(session_id)).presence.joined_at is None


async def test_an_unsigned_or_wrongly_signed_event_is_refused(house: House) -> None:
    session_id = await house.started(await house.account())
    body = event(session_id, "participant_joined", at_s=JOINED_S)
    assert_problem(await told(house, body, secret="x" * 40), 401, "bad_signature")
    assert_problem(await told(house, body, signed=b"another body"), 401, "bad_signature")
    unsigned = await house.http.post(
        "/api/webhooks/livekit", content=body, headers={"Content-Type": "application/webhook+json"}
    )
    assert_problem(unsigned, 401, "bad_signature")
    assert (await house.storage.sessions.get(session_id)).presence.joined_at is None


async def test_a_signed_body_that_is_no_event_is_refused(house: House) -> None:
    assert_problem(await told(house, b'{"event": {"not": "text"}}'), 422, "bad_webhook")
