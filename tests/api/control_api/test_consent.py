"""Consent item by item, over the API: what it enforces, how it is declined, and how it is taken back."""

import asyncio
from typing import Any

import httpx
import pytest

from control_api.access import UserCaller
from control_api.sessions.consenting import withdraw_consent
from interview.consent import current_text
from interview.errors import Conflict
from interview.names import TOPIC_CONTROL, interviewer_identity
from interview.plan import ConsentItem, IncidentKind
from interview.problem import ProblemKind
from interview.session import Status
from tests.api.control_api.house import BASE, TEXT_VERSION, Account, House, assert_problem
from tests.api.control_api.test_custodian import in_room
from tests.api.control_api.test_start import dispatches

EVERYTHING = {
    "proctoring": {"kinds": ["no_face", "different_person", "paste"]},
    "retention_days": 400,
    "consent": {"required": ["interview", "recording"]},
}


async def made_with(house: House, owner: Account, **plan: Any) -> dict[str, Any]:
    return await house.created(owner, questions=None, plan_id=await house.kept_plan(owner, **plan))


async def answers(
    who: httpx.AsyncClient, session_id: str, headers: dict[str, str] | None = None, /, **items: bool
) -> Any:
    body = {"items": items, "text_version": TEXT_VERSION}
    return await who.post(f"{BASE}/session/{session_id}/consent", json=body, headers=headers)


async def test_the_candidate_is_asked_about_what_the_plan_does_and_nothing_else(house: House) -> None:
    owner = await house.account()
    full = await house.candidate((await made_with(house, owner, **EVERYTHING))["invite_url"])
    asked = (await full.get("/api/invites/seat")).json()["consent"]
    assert [question["item"] for question in asked["questions"]] == list(ConsentItem)
    assert [question["item"] for question in asked["questions"] if question["required"]] == ["interview", "recording"]
    words = current_text("en")
    assert words.kinds[IncidentKind.PASTE] in asked["introduction"]
    assert words.kinds[IncidentKind.PHONE] not in asked["introduction"]

    quiet = {"recording": {"audio": False}, "proctoring": {"enabled": False}}
    bare = await house.candidate((await made_with(house, owner, **quiet))["invite_url"])
    asked = (await bare.get("/api/invites/seat")).json()["consent"]
    assert [question["item"] for question in asked["questions"]] == ["interview"]


async def test_who_asks_elsewhere_reads_the_same_words_and_vouches_by_their_version(house: House) -> None:
    owner = await house.account()
    made = await made_with(house, owner, **EVERYTHING)
    path = f"{BASE}/session/{made['session_id']}/consent"
    asked = (await house.http.get(path, headers=owner.headers)).json()
    candidate = await house.candidate(made["invite_url"])
    assert asked == (await candidate.get("/api/invites/seat")).json()["consent"] == (await candidate.get(path)).json()
    body = {"items": {"interview": True, "recording": True}, "text_version": asked["text_version"]}
    assert (await house.http.post(path, json=body, headers=owner.headers)).status_code == 200
    assert (await house.http.get(path, headers=owner.headers)).json()["given"]["interview"] is True
    assert_problem(await house.http.get(path, headers=(await house.account()).headers), 404, "not_found")
    await house.http.delete(f"{BASE}/session/{made['session_id']}", headers=owner.headers)
    assert_problem(await house.http.get(path, headers=owner.headers), 404, "session_deleted")


async def test_each_answer_is_recorded_with_its_text_time_and_giver(house: House) -> None:
    owner = await house.account()
    made = await made_with(house, owner, **EVERYTHING)
    candidate = await house.candidate(made["invite_url"])
    given = await answers(candidate, made["session_id"], interview=True, recording=True, camera=False)
    assert given.status_code == 200, given.text
    assert (given.json()["status"], given.json()["message"]) == ("INITIALIZED", "")
    consent = given.json()["consent"]
    assert consent["items"] == {
        "interview": True,
        "recording": True,
        "camera": False,
        "face_comparison": False,
        "retention": False,
    }
    assert [entry["item"] for entry in consent["entries"]] == list(ConsentItem)
    assert {(entry["text_version"], entry["by"]) for entry in consent["entries"]} == {(TEXT_VERSION, "candidate")}

    made = await made_with(house, owner, **EVERYTHING)
    vouched = await answers(house.http, made["session_id"], owner.headers, interview=True, recording=True, camera=True)
    assert {entry["by"] for entry in vouched.json()["consent"]["entries"]} == {owner.user.user_id}
    assert (await house.storage.sessions.get(made["session_id"])).consents(ConsentItem.CAMERA)


async def test_what_the_plan_does_not_do_is_not_recorded(house: House) -> None:
    owner = await house.account()
    made = await made_with(house, owner, proctoring={"enabled": False})
    given = await answers(house.http, made["session_id"], owner.headers, interview=True, camera=True)
    assert given.json()["consent"]["items"] == {"interview": True, "recording": False}


async def test_without_what_is_required_nothing_starts_and_the_answer_says_what_is_missing(house: House) -> None:
    owner = await house.account()
    made = await made_with(house, owner, **EVERYTHING)
    path = f"{BASE}/session/{made['session_id']}/start"
    none = assert_problem(await house.http.post(path, headers=owner.headers), 409, "consent_missing")
    assert none["details"]["items"] == ["interview", "recording"]
    await answers(house.http, made["session_id"], owner.headers, interview=True)
    some = assert_problem(await house.http.post(path, headers=owner.headers), 409, "consent_missing")
    assert some["details"]["items"] == ["recording"]
    assert (await house.storage.sessions.get(made["session_id"])).status is Status.INITIALIZED


async def test_who_declines_what_is_optional_is_interviewed_without_it(house: House) -> None:
    owner = await house.account()
    made = await house.created(owner)
    candidate = await house.candidate(made["invite_url"])
    await answers(candidate, made["session_id"], interview=True, recording=False, camera=False)
    started = await candidate.post(f"{BASE}/session/{made['session_id']}/start")
    assert started.status_code == 200, started.text
    # no proctor is sent; the recorder asks the record, which says no
    assert [name for name, _ in await dispatches(house, made["session_id"])] == ["interviewer"]
    session = await house.storage.sessions.get(made["session_id"])
    assert not session.consents(ConsentItem.RECORDING)
    assert not session.consents(ConsentItem.CAMERA)
    assert not session.consents(ConsentItem.FACE_COMPARISON)


async def test_who_declines_what_is_required_is_let_go_kindly_and_the_owner_is_told(house: House) -> None:
    owner = await house.account()
    for declined in ({"interview": False}, {"interview": True, "recording": False}):
        made = await made_with(house, owner, **EVERYTHING)
        session_id = made["session_id"]
        candidate = await house.candidate(made["invite_url"])
        replies = await asyncio.gather(*(answers(candidate, session_id, **declined) for _ in range(4)))
        replies.append(await answers(candidate, session_id, **declined))
        for reply in replies:
            assert reply.status_code == 200, reply.text
            assert reply.json()["status"] == "EXPIRED"
            assert reply.json()["message"] == current_text("en").declined

        session = await house.storage.sessions.get(session_id)
        assert (session.status, session.end_reason) == (Status.EXPIRED, "consent declined")
        assert session.history[-1].by == f"candidate:{session_id}"
        assert session.consent is not None
        (told,) = await house.storage.problems.of(session_id)
        assert told.kind is ProblemKind.HUMAN_ALTERNATIVE
        assert told.owner_id == owner.user.user_id

        assert_problem(await answers(candidate, session_id, interview=True, recording=True), 409, "consent_closed")
        assert_problem(await candidate.post(f"{BASE}/session/{session_id}/start"), 409, "illegal_transition")


async def test_consent_can_be_taken_back_before_the_start_and_then_nothing_starts(house: House) -> None:
    owner = await house.account()
    made = await house.created(owner)
    candidate = await house.candidate(made["invite_url"])
    await answers(candidate, made["session_id"], interview=True)
    assert (await answers(candidate, made["session_id"], interview=False)).json()["status"] == "EXPIRED"


async def test_one_that_queues_keeps_the_consent_by_which_it_will_begin_unless_it_is_declined(house: House) -> None:
    owner = await house.account()
    made = await house.created(owner)
    candidate = await house.candidate(made["invite_url"])
    await answers(candidate, made["session_id"], interview=True)
    await house.storage.sessions.move(made["session_id"], Status.QUEUED, by="user:1")
    assert_problem(await answers(candidate, made["session_id"], recording=True), 409, "consent_closed")
    changed = await answers(candidate, made["session_id"], interview=True, recording=True)
    assert changed.json()["consent"]["items"]["recording"] is True
    assert (await answers(candidate, made["session_id"], interview=False)).json()["status"] == "EXPIRED"


async def withdraw(who: httpx.AsyncClient, session_id: str, *items: str, **headers: Any) -> httpx.Response:
    return await who.post(f"{BASE}/session/{session_id}/consent/withdraw", json={"items": list(items)}, **headers)


async def test_what_is_optional_is_taken_back_while_the_interview_runs(house: House) -> None:
    owner = await house.account()
    made = await house.created(owner)
    await house.consent(owner, made["session_id"])
    candidate = await house.candidate(made["invite_url"])
    await candidate.post(f"{BASE}/session/{made['session_id']}/start")
    for _ in range(2):
        await withdraw(candidate, made["session_id"], "recording")
    taken = await withdraw(candidate, made["session_id"], "recording", "camera")
    assert taken.status_code == 200, taken.text
    assert taken.json()["consent"]["items"] == {"interview": True, "recording": False, "camera": False}
    assert taken.json()["status"] == "IN_PROGRESS"
    last = taken.json()["consent"]["entries"][-2:]
    assert [(entry["item"], entry["agreed"], entry["by"]) for entry in last] == [
        ("recording", False, "candidate"),
        ("camera", False, "candidate"),
    ]
    assert len(taken.json()["consent"]["entries"]) == 5
    entries = await house.storage.audit.of_subject(f"session:{made['session_id']}")
    assert "withdraw consent" in [entry.action for entry in entries]


async def test_the_agents_are_told_at_once_what_was_taken_back(house: House) -> None:
    owner = await house.account()
    session_id = await house.started(owner)
    told = asyncio.Event()
    async with in_room(house, session_id, interviewer_identity(1)) as room:
        room.on("data_received", lambda packet: told.set() if packet.topic == TOPIC_CONTROL else None)
        await withdraw(house.http, session_id, "recording", headers=owner.headers)
        await asyncio.wait_for(told.wait(), timeout=20)


async def test_what_is_required_is_not_taken_back_but_ended(house: House) -> None:
    owner = await house.account()
    made = await house.created(owner)
    candidate = await house.candidate(made["invite_url"])
    assert_problem(await withdraw(candidate, made["session_id"], "camera"), 409, "consent_missing")
    await house.consent(owner, made["session_id"])
    refused = assert_problem(
        await withdraw(candidate, made["session_id"], "camera", "interview"), 409, "consent_required"
    )
    assert refused["details"]["items"] == ["interview"]
    assert (await house.storage.sessions.get(made["session_id"])).consents(ConsentItem.CAMERA)
    assert_problem(await withdraw(candidate, made["session_id"]), 422, "invalid")
    assert_problem(await withdraw(candidate, made["session_id"], "soul"), 422, "invalid")


async def test_consent_is_taken_back_while_livekit_is_down(house_without_livekit: House) -> None:
    house = house_without_livekit
    owner = await house.account()
    session_id = await house.ready(owner)
    await house.storage.sessions.start(session_id, by="user:1")
    taken = await withdraw(house.http, session_id, "recording", headers=owner.headers)
    assert taken.status_code == 200, taken.text
    assert not (await house.storage.sessions.get(session_id)).consents(ConsentItem.RECORDING)


async def test_consent_that_was_erased_while_it_is_taken_back_is_a_conflict(house: House) -> None:
    owner = await house.account()
    session_id = await house.ready(owner)
    seen = await house.storage.sessions.get(session_id)
    await house.http.delete(f"{BASE}/session/{session_id}", headers=owner.headers)
    with pytest.raises(Conflict) as caught:
        await withdraw_consent(house.app.state.parts, UserCaller(owner.user), seen, [ConsentItem.RECORDING])
    assert caught.value.code == "consent_missing"
