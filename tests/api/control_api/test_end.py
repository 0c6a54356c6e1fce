"""Ending and deleting."""

import asyncio

from interview.report import ReportStatus
from interview.session import Status
from interview.storage.verify import verify
from interview.transcript import Speaker
from tests.api.control_api.house import BASE, House, assert_problem
from tests.api.control_api.records import store_incident, store_segment, store_turn


async def test_an_answered_interview_is_completed_its_room_deleted_and_its_report_queued(house: House) -> None:
    owner = await house.account()
    session_id = await house.started(owner)
    session = await house.storage.sessions.get(session_id)
    await store_turn(house.storage, session, Speaker.INTERVIEWER, "Why?")
    await store_turn(house.storage, session, Speaker.CANDIDATE, "Because.")

    answer = await house.http.post(f"{BASE}/session/{session_id}/end", headers=owner.headers)
    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] == "COMPLETED"
    assert answer.json()["ended_at"]
    assert answer.json()["report_info"] == {"status": "queued"}
    assert f"interview-{session_id}" not in await house.rooms.list_rooms()
    report = await house.storage.reports.latest(session_id)
    assert report is not None
    assert report.status is ReportStatus.QUEUED


async def test_an_interview_without_an_answer_is_expired(house: House) -> None:
    owner = await house.account()
    session_id = await house.started(owner)
    session = await house.storage.sessions.get(session_id)
    await store_turn(house.storage, session, Speaker.INTERVIEWER, "Why?")
    answer = await house.http.post(f"{BASE}/session/{session_id}/end", headers=owner.headers)
    assert (answer.json()["status"], answer.json()["report_info"]["status"]) == ("EXPIRED", "queued")


async def test_ending_again_changes_nothing_and_mends_what_was_left_undone(house: House) -> None:
    owner = await house.account()
    session_id = await house.started(owner)
    # as if a process had died right after the status was written: room and report are still to be done
    await house.storage.sessions.complete(session_id, attempt=1, by="system:test", reason="the plan is done")
    path = f"{BASE}/session/{session_id}/end"
    answers = [(await house.http.post(path, headers=owner.headers)).json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert answers[0]["status"] == "COMPLETED"
    assert answers[0]["end_reason"] == "the plan is done"
    assert await house.storage.reports.latest(session_id) is not None
    assert f"interview-{session_id}" not in await house.rooms.list_rooms()


async def test_twenty_ends_at_once_end_it_once(house: House) -> None:
    owner = await house.account()
    session_id = await house.started(owner)
    path = f"{BASE}/session/{session_id}/end"
    answers = await asyncio.gather(*(house.http.post(path, headers=owner.headers) for _ in range(20)))
    assert {(answer.status_code, answer.json()["status"]) for answer in answers} == {(200, "EXPIRED")}
    session = await house.storage.sessions.get(session_id)
    assert [entry.target for entry in session.history].count(Status.EXPIRED) == 1


async def test_what_has_not_begun_cannot_be_ended(house: House) -> None:
    owner = await house.account()
    session_id = (await house.created(owner))["session_id"]
    answer = await house.http.post(f"{BASE}/session/{session_id}/end", headers=owner.headers)
    assert assert_problem(answer, 409, "illegal_transition")["details"]["status"] == "INITIALIZED"


async def test_a_failed_session_stays_failed_and_has_no_report_yet(house: House) -> None:
    owner = await house.account()
    session_id = await house.started(owner)
    await house.storage.sessions.move(session_id, Status.FAILED, by="system:test", reason="the agent died")
    answer = await house.http.post(f"{BASE}/session/{session_id}/end", headers=owner.headers)
    assert (answer.json()["status"], answer.json()["report_info"]["status"]) == ("FAILED", "none")


async def test_ending_works_while_livekit_is_down(house: House, house_without_livekit: House) -> None:
    owner = await house.account()
    session_id = await house.started(owner)
    answer = await house_without_livekit.http.post(f"{BASE}/session/{session_id}/end", headers=owner.headers)
    assert answer.json()["status"] == "EXPIRED"


async def test_deleting_erases_everything_but_a_tombstone(house: House) -> None:
    owner = await house.account()
    made = await house.created(owner)
    session_id = made["session_id"]
    await house.consent(owner, session_id)
    await house.http.post(f"{BASE}/session/{session_id}/start", headers=owner.headers)
    session = await house.storage.sessions.get(session_id)
    await store_turn(house.storage, session, Speaker.CANDIDATE, "Because.")
    await store_segment(house.storage, session, 0, (1000, 1000))
    await store_incident(house.storage, session)
    await house.storage.reports.enqueue(session_id)

    for _ in range(2):  # repeating is harmless
        answer = await house.http.delete(f"{BASE}/session/{session_id}", headers=owner.headers)
        assert answer.status_code == 204, answer.text
        assert answer.content == b""

    storage = house.storage
    assert await storage.turns.of(session_id) == []
    assert await storage.recordings.of(session_id) == []
    assert await storage.incidents.of(session_id) == []
    assert await storage.reports.latest(session_id) is None
    assert await storage.files.ids_of(session_id) == []
    assert f"interview-{session_id}" not in await house.rooms.list_rooms()
    shown = (await house.http.get(f"{BASE}/session/{session_id}", headers=owner.headers)).json()
    assert shown["status"] == "DELETED"
    assert shown["user_details"] is None
    assert shown["interview_config"] is None
    assert "ada@example.com" not in str(await storage.sessions.get(session_id))
    secret = made["invite_url"].partition("#")[2]
    assert_problem(await house.http.post("/api/invites/open", json={"secret": secret}), 404, "invite_not_found")


async def test_a_session_that_never_began_can_be_deleted(house: House) -> None:
    owner = await house.account()
    session_id = (await house.created(owner))["session_id"]
    assert (await house.http.delete(f"{BASE}/session/{session_id}", headers=owner.headers)).status_code == 204
    for action in ("start", "end"):
        answer = await house.http.post(f"{BASE}/session/{session_id}/{action}", headers=owner.headers)
        assert assert_problem(answer, 409, "illegal_transition")["details"]["status"] == "DELETED"
    answer = await house.http.get(f"{BASE}/session/{session_id}/transcript", headers=owner.headers)
    assert_problem(answer, 404, "session_deleted")


async def test_deleting_while_livekit_is_down_still_erases(house: House, house_without_livekit: House) -> None:
    owner = await house.account()
    session_id = await house.started(owner)
    path = f"{BASE}/session/{session_id}"
    assert (await house_without_livekit.http.delete(path, headers=owner.headers)).status_code == 204
    assert (await house.storage.sessions.get(session_id)).status is Status.DELETED


async def test_nothing_is_left_that_does_not_validate(house: House) -> None:
    assert await verify(house.storage) == []
