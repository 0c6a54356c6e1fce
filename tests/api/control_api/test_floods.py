"""Taking the house down by asking for much: bodies that never come, downloads, probes, one seat that asks on and on."""

import asyncio

import httpx
import pytest

from tests.api.control_api.house import BASE, House, LiveKit, assert_problem, serving, settings_for
from tests.api.control_api.records import store_segment


async def test_a_body_that_dribbles_in_is_given_up(mongo_uri: str, livekit: LiveKit, password_hash: str) -> None:
    async with serving(settings_for(mongo_uri, livekit, request_body_s=0.3), password_hash) as house:
        host, port = house.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        head = f"POST /api/auth/login HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        writer.write(head.encode() + b"Content-Length: 1000\r\n\r\n{")
        answer = await asyncio.wait_for(reader.read(), 10)  # to its end: the connection is closed
        assert answer.startswith(b"HTTP/1.1 408"), answer
        assert b'"body_too_slow"' in answer
        writer.close()


async def test_a_seat_asks_no_more_often_than_an_account(mongo_uri: str, livekit: LiveKit, password_hash: str) -> None:
    settings = settings_for(mongo_uri, livekit, rate_limit_per_user_per_min=20)
    async with serving(settings, password_hash) as house:
        made = await house.created(await house.account())
        candidate = await house.candidate(made["invite_url"])
        statuses = [(await candidate.get("/api/invites/seat")).status_code for _ in range(25)]
        assert statuses[:19] == [200] * 19
        assert statuses[-1] == 429


async def test_recordings_and_exports_are_made_a_few_at_a_time(
    mongo_uri: str, livekit: LiveKit, password_hash: str
) -> None:
    settings = settings_for(mongo_uri, livekit, downloads_at_once=1, downloads_wait_s=0.1)
    async with serving(settings, password_hash) as house:
        owner = await house.account()
        made = await house.created(owner)
        await store_segment(house.storage, await house.storage.sessions.get(made["session_id"]), 0, (900, 0))
        candidate = await house.candidate(made["invite_url"])
        person = {"email": "ada@example.com"}

        async def asked() -> list[httpx.Response]:
            return [
                await house.http.get(f"{BASE}/session/{made['session_id']}/recording", headers=owner.headers),
                await house.http.post("/api/privacy/export", json=person, headers=owner.headers),
                await candidate.get("/api/privacy/my-data"),
            ]

        async with house.app.state.parts.downloads.place():
            for answer in await asked():
                assert_problem(answer, 429, "too_many_downloads")
                assert answer.headers["retry-after"] == "1"
        assert [answer.status_code for answer in await asked()] == [200, 200, 200], "the place is free again"


async def test_a_thousand_who_ask_whether_the_house_is_ready_cost_one_look(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = 0
    list_rooms = house.rooms.list_rooms

    async def counted() -> list[str]:
        nonlocal looks
        looks += 1
        return await list_rooms()

    monkeypatch.setattr(house.rooms, "list_rooms", counted)
    checks = house.app.state.parts.monitoring.checks
    assert all(await asyncio.gather(*(checks.all() for _ in range(1000))))
    assert looks == 1
    await checks.all()
    assert looks == 2, "what was seen before is not told again"
