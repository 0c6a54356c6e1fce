"""What an owner changes before an interview, and the redo after one that went wrong."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from interview.session import Status
from interview.user import Role
from tests.api.control_api.house import BASE, Account, House, assert_problem


async def post(house: House, owner: Account, session_id: str, act: str, body: Any, **headers: str) -> httpx.Response:
    path = f"{BASE}/session/{session_id}/{act}"
    return await house.http.post(path, json=body, headers={**owner.headers, **headers})


async def opens(house: House, url: str) -> int:
    answer = await house.browser().post("/api/invites/open", json={"secret": url.partition("#")[2]})
    return answer.status_code


async def actions(house: House, session_id: str) -> list[str]:
    return [entry.action for entry in await house.storage.audit.of_subject(f"session:{session_id}")]


# rescheduling


async def test_a_session_that_has_not_begun_gets_another_window(house: House) -> None:
    owner = await house.account()
    made = await house.created(owner)
    start, end = house.clock.now() + timedelta(days=10), house.clock.now() + timedelta(days=12)
    body = {"not_before": start.isoformat(), "not_after": end.isoformat()}
    answer = await post(house, owner, made["session_id"], "reschedule", body)
    assert answer.status_code == 200, answer.text
    session = await house.storage.sessions.get(made["session_id"])
    assert (session.not_before, session.not_after) == (start, end)
    house.clock.advance(9 * 24 * 3600)
    assert await opens(house, answer.json()["invite_url"]) == 200
    assert await opens(house, made["invite_url"]) == 200, "the link that the candidate has stays good"
    assert "reschedule session" in await actions(house, made["session_id"])

    cleared = await post(house, owner, made["session_id"], "reschedule", {"not_before": None})
    assert (cleared.json()["not_before"], cleared.status_code) == (None, 200)
    assert (await house.storage.sessions.get(made["session_id"])).not_after == end


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "invalid"),
        ({"not_after": "2001-01-01T00:00:00Z"}, "window_closed"),
        ({"not_before": "2090-01-01T00:00:00Z"}, "invalid"),
        ({"not_before": "2090-01-02T00:00:00Z", "not_after": "2090-01-01T00:00:00Z"}, "invalid"),
        ({"not_before": 5}, "invalid"),
        ({"surprise": 5}, "invalid"),
    ],
)
async def test_a_window_that_cannot_be_is_refused(house: House, body: dict[str, Any], code: str) -> None:
    owner = await house.account()
    session_id = (await house.created(owner))["session_id"]
    before = await house.storage.sessions.get(session_id)
    assert_problem(await post(house, owner, session_id, "reschedule", body), 422, code)
    assert await house.storage.sessions.get(session_id) == before


@pytest.mark.parametrize("status", [Status.QUEUED, Status.IN_PROGRESS, Status.EXPIRED, Status.DELETED])
async def test_what_has_begun_or_is_over_is_not_changed(house: House, status: Status) -> None:
    owner = await house.account()
    session_id = (await house.created(owner))["session_id"]
    if status is Status.DELETED:
        await house.http.delete(f"{BASE}/session/{session_id}", headers=owner.headers)
    else:
        await house.storage.sessions.move(session_id, status, by="user:x")
    in_a_year = (house.clock.now() + timedelta(days=365)).isoformat()
    for act, body in (("reschedule", {"not_after": in_a_year}), ("candidate", {"name": "Grace"})):
        problem = assert_problem(await post(house, owner, session_id, act, body), 409, "already_begun")
        assert problem["details"]["status"] == status


# the candidate


async def test_a_name_is_corrected_and_the_link_stays(house: House) -> None:
    owner = await house.account()
    made = await house.created(owner)
    answer = await post(
        house, owner, made["session_id"], "candidate", {"name": "Ada Lovelace", "email": "ADA@example.com"}
    )
    assert answer.json()["invite_url"] is None
    assert (await house.storage.sessions.get(made["session_id"])).candidate.name == "Ada Lovelace"
    assert await opens(house, made["invite_url"]) == 200
    found = await house.http.get(f"{BASE}/sessions", params={"candidate": "lovelace"}, headers=owner.headers)
    assert len(found.json()["sessions"]) == 1


async def test_another_email_gets_another_link_and_is_asked_for_consent_anew(house: House) -> None:
    owner = await house.account()
    made = await house.created(owner)
    candidate = await house.candidate(made["invite_url"])
    await house.consent(owner, made["session_id"])
    answer = await post(house, owner, made["session_id"], "candidate", {"email": "grace@example.com"})
    assert answer.status_code == 200
    assert answer.json()["user_details"] == {"name": "Ada", "email": "grace@example.com"}
    assert await opens(house, made["invite_url"]) == 404
    assert_problem(await candidate.get("/api/invites/seat"), 401, "seat_closed")
    again = await house.candidate(answer.json()["invite_url"])
    assert (await again.get("/api/invites/seat")).json()["consent"]["given"] is None
    session = await house.storage.sessions.get(made["session_id"])
    assert (session.candidate_email, session.seat_changes) == ("grace@example.com", ())
    assert "correct candidate" in await actions(house, made["session_id"])


# redo


async def over(house: House, owner: Account, status: Status) -> str:
    session_id = await house.ready(owner, reference="A-7")
    if status is not Status.EXPIRED:
        await house.storage.sessions.start(session_id, by="user:x")
    await house.storage.sessions.move(session_id, status, by="user:x", reason="because")
    return session_id


@pytest.mark.parametrize("status", [Status.FAILED, Status.ABANDONED, Status.EXPIRED, Status.COMPLETED])
async def test_what_went_wrong_is_redone_by_a_new_session(house: House, status: Status) -> None:
    owner = await house.account()
    first = await over(house, owner, status)
    answer = await post(house, owner, first, "redo", {"reason": "the network broke"})
    assert answer.status_code == 201, answer.text
    made = answer.json()
    one, other = await house.storage.sessions.get(first), await house.storage.sessions.get(made["session_id"])
    assert (one.redone_by, other.redo_of, made["redo_of"]) == (other.session_id, first, first)
    assert (other.plan, other.candidate, other.owner_id) == (one.plan, one.candidate, one.owner_id)
    assert (other.status, other.consent, other.reference) == (Status.INITIALIZED, None, "A-7")
    assert other.redo_reason == "the network broke"
    assert await opens(house, made["invite_url"]) == 200
    again = assert_problem(await post(house, owner, first, "redo", {"reason": "x"}), 409, "already_redone")
    assert again["details"]["redone_by"] == other.session_id
    shown = (await house.http.get(f"{BASE}/session/{first}", headers=owner.headers)).json()
    assert shown["redone_by"] == other.session_id


async def test_what_goes_on_is_not_redone_and_what_was_completed_needs_a_reason(house: House) -> None:
    owner = await house.account()
    waiting = (await house.created(owner))["session_id"]
    assert_problem(await post(house, owner, waiting, "redo", {}), 409, "not_over")
    completed = await over(house, owner, Status.COMPLETED)
    assert_problem(await post(house, owner, completed, "redo", {}), 422, "reason_missing")
    past = {"reason": "x", "not_after": "2001-01-01T00:00:00Z"}
    assert_problem(await post(house, owner, completed, "redo", past), 422, "window_closed")
    assert (await house.storage.sessions.get(completed)).redone_by is None


async def test_of_many_redos_at_once_one_is_made(house: House) -> None:
    owner = await house.account()
    first = await over(house, owner, Status.FAILED)
    answers = await asyncio.gather(*(post(house, owner, first, "redo", {}) for _ in range(10)))
    made = [answer.json()["session_id"] for answer in answers if answer.status_code == 201]
    assert len(made) == 1
    assert {a.json()["code"] for a in answers if a.status_code != 201} == {"already_redone"}
    assert await opens(house, next(a.json()["invite_url"] for a in answers if a.status_code == 201)) == 200
    page = await house.http.get(f"{BASE}/sessions", headers=owner.headers)
    assert len(page.json()["sessions"]) == 2


async def test_a_redo_under_a_key_is_repeated_and_an_erased_one_can_be_made_again(house: House) -> None:
    owner = await house.account()
    first = await over(house, owner, Status.FAILED)
    answers = [await post(house, owner, first, "redo", {}, **{"Idempotency-Key": "k"}) for _ in range(2)]
    assert answers[0].content == answers[1].content
    second = answers[0].json()["session_id"]
    await house.http.delete(f"{BASE}/session/{second}", headers=owner.headers)
    third = await post(house, owner, first, "redo", {})
    assert third.status_code == 201
    assert (await house.storage.sessions.get(first)).redone_by == third.json()["session_id"]


async def test_a_redo_whose_maker_died_can_be_made_after_a_while(house: House) -> None:
    owner = await house.account()
    first = await over(house, owner, Status.FAILED)
    await house.storage.session_edits.mark_redone(
        first, "00000000-0000-4000-8000-000000000000", instead_of=None, only_from=[Status.FAILED]
    )
    assert_problem(await post(house, owner, first, "redo", {}), 409, "already_redone")
    house.clock.advance(house.settings.idempotency_lease_s)
    assert (await post(house, owner, first, "redo", {})).status_code == 201


async def test_an_admins_redo_stays_the_owners(house: House) -> None:
    owner = await house.account()
    first = await over(house, owner, Status.ABANDONED)
    made = (await post(house, await house.account(Role.ADMIN), first, "redo", {})).json()
    assert (await house.storage.sessions.get(made["session_id"])).owner_id == owner.user.user_id
