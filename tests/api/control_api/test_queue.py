"""A full house queues, first come first served; it never holds more than its limit, with several replicas."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from uuid import uuid4

import httpx
import pytest_asyncio

from control_api.custodian import clearing
from control_api.sessions.queueing import admit
from interview.session import Status
from tests.api.control_api.house import BASE, Account, House, LiveKit, assert_problem, serving, settings_for

SEATS = 3


@pytest_asyncio.fixture
async def replicas(mongo_uri: str, livekit: LiveKit, password_hash: str) -> AsyncIterator[tuple[House, House]]:
    """Two replicas over one database, with three seats."""
    settings = settings_for(
        mongo_uri, livekit, mongodb_database=f"queue_{uuid4().hex[:12]}", max_concurrent_interviews=SEATS
    )
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(serving(settings, password_hash))
        second = await stack.enter_async_context(serving(settings, password_hash))
        yield first, second


async def start(house: House, owner: Account, session_id: str) -> httpx.Response:
    return await house.http.post(f"{BASE}/session/{session_id}/start", headers=owner.headers)


async def filled(house: House, owner: Account) -> list[str]:
    """Take every seat; return the sessions that have one."""
    return [await house.started(owner) for _ in range(SEATS)]


async def statuses(house: House, session_ids: list[str]) -> list[Status]:
    return [(await house.storage.sessions.get(session_id)).status for session_id in session_ids]


async def test_whoever_comes_when_the_house_is_full_queues_and_sees_where_they_stand(
    replicas: tuple[House, House],
) -> None:
    house, _ = replicas
    owner = await house.account()
    await filled(house, owner)
    ids = [await house.ready(owner) for _ in range(2)]
    answers = [(await start(house, owner, session_id)).json() for session_id in ids]
    assert [answer["status"] for answer in answers] == ["QUEUED", "QUEUED"]
    assert [answer["queue"]["position"] for answer in answers] == [1, 2]
    assert [answer["livekit_token"] for answer in answers] == [None, None]
    assert all(0 < answer["queue"]["expected_wait_s"] <= 1800 for answer in answers)
    seen = (await house.http.get(f"{BASE}/session/{ids[1]}", headers=owner.headers)).json()
    assert seen["queue"]["position"] == 2


async def test_a_seat_that_becomes_free_goes_to_who_has_waited_longest(replicas: tuple[House, House]) -> None:
    house, other = replicas
    owner = await house.account()
    running = await filled(house, owner)
    ids = [await house.ready(owner) for _ in range(3)]
    for session_id in ids:
        await start(other, owner, session_id)
    await house.http.post(f"{BASE}/session/{running[0]}/end", headers=owner.headers)
    # the last in the queue asks again: they do not overtake
    assert (await start(house, owner, ids[2])).json()["queue"]["position"] == 2
    assert await statuses(house, ids) == [Status.IN_PROGRESS, Status.QUEUED, Status.QUEUED]
    assert (await start(house, owner, ids[0])).json()["livekit_token"]


async def test_a_newcomer_does_not_overtake_those_who_wait(replicas: tuple[House, House]) -> None:
    house, _ = replicas
    owner = await house.account()
    running = await filled(house, owner)
    waiting, newcomer = await house.ready(owner), await house.ready(owner)
    await start(house, owner, waiting)
    await house.storage.sessions.move(running[0], Status.FAILED, by="test", reason="so that its seat is free")
    await clearing.care_for_ended(house.app.state.parts)
    assert (await start(house, owner, newcomer)).json()["status"] == "QUEUED"
    assert await statuses(house, [waiting]) == [Status.IN_PROGRESS]


async def test_many_starts_at_once_on_two_replicas_never_overshoot(replicas: tuple[House, House]) -> None:
    owner = await replicas[0].account()
    ids = [await replicas[0].ready(owner) for _ in range(40)]
    answers = await asyncio.gather(*(start(replicas[n % 2], owner, session_id) for n, session_id in enumerate(ids)))
    assert {answer.status_code for answer in answers} == {200}
    found = await statuses(replicas[0], ids)
    assert found.count(Status.IN_PROGRESS) == SEATS
    assert found.count(Status.QUEUED) == len(ids) - SEATS
    tickets = [session.ticket for session in await replicas[0].storage.sessions.queue()]
    assert len(set(tickets)) == len(tickets)
    assert len(await replicas[0].storage.slots.all()) == SEATS


async def test_replicas_that_admit_at_once_admit_in_order_and_each_once(replicas: tuple[House, House]) -> None:
    house, other = replicas
    owner = await house.account()
    running = await filled(house, owner)
    ids = [await house.ready(owner) for _ in range(6)]
    for session_id in ids:
        await start(house, owner, session_id)
    for session_id in running:
        seat = await house.storage.slots.of(session_id)
        assert seat is not None
        await house.storage.sessions.move(session_id, Status.COMPLETED, by="test")
        await house.storage.slots.release(seat)
    admitted = await asyncio.gather(*(admit(each.app.state.parts) for each in (house, other, house, other)))
    got = [session.session_id for batch in admitted for session in batch]
    assert sorted(got) == sorted(ids[:SEATS])
    assert await statuses(house, ids) == [Status.IN_PROGRESS] * SEATS + [Status.QUEUED] * SEATS


async def test_a_seat_that_a_crash_left_taken_comes_back(replicas: tuple[House, House]) -> None:
    house, _ = replicas
    parts = house.app.state.parts
    lost = await house.ready(await house.account())
    assert await house.storage.slots.take(lost, SEATS) is not None
    assert await clearing.free_lost_seats(parts) == 0, "a start may be under way"
    house.clock.advance(60)
    assert await clearing.free_lost_seats(parts) == 1
    assert await house.storage.slots.all() == []


async def test_a_seat_taken_anew_is_not_released_by_who_saw_the_old_one(replicas: tuple[House, House]) -> None:
    house, _ = replicas
    session_id = await house.ready(await house.account())
    old = await house.storage.slots.take(session_id, SEATS)
    house.clock.advance(1)
    assert await house.storage.slots.take(session_id, SEATS) is not None
    assert old is not None
    assert not await house.storage.slots.release(old)
    assert await house.storage.slots.of(session_id) is not None


async def test_a_long_pause_gives_its_seat_up_and_resuming_queues(replicas: tuple[House, House]) -> None:
    house, _ = replicas
    owner, parts = await house.account(), house.app.state.parts
    running = await filled(house, owner)
    path = f"{BASE}/session/{running[0]}"
    assert (await house.http.post(f"{path}/pause", headers=owner.headers)).json()["status"] == "PAUSED"
    house.clock.advance(1700)
    assert await clearing.free_lost_seats(parts) == 0
    house.clock.advance(200)
    assert await clearing.free_lost_seats(parts) == 1
    await house.started(owner)
    resumed = (await house.http.post(f"{path}/resume", headers=owner.headers)).json()
    assert (resumed["status"], resumed["queue"]["position"]) == ("QUEUED", 1)
    await house.http.post(f"{BASE}/session/{running[1]}/end", headers=owner.headers)
    await clearing.admit_from_queue(parts)
    session = await house.storage.sessions.get(running[0])
    assert (session.status, session.attempt) == (Status.IN_PROGRESS, 2)
    assert session.paused_total_s >= 1900
    assert session.resumed_from_pause


async def test_an_interview_is_paused_resumed_and_given_time(replicas: tuple[House, House]) -> None:
    house, _ = replicas
    owner = await house.account()
    session_id = await house.started(owner)
    path = f"{BASE}/session/{session_id}"

    async def post(what: str, body: dict[str, int] | None = None) -> httpx.Response:
        return await house.http.post(f"{path}/{what}", json=body, headers=owner.headers)

    assert (await post("extend", {"seconds": 600})).json()["allowed_s"] == 2400
    for _ in range(2):
        assert (await post("pause")).json()["status"] == "PAUSED"
    house.clock.advance(120)
    for _ in range(2):
        resumed = (await post("resume")).json()
        assert (resumed["status"], resumed["attempt"], resumed["paused_at"]) == ("IN_PROGRESS", 2, None)
    session = await house.storage.sessions.get(session_id)
    assert session.paused_total_s == 120
    assert (await house.rooms.exists(session_id)) is True
    assert_problem(await post("extend", {"seconds": 14_400}), 422, "too_long")
    assert_problem(await post("extend", {"seconds": 5}), 422, "invalid")
    await post("end")
    assert_problem(await post("pause"), 409, "illegal_transition")
    assert_problem(await post("resume"), 409, "illegal_transition")
    assert_problem(await post("extend", {"seconds": 600}), 409, "illegal_transition")
