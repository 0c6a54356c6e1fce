"""The custodian's duties, each on a real LiveKit server whose rooms people really join. Real processes: tests/room."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import uuid4

import pytest
import pytest_asyncio
from livekit import api, rtc

from control_api.custodian.custodian import Custodian
from control_api.custodian.running import patience_s
from interview.errors import StorageUnavailable
from interview.names import candidate_identity, interviewer_identity
from interview.processes import Self
from interview.replica import Load, ReplicaKind
from interview.report import ReportStatus
from interview.session import Session, Status
from interview.transcript import Speaker
from tests.api.control_api.house import BASE, House, LiveKit, serving, settings_for
from tests.api.control_api.records import store_turn
from tests.api.control_api.test_start import dispatches


@pytest_asyncio.fixture
async def house(mongo_uri: str, livekit: LiveKit, password_hash: str) -> AsyncIterator[House]:
    """A house of its own: the custodian looks at every session that there is."""
    settings = settings_for(mongo_uri, livekit, mongodb_database=f"custodian_{uuid4().hex[:12]}")
    async with serving(settings, password_hash) as running:
        yield running


@pytest.fixture
def custodian(house: House) -> Custodian:
    return Custodian(house.app.state.parts)


def token(house: House, session_id: str, identity: str) -> str:
    settings = house.settings
    grants = api.VideoGrants(room_join=True, room=f"interview-{session_id}")
    signed = api.AccessToken(settings.livekit_api_key, settings.livekit_api_secret.get_secret_value())
    return signed.with_identity(identity).with_grants(grants).with_ttl(timedelta(hours=1)).to_jwt()


@asynccontextmanager
async def in_room(house: House, session_id: str, identity: str) -> AsyncIterator[rtc.Room]:
    """Somebody who is in the session's room for as long as the block lasts, as LiveKit itself sees it."""
    room = rtc.Room()
    await room.connect(house.settings.livekit_url, token(house, session_id, identity))
    await until(lambda here: identity in here, house, session_id)
    yield room
    await room.disconnect()
    await until(lambda here: identity not in here, house, session_id)


async def until(condition: Callable[[list[str]], bool], house: House, session_id: str) -> None:
    async with asyncio.timeout(20):
        while not condition(await house.rooms.identities(session_id)):  # noqa: ASYNC110 - LiveKit tells nobody here
            await asyncio.sleep(0.05)


async def session_of(house: House, session_id: str) -> Session:
    return await house.storage.sessions.get(session_id)


async def running(house: House) -> str:
    return await house.started(await house.account())


def a_worker(house: House) -> Self:
    """A worker that is registered with LiveKit from now on; `beat` what it is `described` as to let it be seen."""
    worker = Self(ReplicaKind.AGENT, Load, house.clock)
    worker.now_ready()
    return worker


async def test_a_dead_interviewer_is_replaced_while_its_candidate_is_there(house: House, custodian: Custodian) -> None:
    session_id = await running(house)
    async with in_room(house, session_id, candidate_identity(session_id)):
        await house.storage.sessions.heartbeat(session_id, 1)
        await custodian.look()
        house.clock.advance(7)
        await custodian.look()
        assert (await session_of(house, session_id)).attempt == 1
        house.clock.advance(2)
        await custodian.look()
    session = await session_of(house, session_id)
    assert (session.attempt, session.status) == (2, Status.IN_PROGRESS)
    sent = await dispatches(house, session_id)
    assert ("interviewer", {"session_id": session_id, "attempt": 2}) in sent
    assert ("interviewer", {"session_id": session_id, "attempt": 1}) not in sent


async def test_a_dead_interviewer_is_left_alone_until_the_candidate_is_back(house: House, custodian: Custodian) -> None:
    session_id = await running(house)
    await house.storage.sessions.heartbeat(session_id, 1)
    async with in_room(house, session_id, candidate_identity(session_id)):
        await custodian.look()
    house.clock.advance(60)
    await custodian.look()
    assert (await session_of(house, session_id)).attempt == 1
    async with in_room(house, session_id, candidate_identity(session_id)):
        await custodian.look()
    assert (await session_of(house, session_id)).attempt == 2


async def test_the_dead_interviewer_that_lingers_in_the_room_is_put_out(house: House, custodian: Custodian) -> None:
    session_id = await running(house)
    await house.storage.sessions.heartbeat(session_id, 1)
    dead = rtc.Room()
    await dead.connect(house.settings.livekit_url, token(house, session_id, interviewer_identity(1)))
    async with in_room(house, session_id, candidate_identity(session_id)):
        await custodian.look()
        house.clock.advance(9)
        await custodian.look()
        await until(lambda here: interviewer_identity(1) not in here, house, session_id)
        assert candidate_identity(session_id) in await house.rooms.identities(session_id), "nobody else is put out"


async def test_an_interviewer_that_never_came_is_sent_again_with_growing_patience(
    house: House, custodian: Custodian
) -> None:
    worker = a_worker(house)
    session_id = await running(house)
    attempts = []
    async with in_room(house, session_id, candidate_identity(session_id)):
        for _ in range(8):
            await house.storage.replicas.beat(worker.described(house.storage))
            await custodian.look()
            attempts.append((await session_of(house, session_id)).attempt)
            house.clock.advance(5)
    assert attempts == [1, 1, 2, 2, 3, 3, 3, 4]
    session = await session_of(house, session_id)
    patience = [patience_s(session.model_copy(update={"attempt": n}), 6) for n in (1, 2, 3, 9)]
    assert patience == [6, 9, 13.5, pytest.approx(6 * 1.5**5)]


async def test_what_was_sent_before_a_worker_had_registered_is_sent_again_at_once(
    house: House, custodian: Custodian
) -> None:
    session_id = await running(house)
    async with in_room(house, session_id, candidate_identity(session_id)):
        house.clock.advance(2)
        await custodian.look()
        assert (await session_of(house, session_id)).attempt == 1
        await house.storage.replicas.beat(a_worker(house).described(house.storage))
        await custodian.look()
    assert (await session_of(house, session_id)).attempt == 2


async def test_while_no_worker_is_there_attempts_are_not_used_up(house: House, custodian: Custodian) -> None:
    session_id = await running(house)
    async with in_room(house, session_id, candidate_identity(session_id)):
        for _ in range(11):
            await custodian.look()
            house.clock.advance(5)
        assert (await session_of(house, session_id)).attempt == 1
        await house.storage.replicas.beat(a_worker(house).described(house.storage))
        await custodian.look()
        assert (await session_of(house, session_id)).attempt == 2, "the worker that came is used at once"


async def test_an_interview_whose_interviewer_fails_again_and_again_is_given_up(
    house: House, custodian: Custodian
) -> None:
    session_id = await running(house)
    async with in_room(house, session_id, candidate_identity(session_id)):
        for _ in range(house.settings.agent_replacements_max + 1):
            await custodian.look()
            house.clock.advance(61)
    session = await session_of(house, session_id)
    assert session.status is Status.FAILED
    assert "again and again" in session.end_reason


async def test_a_living_interviewer_that_is_not_in_the_room_is_replaced(house: House, custodian: Custodian) -> None:
    session_id = await running(house)
    async with in_room(house, session_id, candidate_identity(session_id)):
        for _ in range(3):
            await house.storage.sessions.heartbeat(session_id, 1)
            await custodian.look()
            assert (await session_of(house, session_id)).attempt == 1
            house.clock.advance(3)
        house.clock.advance(3)
        await house.storage.sessions.heartbeat(session_id, 1)
        await custodian.look()
    assert (await session_of(house, session_id)).attempt == 2


async def test_a_dead_proctor_is_sent_again(house: House, custodian: Custodian) -> None:
    session_id = await running(house)
    async with (
        in_room(house, session_id, candidate_identity(session_id)),
        in_room(house, session_id, interviewer_identity(1)),
    ):
        for _ in range(4):
            await house.storage.sessions.heartbeat(session_id, 1)
            await custodian.look()
            house.clock.advance(6)
    names = [name for name, _ in await dispatches(house, session_id)]
    assert names.count("proctor") == 2
    assert (await session_of(house, session_id)).attempt == 1


async def test_presence_is_seen_without_any_webhook(house: House, custodian: Custodian) -> None:
    session_id = await running(house)
    async with in_room(house, session_id, candidate_identity(session_id)):
        await custodian.look()
        session = await session_of(house, session_id)
        assert session.presence.joined_at == house.clock.now()
        assert session.clock_started_at == house.clock.now()
        house.clock.advance(1)
    await custodian.look()
    assert (await session_of(house, session_id)).presence.left_at == house.clock.now()


async def test_a_room_that_livekit_has_forgotten_is_made_again(house: House, custodian: Custodian) -> None:
    session_id = await running(house)
    await house.rooms.close(session_id)
    await custodian.look()
    assert await house.rooms.exists(session_id)
    assert (await session_of(house, session_id)).status is Status.IN_PROGRESS


async def test_a_room_without_a_session_is_closed(house: House, custodian: Custodian) -> None:
    stray = str(uuid4())
    await house.rooms.open(stray)
    ended = await running(house)
    await house.storage.sessions.move(ended, Status.COMPLETED, by="test")
    await custodian.look()
    house.clock.advance(60)
    await custodian.look()
    assert not await house.rooms.exists(stray)
    assert not await house.rooms.exists(ended)


async def test_somebody_who_never_came_expires(house: House, custodian: Custodian) -> None:
    session_id = await running(house)
    house.clock.advance(605)
    await custodian.look()
    assert (await session_of(house, session_id)).status is Status.IN_PROGRESS, "the interviewer goes first"
    house.clock.advance(10)
    await custodian.look()
    session = await session_of(house, session_id)
    assert (session.status, session.end_reason) == (Status.EXPIRED, "the candidate did not come")
    assert await house.storage.slots.of(session_id) is None


@pytest.mark.parametrize(("answered", "status"), [(True, Status.ABANDONED), (False, Status.EXPIRED)])
async def test_somebody_who_left_and_stays_away_is_given_up(
    house: House, custodian: Custodian, answered: bool, status: Status
) -> None:
    session_id = await running(house)
    async with in_room(house, session_id, candidate_identity(session_id)):
        await custodian.look()
        if answered:
            await store_turn(house.storage, await session_of(house, session_id), Speaker.CANDIDATE, "I was there")
        house.clock.advance(1)
    await custodian.look()
    house.clock.advance(120)
    await custodian.look()
    assert (await session_of(house, session_id)).status is Status.IN_PROGRESS
    house.clock.advance(12)
    await custodian.look()
    assert (await session_of(house, session_id)).status is status
    assert not await house.rooms.exists(session_id)


@pytest.mark.parametrize(("answered", "status"), [(True, Status.COMPLETED), (False, Status.EXPIRED)])
async def test_an_interview_that_nobody_closes_ends_when_its_time_is_over_pauses_excluded(
    house: House, custodian: Custodian, answered: bool, status: Status
) -> None:
    owner = await house.account()
    session_id = await house.started(owner, duration_s=7200)
    async with in_room(house, session_id, candidate_identity(session_id)):
        await custodian.look()
        if answered:
            await store_turn(house.storage, await session_of(house, session_id), Speaker.CANDIDATE, "Hello")
        house.clock.advance(5000)
        await house.http.post(f"{BASE}/session/{session_id}/pause", headers=owner.headers)
        house.clock.advance(1000)
        await house.http.post(f"{BASE}/session/{session_id}/resume", headers=owner.headers)
        house.clock.advance(2205)
        attempt = (await session_of(house, session_id)).attempt
        await house.storage.sessions.heartbeat(session_id, attempt)
        await custodian.look()
        assert (await session_of(house, session_id)).status is Status.IN_PROGRESS
        house.clock.advance(10)
        await custodian.look()
        session = await session_of(house, session_id)
        assert (session.status, session.end_reason) == (status, "the time was over")
        room_closed = until(lambda here: not here, house, session_id)
        await room_closed


async def test_the_end_that_a_killed_process_left_half_done_is_finished(house: House, custodian: Custodian) -> None:
    session_id = await running(house)
    await store_turn(house.storage, await session_of(house, session_id), Speaker.CANDIDATE, "Hello")
    await house.storage.sessions.complete(session_id, attempt=1, by="interviewer:1", reason="completed")
    await custodian.look()
    report = await house.storage.reports.latest(session_id)
    assert report is not None
    assert report.status is ReportStatus.QUEUED
    assert await house.storage.slots.of(session_id) is None
    assert not await house.rooms.exists(session_id)
    assert await house.storage.sessions.needing_aftercare() == []


async def test_what_was_not_started_in_its_window_expires(house: House, custodian: Custodian) -> None:
    session_id = await house.ready(await house.account())
    house.clock.advance(7 * 24 * 3600 - 60)
    await custodian.clean_up()
    assert (await session_of(house, session_id)).status is Status.INITIALIZED
    house.clock.advance(house.settings.session_cleanup_interval)
    await custodian.clean_up()
    session = await session_of(house, session_id)
    assert (session.status, session.end_reason) == (Status.EXPIRED, "not started in its window")


async def test_a_paused_interview_in_which_nothing_happens_is_ended(house: House, custodian: Custodian) -> None:
    owner = await house.account()
    session_id = await house.started(owner)
    await store_turn(house.storage, await session_of(house, session_id), Speaker.CANDIDATE, "Hello")
    await house.http.post(f"{BASE}/session/{session_id}/pause", headers=owner.headers)
    house.clock.advance(24 * 3600 + 400)
    await custodian.clean_up()
    session = await session_of(house, session_id)
    assert (session.status, session.end_reason) == (Status.ABANDONED, "nothing happened any more")


async def test_those_who_queue_are_let_in_and_their_agents_sent(house: House, custodian: Custodian) -> None:
    session_id = await house.ready(await house.account())
    await house.storage.sessions.enqueue(session_id, await house.storage.slots.next_ticket(), by="test")
    await custodian.look()
    assert (await session_of(house, session_id)).status is Status.IN_PROGRESS
    assert [name for name, _ in await dispatches(house, session_id)] == ["interviewer", "proctor"]


async def test_after_an_outage_of_the_database_agents_get_a_period_to_show_that_they_live(house: House) -> None:
    session_id = await running(house)
    custodian = Custodian(house.app.state.parts)
    away = False

    async def look() -> None:
        if away:
            raise StorageUnavailable("the database is away")
        await type(custodian).look(custodian)

    custodian.look = look
    await house.storage.sessions.heartbeat(session_id, 1)
    async with in_room(house, session_id, candidate_identity(session_id)):
        await custodian.round()
        away = True
        for _ in range(15):
            house.clock.advance(2)
            await custodian.round()
        away = False
        await custodian.round()
        assert (await session_of(house, session_id)).attempt == 1, "its heartbeats could not be written"
        house.clock.advance(7)
        await custodian.round()
        assert (await session_of(house, session_id)).attempt == 1
        house.clock.advance(2)
        await custodian.round()
        assert (await session_of(house, session_id)).attempt == 2, "it gave no sign of life afterwards either"


async def test_a_call_that_waits_for_the_database_and_then_goes_through_makes_nobody_dead(house: House) -> None:
    session_id = await running(house)
    took_s = 0.0
    custodian = Custodian(house.app.state.parts, stopwatch=lambda: took_s)
    await house.storage.sessions.heartbeat(session_id, 1)
    async with in_room(house, session_id, candidate_identity(session_id)):
        await custodian.round()
        # the database answers only after so long, to the custodian and to the interviewer alike
        house.clock.advance(30)
        took_s += 30
        await custodian.round()
        assert (await session_of(house, session_id)).attempt == 1
        house.clock.advance(9)
        await custodian.round()
        assert (await session_of(house, session_id)).attempt == 2


async def test_of_two_custodians_one_acts_and_the_other_takes_over_when_it_dies(house: House) -> None:
    first, second = (Custodian(house.app.state.parts) for _ in range(2))
    await first.round()
    assert (first.acts, second.acts) == (True, False)
    await second.round()
    assert not second.acts
    house.clock.advance(house.settings.custodian_lease_s + 1)
    await second.round()
    await first.round()
    assert (first.acts, second.acts) == (False, True)


async def test_one_duty_with_a_bug_leaves_the_others_done_and_is_counted(
    house: House, custodian: Custodian, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> int:
        raise RuntimeError("a bug")

    monkeypatch.setattr(house.storage.sessions, "needing_aftercare", broken)
    session_id = await running(house)
    house.clock.advance(700)
    await custodian.look()
    assert (await session_of(house, session_id)).status is Status.EXPIRED
    assert custodian.failures == 1
