"""Lists of sessions, and their figures."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from interview.session import Status
from interview.user import Role
from tests.api.control_api.house import BASE, Account, House, assert_problem


async def test_sessions_come_in_pages_newest_first_and_only_ones_own(house: House) -> None:
    owner, other = await house.account(), await house.account()
    made = []
    for _ in range(5):
        made.append((await house.created(owner))["session_id"])
        house.clock.advance(1)
    await house.created(other)

    seen: list[str] = []
    cursor = None
    for _ in range(5):
        params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        answer = await house.http.get(f"{BASE}/sessions", params=params, headers=owner.headers)
        assert answer.status_code == 200
        seen += [session["session_id"] for session in answer.json()["sessions"]]
        cursor = answer.json()["next_cursor"]
        if cursor is None:
            break
    assert seen == made[::-1]


async def test_sessions_are_filtered_by_status(house: House) -> None:
    owner = await house.account()
    await house.created(owner)
    gone = (await house.created(owner))["session_id"]
    await house.http.delete(f"{BASE}/session/{gone}", headers=owner.headers)

    async def ids(**params: str) -> list[str]:
        answer = await house.http.get(f"{BASE}/sessions", params=params, headers=owner.headers)
        return [session["session_id"] for session in answer.json()["sessions"]]

    assert await ids(status="DELETED") == [gone]
    assert gone not in await ids()
    assert await ids(status="COMPLETED") == []


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"limit": "101"}, "invalid"),
        ({"limit": "0"}, "invalid"),
        ({"limit": "many"}, "invalid"),
        ({"status": "ASLEEP"}, "invalid"),
        ({"cursor": "not a cursor"}, "bad_cursor"),
        ({"cursor": "\x00"}, "bad_cursor"),
    ],
)
async def test_a_wrong_page_is_refused(house: House, params: dict[str, str], code: str) -> None:
    owner = await house.account()
    assert_problem(await house.http.get(f"{BASE}/sessions", params=params, headers=owner.headers), 422, code)


async def test_an_admin_lists_everybodys(house: House) -> None:
    owner, admin = await house.account(), await house.account(Role.ADMIN)
    session_id = (await house.created(owner))["session_id"]
    answer = await house.http.get(f"{BASE}/sessions", params={"limit": 100}, headers=admin.headers)
    assert session_id in [session["session_id"] for session in answer.json()["sessions"]]


async def listed(house: House, owner: Account, **params: Any) -> list[str]:
    answer = await house.http.get(f"{BASE}/sessions", params=params, headers=owner.headers)
    assert answer.status_code == 200, answer.text
    return [session["session_id"] for session in answer.json()["sessions"]]


async def test_lists_are_filtered_by_everything_that_is_offered(house: House) -> None:
    owner = await house.account()
    now = house.clock.now()
    ada = (await house.created(owner, name="Ада Lovelace", reference="A-1"))["session_id"]
    house.clock.advance(3600)
    soon = {"not_before": (now + timedelta(days=20)).isoformat(), "not_after": (now + timedelta(days=21)).isoformat()}
    grace = (await house.created(owner, name="Grace", email="grace@navy.example.com", **soon))["session_id"]

    assert await listed(house, owner, candidate="ада LOVE") == [ada]
    assert await listed(house, owner, candidate="@NAVY") == [grace]
    assert await listed(house, owner, candidate="nobody") == []
    assert await listed(house, owner, plan_id=f"one-off-{ada}") == [ada]
    assert await listed(house, owner, created_from=(now + timedelta(minutes=1)).isoformat()) == [grace]
    assert await listed(house, owner, created_to=(now + timedelta(minutes=1)).isoformat()) == [ada]
    assert await listed(house, owner, scheduled_from=(now + timedelta(days=15)).isoformat()) == [grace]
    assert await listed(house, owner, scheduled_to=(now + timedelta(days=15)).isoformat()) == [ada]
    assert await listed(house, owner, status=["INITIALIZED", "PAUSED"], sort="not_after") == [grace, ada]
    assert await listed(house, owner, sort="not_after", order="asc") == [ada, grace]
    assert await listed(house, owner, order="asc") == [ada, grace]
    house.clock.advance(1)
    await house.consent(owner, ada)
    assert await listed(house, owner, sort="updated_at") == [ada, grace]
    await house.storage.sessions.move(ada, Status.QUEUED, by="user:x")
    assert await listed(house, owner, status=["QUEUED"]) == [ada]
    shown = (await house.http.get(f"{BASE}/session/{ada}", headers=owner.headers)).json()
    assert shown["reference"] == "A-1"


@pytest.mark.parametrize(
    "params",
    [
        {"sort": "name"},
        {"order": "up"},
        {"created_from": "yesterday"},
        {"created_from": "2026-01-01T00:00:00"},
        {"candidate": ""},
        {"candidate": "a\x00b"},
        {"candidate": "x" * 201},
        {"plan": "x"},
    ],
)
async def test_a_wrong_filter_is_refused(house: House, params: dict[str, str]) -> None:
    owner = await house.account()
    assert_problem(await house.http.get(f"{BASE}/sessions", params=params, headers=owner.headers), 422, "invalid")


async def test_a_cursor_continues_its_own_order(house: House) -> None:
    owner = await house.account()
    made = [(await house.created(owner))["session_id"] for _ in range(3)]
    first = await house.http.get(f"{BASE}/sessions", params={"limit": 2, "order": "asc"}, headers=owner.headers)
    cursor = first.json()["next_cursor"]
    seen = [session["session_id"] for session in first.json()["sessions"]] + await listed(house, owner, cursor=cursor)
    assert sorted(seen) == sorted(made)
    other = {"cursor": cursor, "order": "desc"}
    assert_problem(await house.http.get(f"{BASE}/sessions", params=other, headers=owner.headers), 422, "bad_cursor")


async def figures(house: House, account: Account) -> dict[str, Any]:
    answer = await house.http.get(f"{BASE}/stats", headers=account.headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_figures_are_of_the_house_and_of_ones_own(house: House) -> None:
    owner, other = await house.account(), await house.account()
    before = await figures(house, owner)
    await house.created(other)
    session_id = await house.ready(owner)
    gone = (await house.created(owner))["session_id"]
    await house.http.delete(f"{BASE}/session/{gone}", headers=owner.headers)
    await house.storage.sessions.start(session_id, by="user:x")
    await house.storage.sessions.note_joined(session_id, house.clock.now())
    house.clock.advance(600)
    await house.storage.sessions.move(session_id, Status.COMPLETED, by="user:x", changes={"paused_total_s": 60.0})
    after = await figures(house, owner)
    assert after["total_sessions"] - before["total_sessions"] == 2
    own = after["own"]
    assert (own["total_sessions"], own["active_sessions"]) == (1, 0)
    assert (own["by_status"]["COMPLETED"], own["by_status"]["DELETED"]) == (1, 1)
    assert (own["completion_rate"], own["average_duration_s"]) == (1.0, 540.0)
    assert (await figures(house, await house.account()))["own"]["completion_rate"] is None
    admin = await figures(house, await house.account(Role.ADMIN))
    assert admin["own"]["total_sessions"] == admin["total_sessions"] == after["total_sessions"]


async def test_what_only_one_of_the_two_knows_is_named(house: House) -> None:
    owner, other = await house.account(), await house.account()
    running = await house.started(owner)
    roomless = await house.ready(owner)
    await house.storage.sessions.start(roomless, by="user:x")
    orphan = (await house.created(owner))["session_id"]
    await house.rooms.open(orphan)

    async def named(account: Account) -> tuple[list[str], list[str]]:
        found = (await figures(house, account))["disagreements"]
        return found["in_progress_without_room"]["own"], found["rooms_without_session"]["own"]

    try:
        assert await named(owner) == ([roomless], [orphan])
        assert await named(other) == ([], [])
        stats = await figures(house, other)
        assert stats["disagreements"]["in_progress_without_room"]["others"] >= 1
        assert stats["disagreements"]["rooms_without_session"]["others"] >= 1
        assert stats["livekit_rooms"] >= 2
        assert roomless not in str(stats)
        assert orphan not in str(stats)
        without_room, without_session = await named(await house.account(Role.ADMIN))
        assert roomless in without_room
        assert orphan in without_session
        assert running not in without_room + without_session
    finally:
        await asyncio.gather(house.rooms.close(orphan), house.rooms.close(running))


async def test_without_livekit_the_figures_say_so(house_without_livekit: House) -> None:
    stats = await figures(house_without_livekit, await house_without_livekit.account())
    assert (stats["livekit_available"], stats["livekit_rooms"], stats["disagreements"]) == (False, None, None)
    assert stats["total_sessions"] >= 0
