"""The report queue: claimed once, leased, fenced, retried."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from interview.clock import VirtualClock
from interview.errors import NotFound, StaleAttempt
from interview.report import Report, ReportStatus
from interview.storage import Storage
from tests.storage.builders import NOON

CONTENT = {"summary": "Ünïcode 中文", "scores": [1, 2.5, None], "quotes": {"q1": ["a"]}}


async def test_two_hundred_claims_of_fifty_reports_take_each_exactly_once(timed: Storage) -> None:
    wanted = {str(uuid4()) for _ in range(50)}
    for session_id in wanted:
        await timed.reports.enqueue(session_id)
    claims = await asyncio.gather(*(timed.reports.claim(f"worker-{n}", 60) for n in range(200)))
    taken = [claim.session_id for claim in claims if claim is not None]
    assert len(taken) == 50
    assert set(taken) == wanted
    assert (await timed.reports.counts_by_status())[ReportStatus.BUILDING] == 50


async def test_a_claim_takes_the_oldest(timed: Storage, clock: VirtualClock) -> None:
    ids = [str(uuid4()) for _ in range(3)]
    for session_id in ids:
        await timed.reports.enqueue(session_id)
        clock.advance(1)
    for session_id in ids:
        claimed = await timed.reports.claim("worker", 60)
        assert claimed is not None
        assert claimed.session_id == session_id
        assert (claimed.owner, claimed.attempts, claimed.status) == ("worker", 1, ReportStatus.BUILDING)
    assert await timed.reports.claim("worker", 60) is None


async def test_a_report_may_be_queued_for_a_little_later(timed: Storage, clock: VirtualClock) -> None:
    await timed.reports.enqueue(str(uuid4()), after_s=4)
    clock.advance(3.9)
    assert await timed.reports.claim("worker", 60) is None
    clock.advance(0.1)
    assert await timed.reports.claim("worker", 60) is not None


async def test_enqueueing_again_changes_nothing(timed: Storage, clock: VirtualClock) -> None:
    session_id = str(uuid4())
    first = await timed.reports.enqueue(session_id)
    clock.advance(5)
    claimed = await timed.reports.claim("worker", 60)
    again = await asyncio.gather(*(timed.reports.enqueue(session_id) for _ in range(5)))
    assert again == [claimed] * 5
    assert again[0].queued_at == first.queued_at


async def test_a_lease_that_is_past_is_taken_over_and_its_old_holder_is_fenced(
    timed: Storage, clock: VirtualClock
) -> None:
    report = await timed.reports.enqueue(str(uuid4()))
    await timed.reports.claim("dead", 60)
    clock.advance(59)
    assert await timed.reports.claim("next", 60) is None
    await timed.reports.renew(report.report_id, "dead", 60, "scoring")
    clock.advance(59)
    assert await timed.reports.claim("next", 60) is None
    clock.advance(1)
    claimed = await timed.reports.claim("next", 60)
    assert claimed is not None
    assert (claimed.owner, claimed.attempts) == ("next", 2)
    for late in (
        timed.reports.renew(report.report_id, "dead", 60, "still here"),
        timed.reports.finish(report.report_id, "dead", {"by": "dead"}, b"dead"),
        timed.reports.retry_later(report.report_id, "dead", "no", clock.now()),
        timed.reports.fail(report.report_id, "dead", "no"),
    ):
        with pytest.raises(StaleAttempt):
            await late
    assert await timed.reports.latest(report.session_id) == claimed


async def test_a_finished_report_is_read_with_its_page(timed: Storage) -> None:
    report = await timed.reports.enqueue(str(uuid4()))
    with pytest.raises(NotFound):
        await timed.reports.html(report)
    await timed.reports.claim("worker", 60)
    await timed.reports.finish(report.report_id, "worker", CONTENT, b"<html>")
    ready = await timed.reports.latest(report.session_id)
    assert ready is not None
    assert (ready.status, ready.content, ready.ready_at) == (ReportStatus.READY, CONTENT, NOON)
    assert await timed.reports.html(ready) == b"<html>"
    assert await timed.reports.claim("worker", 60) is None
    with pytest.raises(StaleAttempt):
        await timed.reports.finish(report.report_id, "worker", {}, b"again")
    assert await timed.reports.html(ready) == b"<html>"


async def test_a_late_loser_does_not_overwrite_the_winners_page(timed: Storage, clock: VirtualClock) -> None:
    report = await timed.reports.enqueue(str(uuid4()))
    await timed.reports.claim("slow", 60)
    clock.advance(61)
    await timed.reports.claim("quick", 60)
    results = await asyncio.gather(
        timed.reports.finish(report.report_id, "slow", {"by": "slow"}, b"slow"),
        timed.reports.finish(report.report_id, "quick", {"by": "quick"}, b"quick"),
        return_exceptions=True,
    )
    assert isinstance(results[0], StaleAttempt)
    ready = await timed.reports.latest(report.session_id)
    assert ready is not None
    assert ready.content == {"by": "quick"}
    assert await timed.reports.html(ready) == b"quick"


async def test_a_report_put_back_waits_and_then_can_be_claimed_again(timed: Storage, clock: VirtualClock) -> None:
    report = await timed.reports.enqueue(str(uuid4()))
    await timed.reports.claim("worker", 60)
    later = clock.now() + timedelta(seconds=10)
    await timed.reports.retry_later(report.report_id, "worker", "the model was away", later)
    waiting = await timed.reports.latest(report.session_id)
    assert waiting is not None
    assert (waiting.status, waiting.failure, waiting.owner) == (
        ReportStatus.QUEUED,
        "the model was away",
        None,
    )
    assert await timed.reports.claim("worker", 60) is None
    clock.advance(10)
    claimed = await timed.reports.claim("worker", 60)
    assert claimed is not None
    assert claimed.attempts == 2


async def test_a_report_given_up_says_why_and_is_not_claimed_again(timed: Storage, clock: VirtualClock) -> None:
    report = await timed.reports.enqueue(str(uuid4()))
    await timed.reports.claim("worker", 60)
    await timed.reports.fail(report.report_id, "worker", "no transcript")
    clock.advance(3600)
    assert await timed.reports.claim("worker", 60) is None
    failed = await timed.reports.latest(report.session_id)
    assert failed is not None
    assert (failed.status, failed.failure) == (ReportStatus.FAILED, "no transcript")
    assert await timed.reports.counts_by_status() == {
        ReportStatus.QUEUED: 0,
        ReportStatus.BUILDING: 0,
        ReportStatus.PARTIAL: 0,
        ReportStatus.READY: 0,
        ReportStatus.FAILED: 1,
    }


async def test_the_latest_report_is_the_one_of_the_highest_version(timed: Storage) -> None:
    session_id = str(uuid4())
    assert await timed.reports.latest(session_id) is None
    for version in (2, 10, 1):
        newer = Report(session_id=session_id, version=version, queued_at=NOON, not_before=NOON)
        await timed.reports.collection.insert(newer)
    latest = await timed.reports.latest(session_id)
    assert latest is not None
    assert latest.version == 10
