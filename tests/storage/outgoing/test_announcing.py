"""What ends, becomes ready or is filed is announced once, whoever dies in between."""

import asyncio
from datetime import timedelta

import pytest

from control_api.outgoing.announce import announce_due
from control_api.outgoing.news import session_ended, tell
from control_api.parts import Parts
from interview.clock import VirtualClock
from interview.outgoing import Announce, DeliveryStatus, EventKind
from interview.problem import ProblemKind, RaisedProblem
from interview.session import Progress, Session, Stage, Status
from tests.storage.builders import NOON, incident, session
from tests.storage.outgoing.receiver import Receiver
from tests.storage.outgoing.records import delivering, registered


async def started(parts: Parts) -> Session:
    waiting = session()
    await parts.storage.sessions.add(waiting)
    return await parts.storage.sessions.start(waiting.session_id, by="candidate")


async def completed(parts: Parts) -> Session:
    begun = await started(parts)
    progress = Progress(answered=1, total=1, stage=Stage.DONE)
    await parts.storage.sessions.set_progress(begun.session_id, 1, progress)
    return await parts.storage.sessions.complete(begun.session_id, attempt=1, by="system:agent", reason="the end")


async def ready_report(parts: Parts, session_id: str) -> None:
    report = await parts.storage.reports.enqueue(session_id)
    await parts.storage.reports.claim("worker", 60)
    await parts.storage.reports.finish(report.report_id, "worker", {"quote": "secret"}, b"<p>")


async def test_what_is_sent_is_what_the_page_says(parts: Parts, receiver: Receiver) -> None:
    await registered(parts, receiver.url)
    done = await completed(parts)
    session_id = done.session_id
    await ready_report(parts, session_id)
    filed = incident(session_id)
    await parts.storage.incidents.file(filed)
    raised = await parts.storage.problems.add(
        RaisedProblem(
            problem_id="",
            session_id=session_id,
            owner_id=done.owner_id,
            kind=ProblemKind.TECHNICAL,
            text="The zeppelin hums",
            raised_at=NOON,
        )
    )
    assert await announce_due(parts) == 4
    async with delivering(parts):
        got = {one.json["type"]: one.json for one in await receiver.has(4)}

    noon = "2026-11-22T12:00:00Z"
    progress = {"answered": 1, "total": 1, "stage": "done", "percent": 100}
    assert got["session.completed"] == {
        "type": "session.completed",
        "timestamp": noon,
        "data": {
            "session_id": session_id,
            "status": "COMPLETED",
            "ended_at": noon,
            "end_reason": "the end",
            "plan_id": "plan-1",
            "owner_id": "owner-1",
            "progress": progress,
        },
    }
    about = {"session_id": session_id}
    assert got["report.ready"]["data"] == about | {"report_id": f"{session_id}:1", "version": 1, "ready_at": noon}
    assert got["incident.filed"]["data"] == about | {
        "incident_id": filed.incident_id,
        "kind": "no_face",
        "severity": "medium",
        "started_at": noon,
        "filed_at": "2026-11-22T12:00:02Z",
    }
    assert got["problem.raised"]["data"] == about | {
        "problem_id": raised.problem_id,
        "kind": "technical",
        "raised_at": noon,
    }
    everything = b"".join(one.body for one in receiver.received).decode()
    for personal in (done.candidate.name, done.candidate.email, "secret"):
        assert personal not in everything


async def test_each_is_announced_once(parts: Parts) -> None:
    webhook = await registered(parts, "http://127.0.0.1/")
    done = await completed(parts)
    await parts.storage.incidents.file(incident(done.session_id))
    assert sum(await asyncio.gather(*(announce_due(parts) for _ in range(4)))) >= 2
    assert await announce_due(parts) == 0
    await parts.storage.incidents.file(incident(done.session_id, ended_at=NOON + timedelta(minutes=1)))
    assert await announce_due(parts) == 0, "an incident that goes on was announced again"
    page, _ = await parts.storage.deliveries.page(webhook.webhook_id)
    assert sorted(one.event for one in page) == [EventKind.INCIDENT_FILED, EventKind.SESSION_COMPLETED]
    assert (await parts.storage.sessions.get(done.session_id)).announce is Announce.DONE


async def test_a_death_between_telling_and_marking_repeats_harmlessly(parts: Parts) -> None:
    webhook = await registered(parts, "http://127.0.0.1/")
    done = await completed(parts)
    await tell(parts, session_ended(done))  # and here the process dies
    assert await announce_due(parts) == 1
    assert len((await parts.storage.deliveries.page(webhook.webhook_id))[0]) == 1


@pytest.mark.parametrize("status", [Status.ABANDONED, Status.EXPIRED, Status.FAILED])
async def test_every_other_end_says_which(parts: Parts, status: Status) -> None:
    webhook = await registered(parts, "http://127.0.0.1/")
    begun = await started(parts)
    await parts.storage.sessions.move(begun.session_id, status, by="system:custodian", reason="why")
    await announce_due(parts)
    [delivery] = (await parts.storage.deliveries.page(webhook.webhook_id))[0]
    assert delivery.event is EventKind.SESSION_ENDED
    assert delivery.payload is not None
    assert delivery.payload["data"]["status"] == status
    assert delivery.session_id == begun.session_id


async def test_a_session_that_fails_twice_is_two_events_and_one_that_began_again_none_yet(parts: Parts) -> None:
    webhook = await registered(parts, "http://127.0.0.1/")
    begun = await started(parts)
    for _ in range(2):
        await parts.storage.sessions.move(begun.session_id, Status.FAILED, by="system:custodian", reason="why")
        await announce_due(parts)
        await parts.storage.sessions.start(begun.session_id, by="candidate")
    await parts.storage.sessions.move(begun.session_id, Status.FAILED, by="system:custodian", reason="why")
    await parts.storage.sessions.start(begun.session_id, by="candidate")
    assert await announce_due(parts) == 0
    page, _ = await parts.storage.deliveries.page(webhook.webhook_id)
    assert len(page) == 2


async def test_only_those_that_asked_are_told(parts: Parts) -> None:
    wants = await registered(parts, "http://127.0.0.1/", events=(EventKind.SESSION_COMPLETED,))
    others = await registered(parts, "http://127.0.0.1/", events=(EventKind.REPORT_READY,))
    off = await registered(parts, "http://127.0.0.1/", disabled_at=NOON)
    await completed(parts)
    await announce_due(parts)
    told = [len((await parts.storage.deliveries.page(one.webhook_id))[0]) for one in (wants, others, off)]
    assert told == [1, 0, 0]


async def test_an_erased_session_is_not_announced_and_harms_no_other(parts: Parts, clock: VirtualClock) -> None:
    webhook = await registered(parts, "http://127.0.0.1/")
    gone, stays = await completed(parts), await completed(parts)
    await parts.storage.erase_session(gone.session_id)
    assert await announce_due(parts) == 1
    page, _ = await parts.storage.deliveries.page(webhook.webhook_id)
    assert [(one.session_id, one.status) for one in page] == [(stays.session_id, DeliveryStatus.QUEUED)]
