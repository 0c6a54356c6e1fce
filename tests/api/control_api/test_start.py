"""Consent, tokens, and beginning an interview on a real LiveKit server."""

import asyncio
import json
from datetime import timedelta

import jwt
import pytest
from livekit import api

from interview.session import Status
from tests.api.control_api.house import BASE, TEXT_VERSION, House, assert_problem


async def dispatches(house: House, session_id: str) -> list[tuple[str, dict[str, object]]]:
    """What LiveKit was asked to send into the session's room."""
    settings = house.settings
    secret = settings.livekit_api_secret.get_secret_value()
    url = settings.livekit_url.replace("ws", "http", 1)
    async with api.LiveKitAPI(url, settings.livekit_api_key, secret) as server:
        found = await server.agent_dispatch.list_dispatch(f"interview-{session_id}")
    # every room also has one of LiveKit's own, for workers without a name
    ours = [(each.agent_name, json.loads(each.metadata)) for each in found if each.agent_name]
    return sorted(ours, key=lambda each: each[0])


async def test_start_needs_consent_to_the_interview(house: House) -> None:
    owner = await house.account()
    session_id = (await house.created(owner))["session_id"]
    path = f"{BASE}/session/{session_id}"
    assert_problem(await house.http.post(f"{path}/start", headers=owner.headers), 409, "consent_missing")

    without = {"items": {"recording": True}, "text_version": TEXT_VERSION}
    await house.http.post(f"{path}/consent", json=without, headers=owner.headers)
    refused = assert_problem(await house.http.post(f"{path}/start", headers=owner.headers), 409, "consent_missing")
    assert refused["details"]["items"] == ["interview"]
    assert (await house.storage.sessions.get(session_id)).status is Status.INITIALIZED
    assert f"interview-{session_id}" not in await house.rooms.list_rooms()


async def test_start_makes_the_room_sends_both_agents_and_lets_the_candidate_in(house: House) -> None:
    owner = await house.account()
    session_id = await house.ready(owner)
    answer = await house.http.post(f"{BASE}/session/{session_id}/start", headers=owner.headers)
    assert answer.status_code == 200, answer.text
    started = answer.json()
    assert (started["status"], started["attempt"]) == ("IN_PROGRESS", 1)
    assert started["livekit_room_name"] == f"interview-{session_id}"

    assert f"interview-{session_id}" in await house.rooms.list_rooms()
    metadata = {"session_id": session_id, "attempt": 1}
    assert await dispatches(house, session_id) == [("interviewer", metadata), ("proctor", metadata)]

    claims = jwt.decode(started["livekit_token"], options={"verify_signature": False})
    assert claims["sub"] == f"candidate-{session_id}"
    assert claims["exp"] - claims["nbf"] == house.settings.candidate_token_ttl_s


async def test_no_proctor_comes_without_consent_to_the_camera(house: House) -> None:
    owner = await house.account()
    session_id = (await house.created(owner))["session_id"]
    await house.consent(owner, session_id, camera=False)
    await house.http.post(f"{BASE}/session/{session_id}/start", headers=owner.headers)
    assert [name for name, _ in await dispatches(house, session_id)] == ["interviewer"]


async def test_starting_again_changes_nothing(house: House) -> None:
    owner = await house.account()
    session_id = await house.ready(owner)
    path = f"{BASE}/session/{session_id}/start"
    first, second = [(await house.http.post(path, headers=owner.headers)).json() for _ in range(2)]
    assert first["livekit_token"]
    assert {**first, "livekit_token": ""} == {**second, "livekit_token": ""}
    assert len(await dispatches(house, session_id)) == 2


async def test_a_hundred_starts_at_once_start_it_once(house: House) -> None:
    owner = await house.account()
    session_id = await house.ready(owner)
    path = f"{BASE}/session/{session_id}/start"
    answers = await asyncio.gather(*(house.http.post(path, headers=owner.headers) for _ in range(100)))
    assert {answer.status_code for answer in answers} == {200}
    assert {(answer.json()["status"], answer.json()["attempt"]) for answer in answers} == {("IN_PROGRESS", 1)}
    session = await house.storage.sessions.get(session_id)
    assert [entry.target for entry in session.history].count(Status.IN_PROGRESS) == 1
    assert [name for name, _ in await dispatches(house, session_id)] == ["interviewer", "proctor"]


async def test_the_candidate_consents_and_starts(house: House) -> None:
    made = await house.created(await house.account())
    candidate = await house.candidate(made["invite_url"])
    path = f"{BASE}/session/{made['session_id']}"
    body = {"items": {"interview": True}, "text_version": TEXT_VERSION}
    given = await candidate.post(f"{path}/consent", json=body)
    assert given.json()["consent"]["items"] == {"interview": True, "recording": False, "camera": False}
    assert given.json()["consent"]["given_by"] == "candidate"
    assert (await candidate.post(f"{path}/start")).json()["status"] == "IN_PROGRESS"
    assert (await candidate.post(f"{path}/token")).json()["livekit_token"]


async def test_an_owner_who_vouches_is_named(house: House) -> None:
    owner = await house.account()
    session_id = await house.ready(owner)
    consent = (await house.storage.sessions.get(session_id)).consent
    assert consent is not None
    assert consent.given_by == owner.user.user_id


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"items": {"interview": True}, "text_version": "older"}, 409, "consent_text_changed"),
        ({"items": {"interview": "yes"}, "text_version": TEXT_VERSION}, 422, "invalid"),
        ({"items": {"interview": 1}, "text_version": TEXT_VERSION}, 422, "invalid"),
        ({"items": {"everything": True}, "text_version": TEXT_VERSION}, 422, "invalid"),
        ({"items": {}, "text_version": TEXT_VERSION}, 422, "invalid"),
        ({"items": {"interview": True}}, 422, "invalid"),
    ],
)
async def test_an_unclear_consent_is_none(house: House, body: dict[str, object], status: int, code: str) -> None:
    owner = await house.account()
    session_id = (await house.created(owner))["session_id"]
    answer = await house.http.post(f"{BASE}/session/{session_id}/consent", json=body, headers=owner.headers)
    assert_problem(answer, status, code)
    assert (await house.storage.sessions.get(session_id)).consent is None


async def test_consent_cannot_change_once_it_runs(house: House) -> None:
    owner = await house.account()
    session_id = await house.started(owner)
    body = {"items": {"interview": True}, "text_version": TEXT_VERSION}
    answer = await house.http.post(f"{BASE}/session/{session_id}/consent", json=body, headers=owner.headers)
    assert assert_problem(answer, 409, "consent_closed")["details"]["status"] == "IN_PROGRESS"


async def test_it_can_be_started_only_in_its_window(house: House) -> None:
    owner = await house.account()
    opens = house.clock.now() + timedelta(hours=1)
    closes = opens + timedelta(hours=1)
    window = {"not_before": opens.isoformat(), "not_after": closes.isoformat()}
    early, late = await house.ready(owner, **window), await house.ready(owner, **window)

    answer = await house.http.post(f"{BASE}/session/{early}/start", headers=owner.headers)
    assert_problem(answer, 409, "too_early")
    house.clock.advance(3600)
    assert (await house.http.post(f"{BASE}/session/{early}/start", headers=owner.headers)).status_code == 200
    house.clock.advance(3601)
    answer = await house.http.post(f"{BASE}/session/{late}/start", headers=owner.headers)
    assert assert_problem(answer, 409, "window_closed")["details"]["status"] == "EXPIRED"
    assert (await house.storage.sessions.get(late)).status is Status.EXPIRED


async def test_a_failed_session_whose_window_is_over_stays_failed(house: House) -> None:
    owner = await house.account()
    closes = house.clock.now() + timedelta(hours=1)
    session_id = await house.started(owner, not_after=closes.isoformat())
    await house.storage.sessions.move(session_id, Status.FAILED, by="system:test", reason="the agent died")
    house.clock.advance(3601)
    answer = await house.http.post(f"{BASE}/session/{session_id}/start", headers=owner.headers)
    assert assert_problem(answer, 409, "window_closed")["details"]["status"] == "FAILED"
    assert (await house.storage.sessions.get(session_id)).attempt == 1


async def test_while_livekit_is_down_a_start_fails_and_can_be_repeated(
    house: House, house_without_livekit: House
) -> None:
    owner = await house.account()
    session_id = await house.ready(owner)
    path = f"{BASE}/session/{session_id}/start"
    # both houses share one database and one signing secret; only one of them reaches LiveKit
    answer = await house_without_livekit.http.post(path, headers=owner.headers)
    assert_problem(answer, 503, "room_service_unavailable")
    assert answer.headers["retry-after"]
    failed = await house.storage.sessions.get(session_id)
    assert failed.status is Status.FAILED
    assert failed.end_reason

    again = await house.http.post(path, headers=owner.headers)
    assert again.status_code == 200, again.text
    assert again.json()["attempt"] == 2
    metadata = {"session_id": session_id, "attempt": 2}
    assert await dispatches(house, session_id) == [("interviewer", metadata), ("proctor", metadata)]


async def test_a_restart_withdraws_the_agents_of_the_attempt_before(house: House) -> None:
    owner = await house.account()
    session_id = await house.started(owner)
    await house.storage.sessions.move(session_id, Status.FAILED, by="system:test", reason="the agent died", attempt=1)
    answer = await house.http.post(f"{BASE}/session/{session_id}/start", headers=owner.headers)
    assert answer.json()["attempt"] == 2
    assert {metadata["attempt"] for _, metadata in await dispatches(house, session_id)} == {2}


@pytest.mark.parametrize("target", [Status.COMPLETED, Status.ABANDONED, Status.EXPIRED, Status.PAUSED])
async def test_what_is_over_or_paused_cannot_be_started(house: House, target: Status) -> None:
    owner = await house.account()
    session_id = await house.started(owner)
    await house.storage.sessions.move(session_id, target, by="system:test", reason="a test")
    answer = await house.http.post(f"{BASE}/session/{session_id}/start", headers=owner.headers)
    assert assert_problem(answer, 409, "illegal_transition")["details"]["status"] == target.value


async def test_no_token_is_given_once_it_is_over(house: House) -> None:
    owner = await house.account()
    session_id = await house.started(owner)
    await house.http.post(f"{BASE}/session/{session_id}/end", headers=owner.headers)
    answer = await house.http.post(f"{BASE}/session/{session_id}/token", headers=owner.headers)
    assert assert_problem(answer, 409, "session_ended")["details"]["status"] == "EXPIRED"
