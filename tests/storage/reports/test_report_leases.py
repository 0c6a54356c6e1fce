"""Reports are built once, in a fair order, by whoever holds the lease, whatever becomes of the workers."""

import asyncio

import pytest

from interview.clock import VirtualClock
from interview.report import ReportStatus
from interview.storage import Storage
from local.inference.llm import scripted
from reports.content import ReportContent
from reports.lease_worker import Limits
from reports.worker import ReportsWorker
from tests.storage.reports.working import LIMITS, MakeWorker, finished_session, report_of, until
from tests.unit.providers.chat_server import BOUND_S, HANG, ChatServer
from tests.unit.reports.records import SESSION_ID, session


async def test_nobody_waits_behind_all_the_others_of_one_owner(timed: Storage, clock: VirtualClock):
    many = [f"0b5f7a52-8f0e-4f5e-9a55-{number:012d}" for number in range(50)]
    for session_id in many:
        await timed.sessions.add(session(session_id, owner_id="busy"))
        await timed.reports.enqueue(session_id)
    clock.advance(1)
    await timed.sessions.add(session(owner_id="other"))
    await timed.reports.enqueue(SESSION_ID)
    order = [claimed.session_id for _ in range(51) if (claimed := await timed.reports.claim("w", 60))]
    assert len(order) == 51
    assert order.index(SESSION_ID) <= 3
    assert [one for one in order if one != SESSION_ID] == many


async def test_what_cannot_be_built_fails_with_its_reason_and_not_forever(
    timed: Storage, make_worker: MakeWorker, clock: VirtualClock
):
    await timed.sessions.add(session())
    await timed.reports.enqueue(SESSION_ID)
    await timed.sessions.collection.delete({"_id": SESSION_ID})
    worker = make_worker()
    for _ in range(LIMITS.max_attempts):
        assert await worker.work_once()
        clock.advance(400)
    assert not await worker.work_once()
    report = await report_of(timed)
    assert (report.status, report.attempts) == (ReportStatus.FAILED, LIMITS.max_attempts)
    assert report.failure


async def test_a_dead_workers_report_is_taken_over_when_its_lease_is_past(
    timed: Storage, make_worker: MakeWorker, clock: VirtualClock
):
    await finished_session(timed)
    assert await timed.reports.claim("dead", 30)
    worker = make_worker()
    assert not await worker.work_once()
    clock.advance(31)
    assert await worker.work_once()
    report = await report_of(timed)
    assert (report.status, report.attempts) == (ReportStatus.READY, 2)


async def test_a_report_that_kills_its_workers_is_given_up(
    timed: Storage, make_worker: MakeWorker, clock: VirtualClock
):
    await finished_session(timed)
    for number in range(LIMITS.max_attempts):
        assert await timed.reports.claim(f"dead-{number}", 30)
        clock.advance(31)
    assert await make_worker().work_once()
    report = await report_of(timed)
    assert report.status is ReportStatus.FAILED
    assert "the workers that had it died" in report.failure


async def test_workers_side_by_side_build_each_report_once(timed: Storage, make_worker: MakeWorker):
    ids = [f"0b5f7a52-8f0e-4f5e-9a55-{number:012d}" for number in range(6)]
    for session_id in ids:
        await finished_session(timed, session_id)

    async def drain(worker: ReportsWorker) -> None:
        while await worker.work_once():
            pass

    await asyncio.gather(*(drain(make_worker(f"worker-{number}")) for number in range(3)))
    for session_id in ids:
        report = await report_of(timed, session_id)
        assert (report.status, report.attempts) == (ReportStatus.READY, 1)
        content = ReportContent.model_validate(report.content)
        assert content.session.session_id == session_id
        assert not any(other in str(report.content) for other in ids if other != session_id)


async def test_a_worker_that_lost_its_lease_stops_and_writes_nothing(
    timed: Storage, make_worker: MakeWorker, chat_server: ChatServer, clock: VirtualClock
):
    await finished_session(timed)
    limits = Limits(lease_s=0.3, poll_s=0.01, max_attempts=3, retry_s=5, deadline_s=20)
    worker = make_worker("slow", limits=limits)
    chat_server.answer = lambda body: HANG
    working = asyncio.create_task(worker.work_once())
    await asyncio.wait_for(chat_server.asked.wait(), BOUND_S)

    async def is_taken_over() -> bool:
        clock.advance(31)  # again where the slow one has just renewed its lease by the advanced clock
        return await timed.reports.claim("quick", 30) is not None

    await until(is_taken_over)
    assert await asyncio.wait_for(working, BOUND_S)
    await asyncio.wait_for(chat_server.client_left.wait(), BOUND_S)
    report = await report_of(timed)
    assert (report.owner, report.status) == ("quick", ReportStatus.BUILDING)


async def test_a_long_build_keeps_its_lease_and_says_how_far_it_is(
    timed: Storage, make_worker: MakeWorker, chat_server: ChatServer, clock: VirtualClock
):
    await finished_session(timed)
    limits = Limits(lease_s=0.3, poll_s=0.01, max_attempts=3, retry_s=5, deadline_s=20)
    chat_server.answer = lambda body: HANG
    working = asyncio.create_task(make_worker(limits=limits).work_once())
    await asyncio.wait_for(chat_server.asked.wait(), BOUND_S)
    clock.advance(0.2)

    async def renewed() -> bool:
        report = await report_of(timed)
        assert report.lease_until is not None
        return report.lease_until > clock.now() and report.progress == "scoring 1/2"

    await until(renewed)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working


async def test_a_worker_that_is_stopped_gives_its_report_back(
    timed: Storage, make_worker: MakeWorker, chat_server: ChatServer
):
    await finished_session(timed)
    chat_server.answer = lambda body: HANG
    stop = asyncio.Event()
    running = asyncio.create_task(make_worker().run(stop))
    await asyncio.wait_for(chat_server.asked.wait(), BOUND_S)
    stop.set()
    await asyncio.wait_for(running, BOUND_S)
    await asyncio.wait_for(chat_server.client_left.wait(), BOUND_S)
    assert (await report_of(timed)).status is ReportStatus.QUEUED
    chat_server.answer = scripted.answer
    assert await make_worker("worker-2").work_once(), "the next may take it at once"


async def test_a_running_worker_finds_what_is_queued_later(timed: Storage, make_worker: MakeWorker):
    stop = asyncio.Event()
    running = asyncio.create_task(make_worker().run(stop))
    await finished_session(timed)

    async def ready() -> bool:
        return (await report_of(timed)).status is ReportStatus.READY

    await until(ready)
    stop.set()
    await asyncio.wait_for(running, BOUND_S)
    report = await report_of(timed)
    assert (report.status, report.attempts) == (ReportStatus.READY, 1)


async def test_a_session_erased_meanwhile_leaves_no_report(
    timed: Storage, make_worker: MakeWorker, chat_server: ChatServer
):
    await finished_session(timed)
    limits = Limits(lease_s=0.3, poll_s=0.01, max_attempts=3, retry_s=5, deadline_s=20)
    chat_server.answer = lambda body: HANG
    working = asyncio.create_task(make_worker(limits=limits).work_once())
    await asyncio.wait_for(chat_server.asked.wait(), BOUND_S)
    await timed.erase_session(SESSION_ID)
    assert await asyncio.wait_for(working, BOUND_S), "the worker leaves it by itself"
    assert await timed.reports.latest(SESSION_ID) is None
    assert await timed.files.ids_of(SESSION_ID) == []
