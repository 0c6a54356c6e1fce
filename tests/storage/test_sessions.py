"""The lifecycle of sessions, their fencing, presence and counts."""

import asyncio
from datetime import timedelta
from itertools import product
from uuid import uuid4

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase

from interview.clock import VirtualClock
from interview.errors import Conflict, IllegalTransition, Invalid, NotFound, StaleAttempt
from interview.session import (
    ENDED,
    LEGAL,
    Consent,
    ConsentItem,
    HistoryEntry,
    Progress,
    Session,
    Stage,
    Status,
)
from interview.storage import Storage
from interview.storage.session_moves import MAX_MOVES
from tests.storage.builders import NOON, in_status, session

ENDS = (Status.COMPLETED, Status.ABANDONED, Status.EXPIRED, Status.FAILED)


async def test_a_session_is_read_as_it_was_written(storage: Storage) -> None:
    consent = Consent(
        items={ConsentItem.INTERVIEW: True, ConsentItem.CAMERA: False},
        text_version="2",
        given_at=NOON,
        given_by="candidate",
    )
    written = session(
        consent=consent, history=(HistoryEntry(at=NOON, source=None, target=Status.INITIALIZED, by="user:1"),)
    )
    await storage.sessions.add(written)
    assert await storage.sessions.get(written.session_id) == written


async def test_a_second_session_with_the_same_id_is_refused(storage: Storage) -> None:
    first = session()
    await storage.sessions.add(first)
    with pytest.raises(Conflict):
        await storage.sessions.add(first.model_copy(update={"owner_id": "somebody-else"}))
    assert await storage.sessions.get(first.session_id) == first


@pytest.mark.parametrize(("source", "target"), list(product(Status, Status)))
async def test_a_move_happens_exactly_when_the_table_allows_it(
    storage: Storage, source: Status, target: Status
) -> None:
    before = in_status(source)
    await storage.sessions.add(before)
    if target in LEGAL[source]:
        after = await storage.sessions.move(before.session_id, target, by="user:1", reason="because")
        assert after.status is target
        assert (after.history[-1].source, after.history[-1].target) == (source, target)
        assert (after.ended_at is not None) == (target in ENDED)
        assert await storage.sessions.get(before.session_id) == after
    elif target is Status.DELETED:
        assert (await storage.sessions.move(before.session_id, target, by="user:1")) == before
    else:
        with pytest.raises(IllegalTransition) as refused:
            await storage.sessions.move(before.session_id, target, by="user:1")
        assert refused.value.details["status"] == source.value
        assert await storage.sessions.get(before.session_id) == before


async def test_a_move_can_be_narrowed_to_some_sources(storage: Storage) -> None:
    paused = in_status(Status.PAUSED)
    await storage.sessions.add(paused)
    with pytest.raises(IllegalTransition):
        await storage.sessions.move(
            paused.session_id, Status.COMPLETED, by="system:agent", only_from=[Status.IN_PROGRESS]
        )


async def test_a_move_changes_other_fields_in_the_same_update(storage: Storage) -> None:
    paused = in_status(Status.PAUSED)
    await storage.sessions.add(paused)
    progress = Progress(answered=1, total=1, stage=Stage.CLOSE)
    after = await storage.sessions.move(
        paused.session_id,
        Status.IN_PROGRESS,
        by="user:1",
        changes={"paused_total_s": 12.5, "progress": progress},
    )
    assert (after.paused_total_s, after.progress) == (12.5, progress)


@pytest.mark.parametrize(
    "changes",
    [
        {"paused_total_s": "long"},
        {"status": Status.COMPLETED},
        {"attempt": 9},
        {"nickname": "Z"},
        {"presence.left_at": NOON},
    ],
)
async def test_a_change_that_would_spoil_the_record_is_refused(storage: Storage, changes: dict[str, object]) -> None:
    before = in_status(Status.PAUSED)
    await storage.sessions.add(before)
    with pytest.raises(Invalid) as refused:
        await storage.sessions.move(before.session_id, Status.IN_PROGRESS, by="user:1", changes=changes)
    assert refused.value.code == "bad_change"
    assert await storage.sessions.get(before.session_id) == before


async def test_starting_counts_the_attempt_and_a_restart_forgets_the_failure(
    timed: Storage, clock: VirtualClock
) -> None:
    waiting = session()
    await timed.sessions.add(waiting)
    first = await timed.sessions.start(waiting.session_id, by="user:1")
    assert (first.status, first.attempt, first.started_at) == (Status.IN_PROGRESS, 1, NOON)
    failed = await timed.sessions.move(
        waiting.session_id, Status.FAILED, by="system:custodian", reason="the room was lost", attempt=1
    )
    assert (failed.ended_at, failed.end_reason) == (NOON, "the room was lost")
    clock.advance(60)
    second = await timed.sessions.start(waiting.session_id, by="user:1")
    assert (second.attempt, second.started_at) == (2, NOON + timedelta(seconds=60))
    assert (second.ended_at, second.end_reason) == (None, "")
    assert [entry.target for entry in second.history] == [
        Status.IN_PROGRESS,
        Status.FAILED,
        Status.IN_PROGRESS,
    ]


@pytest.mark.parametrize("status", [Status.IN_PROGRESS, Status.PAUSED, *ENDS[:3], Status.DELETED])
async def test_only_what_waits_or_failed_can_be_started(storage: Storage, status: Status) -> None:
    before = in_status(status)
    await storage.sessions.add(before)
    with pytest.raises(IllegalTransition):
        await storage.sessions.start(before.session_id, by="user:1")


async def test_of_twenty_starts_at_once_one_wins(timed: Storage) -> None:
    waiting = session()
    await timed.sessions.add(waiting)
    results = await asyncio.gather(
        *(timed.sessions.start(waiting.session_id, by=f"user:{n}") for n in range(20)), return_exceptions=True
    )
    assert sum(isinstance(result, Session) for result in results) == 1
    assert sum(isinstance(result, IllegalTransition) for result in results) == 19
    after = await timed.sessions.get(waiting.session_id)
    assert (after.attempt, len(after.history)) == (1, 1)


async def test_racing_ends_leave_one_end(timed: Storage) -> None:
    running = in_status(Status.IN_PROGRESS)
    await timed.sessions.add(running)
    results = await asyncio.gather(
        *(timed.sessions.move(running.session_id, ENDS[n % 4], by=f"user:{n}", reason=str(n)) for n in range(20)),
        return_exceptions=True,
    )
    # FAILED may still become EXPIRED; whatever happened, each winner left the status that it found.
    winners = [result for result in results if isinstance(result, Session)]
    after = await timed.sessions.get(running.session_id)
    assert len(after.history) == len(winners)
    assert after.history[0].source is Status.IN_PROGRESS
    for earlier, later in zip(after.history, after.history[1:], strict=False):
        assert later.source is earlier.target
    assert after.end_reason == after.history[-1].reason


async def test_pausing_and_resuming_against_each_other_keeps_the_history_whole(timed: Storage) -> None:
    running = in_status(Status.IN_PROGRESS)
    await timed.sessions.add(running)
    targets = [Status.PAUSED, Status.IN_PROGRESS] * 20
    await asyncio.gather(
        *(timed.sessions.move(running.session_id, target, by=f"user:{n}") for n, target in enumerate(targets)),
        return_exceptions=True,
    )
    after = await timed.sessions.get(running.session_id)
    statuses = [running.status, *(entry.target for entry in after.history)]
    assert [entry.source for entry in after.history] == statuses[:-1]
    assert statuses[-1] is after.status


async def test_a_session_cannot_be_moved_for_ever_and_can_always_be_ended_and_erased(storage: Storage) -> None:
    entry = HistoryEntry(at=NOON, source=Status.PAUSED, target=Status.IN_PROGRESS, by="user:1")
    one = session(status=Status.IN_PROGRESS, attempt=500, history=(entry,) * MAX_MOVES)
    await storage.sessions.add(one)
    with pytest.raises(IllegalTransition):
        await storage.sessions.pause(one.session_id, by="user:1")
    await storage.sessions.move(one.session_id, Status.EXPIRED, by="user:1")
    assert (await storage.sessions.tombstone(one.session_id, by="user:1")).status is Status.DELETED


async def test_of_two_workers_completing_one_wins_and_the_repeat_is_harmless(storage: Storage) -> None:
    running = in_status(Status.IN_PROGRESS)
    await storage.sessions.add(running)
    first, second = await asyncio.gather(
        *(
            storage.sessions.complete(running.session_id, attempt=1, by=f"system:agent-{n}", reason=f"by {n}")
            for n in range(2)
        )
    )
    assert first.status is second.status is Status.COMPLETED
    assert first.end_reason == second.end_reason
    after = await storage.sessions.get(running.session_id)
    assert [entry.target for entry in after.history] == [Status.COMPLETED]
    again = await storage.sessions.complete(running.session_id, attempt=1, by="system:agent", reason="late")
    assert again == after


async def test_a_replaced_attempt_cannot_write(storage: Storage) -> None:
    waiting = session()
    session_id = waiting.session_id
    await storage.sessions.add(waiting)
    await storage.sessions.start(session_id, by="user:1")
    await storage.sessions.move(session_id, Status.FAILED, by="system:custodian", attempt=1)
    running = await storage.sessions.start(session_id, by="system:custodian")
    assert running.attempt == 2
    for stale in (
        storage.sessions.complete(session_id, attempt=1, by="system:agent", reason="done"),
        storage.sessions.move(session_id, Status.PAUSED, by="system:agent", attempt=1),
        storage.sessions.heartbeat(session_id, 1),
        storage.sessions.set_progress(session_id, 1, Progress(answered=1, total=1)),
        storage.sessions.claim_turn_seq(session_id, 1),
    ):
        with pytest.raises(StaleAttempt):
            await stale
    assert await storage.sessions.get(session_id) == running


async def test_an_older_attempt_cannot_complete_what_a_newer_one_completed(storage: Storage) -> None:
    running = session(status=Status.IN_PROGRESS, attempt=2)
    await storage.sessions.add(running)
    await storage.sessions.complete(running.session_id, attempt=2, by="system:agent", reason="done")
    with pytest.raises(StaleAttempt):
        await storage.sessions.complete(running.session_id, attempt=1, by="system:agent", reason="done")


async def test_two_hundred_turn_numbers_have_no_gap_and_no_double(timed: Storage) -> None:
    running = in_status(Status.IN_PROGRESS)
    await timed.sessions.add(running)
    taken = await asyncio.gather(*(timed.sessions.claim_turn_seq(running.session_id, 1) for _ in range(200)))
    assert sorted(taken) == list(range(200))


async def test_a_heartbeat_returns_the_session_as_it_now_is(timed: Storage, clock: VirtualClock) -> None:
    running = in_status(Status.IN_PROGRESS)
    await timed.sessions.add(running)
    await timed.sessions.move(running.session_id, Status.PAUSED, by="user:1")
    clock.advance(2)
    seen = await timed.sessions.heartbeat(running.session_id, 1)
    assert seen.status is Status.PAUSED
    assert seen.agent is not None
    assert (seen.agent.attempt, seen.agent.heartbeat_at) == (1, NOON + timedelta(seconds=2))


async def test_progress_is_kept(storage: Storage) -> None:
    running = in_status(Status.IN_PROGRESS)
    await storage.sessions.add(running)
    progress = Progress(answered=1, total=1, stage=Stage.QUESTIONS, question_id="q1")
    await storage.sessions.set_progress(running.session_id, 1, progress)
    assert (await storage.sessions.get(running.session_id)).progress == progress


async def test_the_first_joining_starts_the_clock_and_late_notes_do_not_turn_presence_back(storage: Storage) -> None:
    running = in_status(Status.IN_PROGRESS)
    session_id = running.session_id
    await storage.sessions.add(running)
    later, latest = NOON + timedelta(seconds=30), NOON + timedelta(seconds=60)
    await storage.sessions.note_joined(session_id, NOON)
    await storage.sessions.note_left(session_id, later)
    await storage.sessions.note_joined(session_id, latest)
    await storage.sessions.note_joined(session_id, later)
    await storage.sessions.note_left(session_id, NOON)
    after = await storage.sessions.get(session_id)
    assert after.clock_started_at == after.presence.first_joined_at == NOON
    assert (after.presence.joined_at, after.presence.left_at) == (latest, later)


async def test_consent_is_taken_until_the_start(storage: Storage) -> None:
    waiting = session()
    await storage.sessions.add(waiting)
    consent = Consent(
        items={ConsentItem.INTERVIEW: True, ConsentItem.RECORDING: True},
        text_version="1",
        given_at=NOON,
        given_by="candidate",
    )
    consented = await storage.sessions.set_consent(waiting.session_id, consent)
    assert consented.consents(ConsentItem.RECORDING)
    assert not consented.consents(ConsentItem.CAMERA)
    await storage.sessions.start(waiting.session_id, by="user:1")
    with pytest.raises(Conflict) as refused:
        await storage.sessions.set_consent(waiting.session_id, consent)
    assert refused.value.details["status"] == "IN_PROGRESS"


async def test_an_unknown_session_is_not_found(storage: Storage) -> None:
    nobody = str(uuid4())
    sessions = storage.sessions
    for call in (
        sessions.get(nobody),
        sessions.move(nobody, Status.QUEUED, by="user:1"),
        sessions.start(nobody, by="user:1"),
        sessions.complete(nobody, attempt=1, by="user:1", reason=""),
        sessions.heartbeat(nobody, 1),
        sessions.note_joined(nobody, NOON),
        sessions.note_left(nobody, NOON),
        sessions.set_progress(nobody, 1, Progress(total=1)),
        sessions.claim_turn_seq(nobody, 1),
        sessions.tombstone(nobody, by="user:1"),
    ):
        with pytest.raises(NotFound):
            await call


async def test_counts_and_lists_by_status(timed: Storage) -> None:
    for n, status in enumerate((Status.INITIALIZED, Status.IN_PROGRESS, Status.IN_PROGRESS, Status.PAUSED)):
        await timed.sessions.add(
            in_status(status).model_copy(update={"created_at": NOON - timedelta(seconds=n), "owner_id": "a"})
        )
    await timed.sessions.add(session(owner_id="b"))
    assert (await timed.sessions.counts_by_status("a"))[Status.IN_PROGRESS] == 2
    everybody = await timed.sessions.counts_by_status(None)
    assert everybody == {
        **dict.fromkeys(Status, 0),
        Status.INITIALIZED: 2,
        Status.IN_PROGRESS: 2,
        Status.PAUSED: 1,
    }
    found = await timed.sessions.in_status([Status.IN_PROGRESS, Status.PAUSED])
    assert [one.status for one in found] == [Status.PAUSED, Status.IN_PROGRESS, Status.IN_PROGRESS]
    assert len(await timed.sessions.in_status([Status.IN_PROGRESS, Status.PAUSED], limit=2)) == 2


async def test_one_spoilt_document_does_not_hide_the_others_from_the_houses_duties(
    timed: Storage, timed_raw: AsyncIOMotorDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    spoilt, good = in_status(Status.IN_PROGRESS), in_status(Status.IN_PROGRESS)
    for one in (spoilt, good):
        await timed.sessions.add(one)
    await timed_raw["sessions"].update_one({"_id": spoilt.session_id}, {"$set": {"attempt": "many"}})
    found = await timed.sessions.in_status({Status.IN_PROGRESS})
    assert [session.session_id for session in found] == [good.session_id]
    assert spoilt.session_id in caplog.text
