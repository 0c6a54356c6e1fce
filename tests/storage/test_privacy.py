"""What lies in the database in plain, what is left after erasure, and what `verify` finds."""

import asyncio
import json
import os
from typing import Any

import bson
import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase

from interview.errors import StaleAttempt
from interview.evaluation import EvaluationQuote, EvaluationResult, EvaluationVersions
from interview.incident import Observation, ObservationBatch, Still
from interview.invite import Invite, hash_secret
from interview.session import Consent, ConsentItem, Seat, SeatChangeKind, Session, Status
from interview.storage import Storage
from interview.storage.verify import verify
from tests.storage.builders import NOON, WORDS, dialogue_event, incident, segment, session, turn

STILL = b"the candidate's face"


async def dump(raw: AsyncIOMotorDatabase) -> dict[str, bytes]:
    """Every collection as the database holds it."""
    names = await raw.list_collection_names()
    return {name: b"".join([bson.encode(one) async for one in raw[name].find({})]) for name in names}


async def whole_interview(storage: Storage, *, report: dict[str, Any] | None = None, **changes: Any) -> Session:
    """Store one of everything about one session; `report` is the content of its report."""
    waiting = session(**changes)
    session_id = waiting.session_id
    await storage.sessions.add(waiting)
    await storage.invites.add(
        Invite(
            secret_hash=hash_secret(session_id),
            session_id=session_id,
            created_at=NOON,
        )
    )
    consent = Consent(items=dict.fromkeys(ConsentItem, True), text_version="1", given_at=NOON, given_by="candidate")
    await storage.sessions.set_consent(session_id, consent)
    await storage.sessions.start(session_id, by=f"candidate:{session_id}")
    await storage.sessions.note_joined(session_id, NOON)
    await storage.turns.append(turn(session_id))
    await store_evaluation(storage, session_id)
    await storage.dialogue_events.append(dialogue_event(session_id))
    seen = Observation(at=NOON, detector="yunet", version="1", values={"faces": 0.0})
    await storage.observations.append(ObservationBatch(session_id=session_id, attempt=1, seq=0, observations=(seen,)))
    await storage.recordings.add(segment(session_id), WORDS.encode() * 1000)
    filed = incident(session_id, stills=(Still(moment="at", taken_at=NOON, file_id=f"still:{session_id}"),))
    await storage.files.put(filed.stills[0].file_id, STILL, session_id=session_id, content_type="image/jpeg")
    await storage.incidents.file(filed)
    await storage.sessions.complete(session_id, attempt=1, by="system:agent", reason=f"{WORDS} said goodbye")
    queued = await storage.reports.enqueue(session_id)
    await storage.reports.claim("worker", 60)
    content = report or {"quote": WORDS}
    await storage.reports.finish(queued.report_id, "worker", content, f"<p>{WORDS}</p>".encode())
    await storage.audit.add(f"candidate:{session_id}", "session.completed", f"session:{session_id}")
    return await storage.sessions.get(session_id)


async def store_evaluation(storage: Storage, session_id: str) -> None:
    """Evaluate the answer to the first question, whose only turn is stored."""
    await storage.evaluations.enqueue(session_id, "q1")
    claimed = await storage.evaluations.claim("worker", 60)
    assert claimed is not None
    quote = EvaluationQuote(turn_id=f"{session_id}:0", seq=0, start=0, end=len(WORDS), text=WORDS, said_at=NOON)
    versions = EvaluationVersions(prompt="answer_evaluation", prompt_version=1, plan_id="plan-1", plan_version=1)
    found = EvaluationResult(
        revision=1,
        competency="depth",
        level=3,
        feedback=f"{WORDS}, without a result.",
        quotes=(quote,),
        answer_seqs=(0,),
        versions=versions,
        evaluated_at=NOON,
    )
    await storage.evaluations.finish(claimed, found)


async def test_nothing_that_the_candidate_said_lies_in_plain(storage: Storage, raw: AsyncIOMotorDatabase) -> None:
    written = await whole_interview(storage)
    assert (await storage.turns.of(written.session_id))[0].text == WORDS
    stored = await dump(raw)
    stored.pop("sessions")  # holds the candidate's name, the plan and reasons, in plain by decision
    assert stored["turns"]
    assert stored["files.chunks"]
    for name, content in stored.items():
        for word in (*WORDS.split(), STILL.decode(), "<p>"):
            if len(word) > 3:
                assert word.encode() not in content, f"{name} holds {word!r} in plain"


async def test_the_candidates_name_and_email_lie_in_sessions_alone(storage: Storage, raw: AsyncIOMotorDatabase) -> None:
    written = await whole_interview(storage)
    stored = await dump(raw)
    holding = [name for name, content in stored.items() if written.candidate.email.encode() in content]
    assert holding == ["sessions"]


async def test_after_erasure_no_trace_is_left_but_ids(timed: Storage, timed_raw: AsyncIOMotorDatabase) -> None:
    erased, kept = await whole_interview(timed), session()
    await timed.sessions.add(kept)
    await timed.erase_session(erased.session_id)

    stored = await dump(timed_raw)
    about_kept = bson.encode(await timed_raw["sessions"].find_one({"_id": kept.session_id}) or {})
    everything = b"".join(stored.values()).replace(about_kept, b"")
    for trace in (erased.candidate.name, erased.candidate.email, "quokka", *WORDS.split()):
        if len(trace) > 3:
            assert trace.encode() not in everything, f"{trace!r} is left"
    holding = {name for name, content in stored.items() if erased.session_id.encode() in content}
    assert holding == {"sessions", "audit"}

    tombstone = await timed.sessions.get(erased.session_id)
    assert tombstone.status is Status.DELETED
    assert (tombstone.owner_id, tombstone.created_at) == (erased.owner_id, erased.created_at)
    assert tombstone.consent is None
    assert [entry.target for entry in tombstone.history] == [
        Status.IN_PROGRESS,
        Status.COMPLETED,
        Status.DELETED,
    ]
    assert await timed.sessions.get(kept.session_id) == kept
    assert await verify(timed) == []


async def test_erasing_again_is_harmless_also_at_once(timed: Storage) -> None:
    erased = await whole_interview(timed)
    await asyncio.gather(*(timed.erase_session(erased.session_id) for _ in range(5)))
    first = await timed.sessions.get(erased.session_id)
    await timed.erase_session(erased.session_id)
    assert await timed.sessions.get(erased.session_id) == first
    assert [entry.target for entry in first.history].count(Status.DELETED) == 1


async def test_erasing_finishes_what_a_killed_process_left(timed: Storage) -> None:
    erased = await whole_interview(timed)
    await timed.sessions.tombstone(erased.session_id, by="user:1")
    assert any("was erased" in problem for problem in await verify(timed))
    await timed.erase_session(erased.session_id)
    assert await verify(timed) == []


async def test_a_whole_interview_verifies(timed: Storage) -> None:
    await whole_interview(timed)
    assert await verify(timed) == []


async def test_verify_finds_what_was_spoiled_and_names_it_without_quoting(
    timed: Storage, timed_raw: AsyncIOMotorDatabase
) -> None:
    spoiled = await whole_interview(timed)
    session_id = spoiled.session_id
    await timed.turns.append(turn(session_id, 1))
    await timed.turns.append(turn(session_id, 2))
    for seq in (1, 2, 3):
        await timed.recordings.add(segment(session_id, seq), os.urandom(600_000))

    async def upload(seq: int) -> str:
        entry = await timed_raw["files.files"].find_one({"filename": f"recording:{session_id}:1:{seq}"})
        assert entry is not None
        return entry["_id"]

    change = timed_raw["turns"].update_one
    await change({"_id": f"{session_id}:0"}, {"$set": {"sealed": b"\x01\x04testnonsense"}})
    await change({"_id": f"{session_id}:1"}, {"$set": {"sealed": "not even bytes"}})
    await change({"_id": f"{session_id}:2"}, {"$set": {"speaker": WORDS}})
    await timed_raw["files.chunks"].delete_one({"files_id": await upload(1), "n": 1})
    await timed_raw["files.chunks"].update_one({"files_id": await upload(2), "n": 0}, {"$set": {"n": 7}})
    gone = await upload(3)
    await timed_raw["files.files"].delete_one({"_id": gone})
    await timed_raw["sessions"].update_one({"_id": session_id}, {"$set": {"attempt": "first"}})
    await timed_raw["leases"].insert_one({"_id": "custodian", "owner": "api"})

    problems = await verify(timed)
    expected = [
        (f"turns:{session_id}:0", "altered"),
        (f"turns:{session_id}:1", "sealed"),
        (f"turns:{session_id}:2", "speaker"),
        (f"recording:{session_id}:1:1", "damaged"),
        (f"recording:{session_id}:1:2", "damaged"),
        (f"recordings:{session_id}:1:3", "missing"),
        (f"sessions:{session_id}", "attempt"),
        ("leases:custodian", "until"),
    ]
    for where, what in expected:
        assert any(where in problem and what in problem for problem in problems), (where, problems)
    assert len(problems) == len(expected), problems
    assert WORDS not in json.dumps(problems)


async def test_no_link_and_no_seat_is_stored_about_an_erased_session(timed: Storage) -> None:
    before = session()
    await timed.sessions.add(before)
    await timed.erase_session(before.session_id)
    link = Invite(secret_hash=hash_secret("x"), session_id=before.session_id, created_at=NOON)
    with pytest.raises(StaleAttempt):
        await timed.invites.add(link)
    assert await timed.invites.get(link.secret_hash) is None
    seat = Seat(seat_hash="x", taken_at=NOON, used_at=NOON)
    assert await timed.session_edits.take_seat(before, seat, SeatChangeKind.TAKEN_OVER) is None
    await timed.session_edits.note_refused_seat(before.session_id, NOON)
    assert await verify(timed) == []
    assert (await timed.sessions.get(before.session_id)).seat_changes == ()
