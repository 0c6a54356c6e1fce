"""Making sessions, and showing them."""

import uuid
from datetime import timedelta

import pytest

from interview.invite import hash_secret
from interview.session import Status
from tests.api.control_api.house import BASE, House, assert_problem


async def test_create_answers_with_the_fixed_fields(house: House) -> None:
    owner = await house.account()
    questions = ["Why?", {"text": "How?", "competency": "Craft", "max_follow_ups": 2}]
    made = await house.created(owner, questions=questions, duration_s=900, language="en")

    assert made["status"] == "success"
    session_id = made["session_id"]
    assert str(uuid.UUID(session_id)) == session_id
    assert made["livekit_room_name"] == f"interview-{session_id}"
    assert made["livekit_url"] == house.settings.livekit_url
    assert made["livekit_token"].count(".") == 2
    assert made["user_details"] == {"name": "Ada", "email": "ada@example.com"}
    config = made["interview_config"]
    assert config["questions"] == [
        {"id": "q1", "text": "Why?", "competency": "general"},
        {"id": "q2", "text": "How?", "competency": "Craft"},
    ]
    assert (config["duration_s"], config["language"]) == (900, "en")
    assert config["recording"] == {"audio": True}
    assert config["proctoring"]["enabled"] is True
    stored = await house.storage.sessions.get(session_id)
    assert stored.owner_id == owner.user.user_id
    assert stored.plan.questions[1].max_follow_ups == 2


async def test_the_invite_is_kept_as_a_hash_only_and_opens_the_session(house: House) -> None:
    made = await house.created(await house.account())
    page, _, secret = made["invite_url"].partition("#")
    assert page == f"{house.settings.api_public_url}/interview"
    invite = await house.storage.invites.get(hash_secret(secret))
    assert invite is not None
    assert invite.session_id == made["session_id"]


async def test_create_works_while_livekit_is_down(house_without_livekit: House) -> None:
    made = await house_without_livekit.created(await house_without_livekit.account())
    assert made["livekit_token"]


async def test_a_plan_that_does_not_exist_is_refused(house: House) -> None:
    owner = await house.account()
    body = {"name": "Ada", "email": "ada@example.com", "plan_id": "nothing"}
    answer = await house.http.post(f"{BASE}/create", json=body, headers=owner.headers)
    assert_problem(answer, 422, "plan_not_found")


async def test_the_window_for_starting_follows_the_request(house: House) -> None:
    owner = await house.account()
    now = house.clock.now()
    given = {
        "not_before": (now + timedelta(days=1)).isoformat(),
        "not_after": (now + timedelta(days=20)).isoformat(),
    }
    session = await house.storage.sessions.get((await house.created(owner, **given))["session_id"])
    assert session.not_before == now + timedelta(days=1)
    assert session.not_after == now + timedelta(days=20)
    plain = await house.storage.sessions.get((await house.created(owner))["session_id"])
    assert plain.not_after == now + timedelta(days=7)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"not_after": "2001-01-01T00:00:00Z"}, "window_closed"),
        ({"not_before": "2090-01-02T00:00:00Z", "not_after": "2090-01-01T00:00:00Z"}, "invalid"),
        ({"not_before": "2090-01-02T00:00:00"}, "invalid"),
        ({"not_before": 12345}, "invalid"),
        ({"language": "xx"}, "language_unknown"),
    ],
)
async def test_a_window_or_language_that_cannot_be_is_refused(
    house: House, given: dict[str, object], code: str
) -> None:
    owner = await house.account()
    body = {"name": "Ada", "email": "ada@example.com", "questions": ["Why?"]} | given
    assert_problem(await house.http.post(f"{BASE}/create", json=body, headers=owner.headers), 422, code)


async def test_the_owner_sees_all_and_the_candidate_less(house: House) -> None:
    owner = await house.account()
    made = await house.created(owner, questions=["A secret question?", "Another?"])
    path = f"{BASE}/session/{made['session_id']}"

    full = (await house.http.get(path, headers=owner.headers)).json()
    assert full["progress"] == {"answered": 0, "total": 2, "percent": 0, "stage": "not_started"}
    assert full["status"] == Status.INITIALIZED
    assert full["user_details"]["email"] == "ada@example.com"

    reduced = await (await house.candidate(made["invite_url"])).get(path)
    assert reduced.status_code == 200
    assert reduced.json()["progress"]["total"] == 2
    assert "secret question" not in reduced.text
    assert "ada@example.com" not in reduced.text
    assert owner.user.user_id not in reduced.text


async def test_making_a_session_is_audited_without_a_name(house: House) -> None:
    owner = await house.account()
    session_id = (await house.created(owner))["session_id"]
    entries = await house.storage.audit.of_subject(f"session:{session_id}")
    assert [(entry.actor, entry.action) for entry in entries] == [(f"user:{owner.user.user_id}", "create session")]
