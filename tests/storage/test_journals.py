"""Turns, dialogue events, observations, recordings and incidents: written once, read as written."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from interview.errors import Conflict, Invalid, NotFound, StaleAttempt
from interview.incident import Observation, ObservationBatch
from interview.session import Status
from interview.storage import Storage
from interview.storage.verify import verify
from tests.storage.builders import (
    NOON,
    dialogue_event,
    in_status,
    incident,
    segment,
    still,
    turn,
)


def batch(session_id: str, seq: int = 0, attempt: int = 1, faces: float = 1.0) -> ObservationBatch:
    seen = Observation(at=NOON, detector="yunet", version="2023mar", values={"faces": faces, "score": 0.91})
    return ObservationBatch(session_id=session_id, attempt=attempt, seq=seq, observations=(seen,))


async def test_turns_are_read_in_order_as_they_were_written(storage: Storage) -> None:
    session_id = str(uuid4())
    # Twelve, because as text "10" comes before "2".
    turns = [turn(session_id, seq, text=f"Ünïcode 中文 \N{GRINNING FACE} {seq}") for seq in range(12)]
    for one in reversed(turns):
        await storage.turns.append(one)
    await storage.turns.append(turn(str(uuid4())))
    assert await storage.turns.of(session_id) == turns


async def test_writing_a_turn_again_writes_it_once(storage: Storage) -> None:
    one = turn(str(uuid4()))
    await asyncio.gather(*(storage.turns.append(one) for _ in range(10)))
    assert await storage.turns.of(one.session_id) == [one]


@pytest.mark.parametrize("changes", [{"text": "something else"}, {"attempt": 2}, {"words": ()}])
async def test_another_turn_under_the_same_id_is_refused(storage: Storage, changes: dict[str, object]) -> None:
    one = turn(str(uuid4()))
    await storage.turns.append(one)
    with pytest.raises(Conflict) as refused:
        await storage.turns.append(one.model_copy(update=changes))
    assert refused.value.code == "already_written"
    assert await storage.turns.of(one.session_id) == [one]


async def test_dialogue_events_are_written_once_and_read_in_order(storage: Storage) -> None:
    session_id = str(uuid4())
    events = [dialogue_event(session_id, seq) for seq in range(11)]
    for event in [*reversed(events), *events]:
        await storage.dialogue_events.append(event)
    assert await storage.dialogue_events.of(session_id) == events
    with pytest.raises(Conflict):
        await storage.dialogue_events.append(events[0].model_copy(update={"event": {"type": "typed"}}))


async def test_observations_are_written_once_and_read_by_attempt_and_number(storage: Storage) -> None:
    session_id = str(uuid4())
    batches = [batch(session_id, seq, attempt) for attempt in (1, 2) for seq in range(11)]
    for one in [*reversed(batches), *batches]:
        await storage.observations.append(one)
    assert await storage.observations.of(session_id) == batches
    with pytest.raises(Conflict):
        await storage.observations.append(batch(session_id, faces=2.0))


async def test_recordings_are_read_by_their_start_with_their_audio(storage: Storage) -> None:
    session_id = str(uuid4())
    segments = [segment(session_id, seq) for seq in range(3)]
    for one in [*reversed(segments), *segments]:
        await storage.recordings.add(one, f"audio of {one.seq}".encode())
    assert await storage.recordings.of(session_id) == segments
    assert [await storage.recordings.audio(one) for one in segments] == [
        b"audio of 0",
        b"audio of 1",
        b"audio of 2",
    ]
    assert await storage.files.ids_of(session_id) == [one.file_id for one in segments]


async def test_a_segment_must_name_its_own_file(storage: Storage) -> None:
    one = segment(str(uuid4()))
    with pytest.raises(Invalid):
        await storage.recordings.add(one.model_copy(update={"file_id": "recording:other"}), b"")
    assert await storage.recordings.of(one.session_id) == []


async def test_an_incident_filed_again_is_brought_up_to_date_and_takes_nothing_back(storage: Storage) -> None:
    first = incident(str(uuid4()))
    ended = NOON + timedelta(seconds=5)
    latest = first.model_copy(
        update={"ended_at": ended, "confidence": 0.9, "stills": (still("before"), still("at"), still("after"))}
    )
    for one in (first, latest, first):
        await storage.incidents.file(one)
    assert await storage.incidents.get(first.incident_id) == latest
    assert await storage.incidents.of(first.session_id) == [latest]


async def test_an_incident_filed_by_ten_at_once_is_one(storage: Storage) -> None:
    one = incident(str(uuid4()))
    await asyncio.gather(*(storage.incidents.file(one) for _ in range(10)))
    assert await storage.incidents.of(one.session_id) == [one]


async def test_incidents_are_read_by_their_start(storage: Storage) -> None:
    session_id = str(uuid4())
    written = [incident(session_id, incident_id=uuid4().hex, started_at=NOON + timedelta(seconds=n)) for n in range(4)]
    for one in reversed(written):
        await storage.incidents.file(one)
    assert await storage.incidents.of(session_id) == written
    with pytest.raises(NotFound):
        await storage.incidents.get("nothing")


async def test_nothing_more_is_stored_about_an_erased_session(timed: Storage) -> None:
    erased = in_status(Status.IN_PROGRESS)
    session_id = erased.session_id
    await timed.sessions.add(erased)
    await timed.erase_session(session_id)
    for late in (
        timed.turns.append(turn(session_id)),
        timed.dialogue_events.append(dialogue_event(session_id)),
        timed.observations.append(batch(session_id)),
        timed.recordings.add(segment(session_id), b"audio"),
        timed.incidents.file(incident(session_id)),
        timed.files.put("still:1", b"jpeg", session_id=session_id, content_type="image/jpeg"),
        timed.reports.enqueue(session_id),
        timed.sessions.claim_turn_seq(session_id, 1),
        timed.sessions.heartbeat(session_id, 1),
    ):
        with pytest.raises(StaleAttempt):
            await late
    assert await timed.files.ids_of(session_id) == []
    assert await verify(timed) == []


async def test_erasing_while_others_write_leaves_nothing_behind(timed: Storage) -> None:
    running = in_status(Status.IN_PROGRESS)
    session_id = running.session_id
    await timed.sessions.add(running)

    async def write(seq: int) -> None:
        await timed.turns.append(turn(session_id, seq))
        await timed.recordings.add(segment(session_id, seq), b"audio")

    writers = [asyncio.create_task(write(seq)) for seq in range(12)]
    await writers[0]
    await timed.erase_session(session_id)
    await asyncio.gather(*writers, return_exceptions=True)
    assert await timed.turns.of(session_id) == []
    assert await timed.recordings.of(session_id) == []
    assert await timed.files.ids_of(session_id) == []
    assert await verify(timed) == []
