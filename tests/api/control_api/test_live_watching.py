"""Watching live, unseen: in a real room, only where the candidate was told, and no longer than that."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import httpx
import jwt
import pytest
from livekit import rtc
from livekit.rtc.participant import PublishTrackError

from interview.user import Role
from tests.api.control_api.house import BASE, Account, House, assert_problem
from tests.api.control_api.records import store_incident


async def watch(house: House, who: Account, session_id: str) -> httpx.Response:
    return await house.http.post(f"{BASE}/session/{session_id}/watch", headers=who.headers)


async def joined(answer: dict[str, Any]) -> rtc.Room:
    room = rtc.Room()
    await room.connect(answer["livekit_url"], answer["livekit_token"])
    return room


async def test_an_observer_is_in_the_room_unseen_and_can_do_nothing_there(house: House) -> None:
    owner = await house.account()
    session_id = await house.started(owner)
    fresh = (await house.http.post(f"{BASE}/session/{session_id}/token", headers=owner.headers)).json()
    candidate = await joined(fresh)
    answer = (await watch(house, owner, session_id)).json()
    observer = await joined(answer)
    try:
        assert answer["identity"] in await house.rooms.identities(session_id)
        assert answer["identity"] not in candidate.remote_participants
        assert f"candidate-{session_id}" in observer.remote_participants
        track = rtc.LocalVideoTrack.create_video_track("camera", rtc.VideoSource(8, 8))
        with pytest.raises(PublishTrackError):
            await observer.local_participant.publish_track(track)
    finally:
        await observer.disconnect()
        await candidate.disconnect()


async def test_its_token_has_the_fewest_grants_and_minutes_of_life(house: House) -> None:
    owner = await house.account()
    session_id = await house.started(owner)
    answer = (await watch(house, owner, session_id)).json()
    claims = jwt.decode(answer["livekit_token"], options={"verify_signature": False})
    video = claims["video"]
    assert video["hidden"] is video["roomJoin"] is video["canSubscribe"] is True
    assert video["canPublish"] is video["canPublishData"] is False
    assert video["room"] == f"interview-{session_id}"
    assert not {"roomAdmin", "roomCreate", "roomList", "roomRecord", "canPublishSources"} & video.keys()
    assert claims["exp"] - claims["nbf"] <= 300 == answer["expires_in_s"]
    assert "name" not in claims
    actions = [(one.actor, one.action) for one in await house.storage.audit.of_subject(f"session:{session_id}")]
    assert (f"user:{owner.user.user_id}", "watch session live") in actions


async def test_proctors_watch_every_room_and_recruiters_their_own(house: House) -> None:
    session_id = await house.started(await house.account())
    assert (await watch(house, await house.account(Role.PROCTOR), session_id)).status_code == 200
    assert_problem(await watch(house, await house.account(), session_id), 404, "not_found")


async def test_the_list_has_what_may_be_watched_and_says_of_the_others_only_that_they_are(house: House) -> None:
    owner, proctor = await house.account(), await house.account(Role.PROCTOR)
    session_id = await house.started(owner, name="Ada Lovelace")
    session = await house.storage.sessions.get(session_id)
    for second in (1, 20):
        await store_incident(house.storage, session, second=second)
    untold = (await house.created(owner))["session_id"]
    await house.consent(owner, untold, camera=False)
    await house.http.post(f"{BASE}/session/{untold}/start", headers=owner.headers)
    await house.ready(owner)  # has not begun

    async def listed(who: Account, **query: Any) -> dict[str, Any]:
        answer = await house.http.get("/api/watchable", params=query, headers=who.headers)
        assert answer.status_code == 200, answer.text
        assert "Ada" not in answer.text
        return answer.json()

    own = await listed(owner)
    assert [one["session_id"] for one in own["rooms"]] == [session_id]
    assert (own["rooms"][0]["waiting"], own["not_told"], own["next_cursor"]) == (2, 1, None)
    assert own["at"].startswith(house.clock.now().isoformat()[:19])
    assert session_id in [one["session_id"] for one in (await listed(proctor, limit=100))["rooms"]]
    assert (await listed(await house.account()))["rooms"] == []
    pages = [await listed(owner, limit=1)]
    pages.append(await listed(owner, limit=1, cursor=pages[0]["next_cursor"]))
    assert [one["session_id"] for page in pages for one in page["rooms"]] == [session_id]
    await house.http.post(f"{BASE}/session/{session_id}/pause", headers=owner.headers)
    assert (await listed(owner))["rooms"] == []


async def test_several_rooms_are_watched_at_once_each_with_its_own_candidate(house: House) -> None:
    owner, proctor = await house.account(), await house.account(Role.PROCTOR)
    rooms = [await house.started(owner) for _ in range(3)]
    listed: list[str] = []
    cursor: str | None = None
    for _ in rooms:
        query: dict[str, Any] = {"limit": 1} | ({"cursor": cursor} if cursor else {})
        page = (await house.http.get("/api/watchable", params=query, headers=owner.headers)).json()
        listed += [one["session_id"] for one in page["rooms"]]
        cursor = page["next_cursor"]
    assert (sorted(listed), cursor) == (sorted(rooms), None)
    async with AsyncExitStack() as stack:
        observers: list[rtc.Room] = []
        for session_id in rooms:
            path = f"{BASE}/session/{session_id}/token"
            for way in ((await house.http.post(path, headers=owner.headers)), await watch(house, proctor, session_id)):
                observers.append(await joined(way.json()))
                stack.push_async_callback(observers[-1].disconnect)
        for session_id, candidate, observer in zip(rooms, observers[::2], observers[1::2], strict=True):
            assert [name for name in observer.remote_participants if name.startswith("candidate-")] == [
                f"candidate-{session_id}"
            ]
            assert not any(name.startswith("observer-") for name in candidate.remote_participants)
        identities = {room.local_participant.identity for room in observers[1::2]}
        assert len(identities) == 1  # one person, in three rooms
        await house.http.post(f"{BASE}/session/{rooms[0]}/pause", headers=owner.headers)
        left = (await house.http.get("/api/watchable", headers=owner.headers)).json()["rooms"]
        assert sorted(one["session_id"] for one in left) == sorted(rooms[1:])
        assert observers[3].isconnected()
        assert observers[5].isconnected()


async def test_nobody_watches_who_was_not_told_or_did_not_agree(house: House) -> None:
    owner = await house.account()
    session_id = (await house.created(owner))["session_id"]
    assert_problem(await watch(house, owner, session_id), 409, "not_running")
    await house.consent(owner, session_id, camera=False)
    await house.http.post(f"{BASE}/session/{session_id}/start", headers=owner.headers)
    assert_problem(await watch(house, owner, session_id), 409, "watching_not_told")
    page_only = await house.kept_plan(owner, proctoring={"kinds": ["paste"]})
    unwatched = await house.started(owner, questions=None, plan_id=page_only)
    assert_problem(await watch(house, owner, unwatched), 409, "watching_not_told")


@pytest.mark.parametrize("how", ["pause", "withdraw"])
async def test_who_watches_is_put_out_when_it_is_paused_or_consent_is_taken_back(house: House, how: str) -> None:
    owner = await house.account()
    session_id = await house.started(owner)
    observer = await joined((await watch(house, owner, session_id)).json())
    gone = asyncio.Event()
    observer.on("disconnected", lambda _reason: gone.set())
    path, body = ("pause", None) if how == "pause" else ("consent/withdraw", {"items": ["camera"]})
    answer = await house.http.post(f"{BASE}/session/{session_id}/{path}", json=body, headers=owner.headers)
    assert answer.status_code == 200, answer.text
    await asyncio.wait_for(gone.wait(), 10)
    assert await house.rooms.identities(session_id) == []
    code = "not_running" if how == "pause" else "watching_not_told"
    assert_problem(await watch(house, owner, session_id), 409, code)
