"""Beyond the day's ceiling no interview begins, and none that began is stopped."""

import uuid
from collections.abc import AsyncIterator

import pytest_asyncio

from interview.session import Status
from interview.tallies import Notes
from providers.usage import day_of, note_cost
from tests.api.control_api.house import BASE, House, LiveKit, assert_problem, serving, settings_for


@pytest_asyncio.fixture
async def house(mongo_uri: str, livekit: LiveKit, password_hash: str) -> AsyncIterator[House]:
    given = {"daily_cost_ceiling_usd": 2.0, "max_concurrent_interviews": 1}
    settings = settings_for(mongo_uri, livekit, mongodb_database=f"ceiling_{uuid.uuid4().hex[:12]}", **given)
    async with serving(settings, password_hash) as served:
        yield served


async def spend(house: House, micro_usd: int) -> None:
    notes = Notes()
    note_cost("stt.example", "nova-3", micro_usd, day_of(house.clock.now()), notes)
    await house.storage.tallies.flush(notes)


async def test_a_new_interview_waits_for_tomorrow_and_a_running_one_goes_on(house: House) -> None:
    owner = await house.account()
    running, queued, new = [await house.ready(owner) for _ in range(3)]
    path = f"{BASE}/session"
    assert (await house.http.post(f"{path}/{running}/start", headers=owner.headers)).json()["status"] == "IN_PROGRESS"
    assert (await house.http.post(f"{path}/{queued}/start", headers=owner.headers)).json()["status"] == "QUEUED"
    await house.storage.sessions.note_joined(running, house.clock.now())
    await spend(house, 1_999_999)
    await spend(house, 1)

    answer = await house.http.post(f"{path}/{new}/start", headers=owner.headers)

    assert_problem(answer, 429, "daily_cost_ceiling")
    assert 0 < int(answer.headers["Retry-After"]) <= 24 * 3600
    assert (await house.storage.sessions.get(new)).status is Status.INITIALIZED
    await house.storage.sessions.move(running, Status.FAILED, by="test")
    for slot in await house.storage.slots.all():
        await house.storage.slots.release(slot)
    again = await house.http.post(f"{path}/{running}/start", headers=owner.headers)
    assert again.json()["status"] == "IN_PROGRESS"  # it had begun: it goes before those who wait for tomorrow
    await house.storage.sessions.complete(running, attempt=2, by="test", reason="")
    for slot in await house.storage.slots.all():
        await house.storage.slots.release(slot)
    waiting = await house.http.post(f"{path}/{queued}/start", headers=owner.headers)
    assert waiting.json()["status"] == "QUEUED"

    house.clock.advance(24 * 3600)
    assert (await house.http.post(f"{path}/{queued}/start", headers=owner.headers)).json()["status"] == "IN_PROGRESS"
