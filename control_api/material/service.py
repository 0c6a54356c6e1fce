"""Reading what an interview left behind. Each function notes in the audit log who read what."""

import asyncio
import logging
from datetime import datetime
from typing import IO

from control_api.access import OnSession
from control_api.downloads import new_file
from control_api.material.schemas import CorrectionView, EvaluationView
from control_api.parts import Parts
from control_api.reports.blind import check_may_see_scores, is_withheld
from interview.audio import WavWriter
from interview.errors import Conflict, Invalid, NotFound
from interview.gaps import Gap, gaps_of
from interview.incident import Incident
from interview.recording import RecordingSegment
from interview.report import Report, newest_to_read
from interview.session import Status
from interview.transcript import Turn

log = logging.getLogger(__name__)


async def read_transcript(parts: Parts, on: OnSession) -> list[Turn]:
    """Return the session's turns, in order."""
    await _note_reading(parts, on, "read transcript")
    return await parts.storage.turns.of(on.session.session_id)


async def read_corrections(parts: Parts, on: OnSession) -> list[CorrectionView]:
    """Return what turns are read as instead, in the order in which that was decided. Read together with the turns."""
    session_id = on.session.session_id
    views = [
        CorrectionView(
            turn_id=problem.correction.turn_id,
            text=problem.correction.text,
            reason=problem.answer or "",
            by=problem.answered_by,
            at=problem.answered_at,
            problem_id=problem.problem_id,
        )
        for problem in await parts.storage.problems.corrections_of(session_id)
        if problem.correction and problem.answered_by and problem.answered_at
    ]
    views += [
        CorrectionView(turn_id=one.turn_id, text=one.text, reason=one.reason, by=one.by, at=one.at, problem_id=None)
        for one in await parts.storage.reviews.corrections.of(session_id)
    ]
    return sorted(views, key=lambda view: view.at)


async def read_recording(parts: Parts, on: OnSession) -> tuple[IO[bytes], datetime]:
    """Return the recording as WAV, decrypted and joined (stereo, the candidate left, the interviewer right), and the
    time of its first sample. The caller closes it. What cannot be decoded is silent.

    Raises `NotFound` (`no_recording`) when nothing was recorded, and `TooMany` (`too_many_downloads`).
    """
    await _note_reading(parts, on, "read recording")
    async with parts.downloads.place():
        segments = await parts.storage.recordings.of(on.session.session_id)
        sink = new_file()
        try:
            wav = WavWriter(sink, segments)
            for segment in segments:
                await _add_segment(parts, wav, segment)
            await asyncio.to_thread(wav.close)
            sink.seek(0)
        except BaseException:
            sink.close()
            raise
    return sink, segments[0].started_at


async def read_outline(parts: Parts, on: OnSession) -> tuple[list[RecordingSegment], tuple[Gap, ...]]:
    """Return the segments of the recording, by time, and its gaps. Raises `NotFound` as `read_recording` does."""
    await _note_reading(parts, on, "read recording outline")
    segments = await parts.storage.recordings.of(on.session.session_id)
    if not segments:
        raise NotFound("nothing was recorded in this session", code="no_recording")
    turns = await parts.storage.turns.of(on.session.session_id)
    return segments, gaps_of(on.session, segments, turns)


async def _add_segment(parts: Parts, wav: WavWriter, segment: RecordingSegment) -> None:
    audio = await parts.storage.recordings.audio(segment)
    try:
        await asyncio.to_thread(wav.add, segment, audio)
    except Invalid as error:
        log.error("session %s: a segment is left out of its recording: %s", segment.session_id, error.code)


async def read_incidents(parts: Parts, on: OnSession) -> list[Incident]:
    """Return the incidents, by time."""
    await _note_reading(parts, on, "read incidents")
    return await parts.storage.incidents.of(on.session.session_id)


async def read_still(parts: Parts, on: OnSession, incident_id: str, moment: str) -> bytes:
    """Return one still as JPEG. Raises `NotFound` when the incident is not of this session or has no such still."""
    await _note_reading(parts, on, "read still")
    incidents = await parts.storage.incidents.of(on.session.session_id)
    stills = (still for incident in incidents if incident.incident_id == incident_id for still in incident.stills)
    for still in stills:
        if still.moment == moment:
            return await parts.storage.files.get(still.file_id)
    raise NotFound("there is no such still", code="still_not_found")


async def read_evaluations(parts: Parts, on: OnSession) -> list[EvaluationView]:
    """Return what each answer was found to show so far, in the plan's order. Raises `Conflict` (`own_scores_first`)."""
    await check_may_see_scores(parts, on)
    await _note_reading(parts, on, "read evaluations")
    of = {one.question_id: one for one in await parts.storage.evaluations.of(on.session.session_id)}
    plan = on.session.plan
    return [EvaluationView.of(of[question.id], plan) for question in plan.questions if question.id in of]


async def read_report(parts: Parts, on: OnSession, version: int | None = None) -> Report:
    """Return that version of the report, or the newest that can be read, or else the newest.

    Its content is left out where own scores come first (`check_may_see_scores`). Raises `NotFound`
    (`report_not_found`).
    """
    reports, session_id = parts.storage.reports, on.session.session_id
    if version is None:
        versions = await reports.versions(session_id)
        report = newest_to_read(versions) or (versions[-1] if versions else None)
    else:
        report = await reports.version(session_id, version)
    withheld = await is_withheld(parts, on.session, on.user)
    shown = report is not None and report.is_readable and not withheld
    await _note_reading(parts, on, "read report" if shown else "read report state")
    if report is None:
        said = "this session has no report; ending it queues one" if version is None else "it has no such version"
        raise NotFound(said, code="report_not_found")
    return report.model_copy(update={"content": None}) if withheld else report


async def read_report_html(parts: Parts, on: OnSession) -> bytes:
    """Return the report's page. Raises as `read_report`, and `Conflict` (`report_not_ready`, `own_scores_first`)."""
    await check_may_see_scores(parts, on)
    report = await read_report(parts, on)
    if not report.is_readable:
        raise Conflict("the report is not ready", code="report_not_ready", status=report.status.value)
    return await parts.storage.reports.html(report)


async def _note_reading(parts: Parts, on: OnSession, action: str) -> None:
    session = on.session
    if session.status is Status.DELETED:
        raise NotFound("this session was deleted, and everything about it erased", code="session_deleted")
    await parts.storage.audit.add(actor=on.caller.actor, action=action, subject=f"session:{session.session_id}")
