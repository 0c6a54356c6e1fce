"""What anonymising leaves of an interview: figures, scores and times, and nobody."""

import bson
import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase

from interview.errors import Conflict, StaleAttempt
from interview.report import ReportStatus
from interview.session import Status
from interview.storage import Storage
from interview.storage.verify import verify
from tests.storage.builders import NOON, WORDS, incident, segment, session, turn
from tests.storage.test_privacy import dump, whole_interview

CONTENT = {
    "session": {"candidate_name": "Zephyrine Quokka", "plan_title": "Backend", "status": "COMPLETED"},
    "competencies": [
        {"id": "depth", "level": 4, "reason": WORDS, "quotes": [{"text": WORDS, "seq": 0}], "confidence": 0.5}
    ],
    "figures": {"candidate_s": 12.5, "by_question": [{"question_id": "q1", "answer_words": 5}]},
    "transcript": [{"seq": 0, "text": WORDS}],
    "versions": {"models": {"scoring": "qwen"}},
    "surprise": {"nested": [WORDS, 3, {"deep": WORDS}]},
}


async def test_nothing_that_names_or_quotes_is_left_and_figures_are(
    timed: Storage, timed_raw: AsyncIOMotorDatabase
) -> None:
    written = await whole_interview(timed, report=CONTENT)
    session_id = written.session_id
    said, filed = (await timed.turns.of(session_id))[0], (await timed.incidents.of(session_id))[0]
    await timed.anonymise_session(session_id)

    everything = b"".join((await dump(timed_raw)).values())
    for trace in (written.candidate.name, written.candidate.email, *WORDS.split()):
        if len(trace) > 3 and trace not in written.plan.job_description:
            assert trace.encode() not in everything, trace
    left = await timed.sessions.get(session_id)
    assert (left.candidate.name, left.status, left.ended_at) == ("anonymised", written.status, written.ended_at)
    assert (left.plan, left.consent, left.progress) == (written.plan, written.consent, written.progress)
    (blank,) = await timed.turns.of(session_id)
    assert blank == said.model_copy(update={"text": "", "words": ()})
    assert await timed.incidents.of(session_id) == [filed.model_copy(update={"stills": ()})]
    assert await timed.files.ids_of(session_id) == []
    for gone in ("invites", "dialogue_events", "observations", "recordings"):
        assert await timed_raw[gone].count_documents({"session_id": session_id}) == 0, gone

    report = await timed.reports.latest(session_id)
    assert report is not None
    assert report.status is ReportStatus.READY
    assert report.html_file_id is None
    assert report.content == {
        "session": {"candidate_name": "", "plan_title": "", "status": "COMPLETED"},
        "competencies": [{"id": "depth", "level": 4, "reason": "", "quotes": [], "confidence": 0.5}],
        "figures": {"candidate_s": 12.5, "by_question": [{"question_id": "q1", "answer_words": 5}]},
        "transcript": [],
        "versions": {"models": {"scoring": "qwen"}},
        "surprise": {"nested": ["", 3, {"deep": ""}]},
    }
    assert await verify(timed) == []
    assert await timed.sessions.of_email(written.candidate.email) == []


async def test_anonymising_again_is_harmless_and_finishes_what_a_killed_process_left(timed: Storage) -> None:
    written = await whole_interview(timed)
    await timed.sessions.anonymise(written.session_id)
    assert await timed.turns.of(written.session_id) != []
    await timed.anonymise_session(written.session_id)
    first = await timed.sessions.get(written.session_id)
    await timed.anonymise_session(written.session_id)
    assert await timed.sessions.get(written.session_id) == first
    assert [one.text for one in await timed.turns.of(written.session_id)] == [""]


async def test_who_still_writes_about_it_is_refused(timed: Storage) -> None:
    written = await whole_interview(timed)
    session_id = written.session_id
    await timed.anonymise_session(session_id)
    for late in (
        timed.turns.append(turn(session_id, 1)),
        timed.recordings.add(segment(session_id, 1), b"late"),
        timed.files.put("late", b"late", session_id=session_id, content_type="image/jpeg"),
    ):
        with pytest.raises(StaleAttempt):
            await late
    assert await timed.files.ids_of(session_id) == []
    assert len(await timed.turns.of(session_id)) == 1


async def test_a_report_that_waits_is_never_built(timed: Storage) -> None:
    over = session(status=Status.COMPLETED, ended_at=NOON)
    await timed.sessions.add(over)
    await timed.reports.enqueue(over.session_id)
    await timed.incidents.file(incident(over.session_id))
    await timed.anonymise_session(over.session_id)
    assert await timed.reports.claim("worker", 60) is None


@pytest.mark.parametrize(
    "status", [Status.INITIALIZED, Status.QUEUED, Status.IN_PROGRESS, Status.PAUSED, Status.FAILED]
)
async def test_what_goes_on_or_may_begin_again_is_not_anonymised(timed: Storage, status: Status) -> None:
    going_on = session(status=status)
    await timed.sessions.add(going_on)
    with pytest.raises(Conflict) as refused:
        await timed.anonymise_session(going_on.session_id)
    assert refused.value.code == "not_ended"
    assert await timed.sessions.get(going_on.session_id) == going_on


async def test_an_anonymised_session_can_still_be_erased(timed: Storage, timed_raw: AsyncIOMotorDatabase) -> None:
    written = await whole_interview(timed)
    await timed.anonymise_session(written.session_id)
    await timed.erase_session(written.session_id)
    left = await timed_raw["sessions"].find_one({"_id": written.session_id})
    assert left is not None
    assert b"quokka" not in bson.encode(left)
