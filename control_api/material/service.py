"""Reading what an interview left behind. Each function checks who reads, and notes in the audit log that they did."""

import asyncio

from control_api.access import Act, Caller, session_for
from control_api.parts import Parts
from interview import audio
from interview.audio import JoinedRecording
from interview.errors import Conflict, NotFound
from interview.incident import Incident
from interview.report import Report, ReportStatus
from interview.session import Session, Status
from interview.transcript import Turn


async def read_transcript(parts: Parts, caller: Caller, session_id: str) -> tuple[Session, list[Turn]]:
    """Return the session and its turns, in order."""
    session = await _readable(parts, caller, session_id, "read transcript")
    return session, await parts.storage.turns.of(session_id)


async def read_recording(parts: Parts, caller: Caller, session_id: str) -> JoinedRecording:
    """Return the recording, decrypted and joined: stereo, the candidate left, the interviewer right.

    Raises `NotFound` (`no_recording`) when nothing was recorded.
    """
    await _readable(parts, caller, session_id, "read recording")
    segments = await parts.storage.recordings.of(session_id)
    pieces = [(segment, await parts.storage.recordings.audio(segment)) for segment in segments]
    return await asyncio.to_thread(audio.join, pieces)


async def read_incidents(parts: Parts, caller: Caller, session_id: str) -> list[Incident]:
    """Return the incidents, by time."""
    await _readable(parts, caller, session_id, "read incidents")
    return await parts.storage.incidents.of(session_id)


async def read_still(parts: Parts, caller: Caller, session_id: str, incident_id: str, moment: str) -> bytes:
    """Return one still as JPEG. Raises `NotFound` when the incident is not of this session or has no such still."""
    await _readable(parts, caller, session_id, "read still")
    incidents = await parts.storage.incidents.of(session_id)
    stills = (still for incident in incidents if incident.incident_id == incident_id for still in incident.stills)
    for still in stills:
        if still.moment == moment:
            return await parts.storage.files.get(still.file_id)
    raise NotFound("there is no such still", code="still_not_found")


async def read_report(parts: Parts, caller: Caller, session_id: str) -> Report:
    """Return the latest report, ready or not. Raises `NotFound` (`report_not_found`) when none was queued."""
    await _readable(parts, caller, session_id, "read report")
    report = await parts.storage.reports.latest(session_id)
    if report is None:
        raise NotFound("this session has no report; ending it queues one", code="report_not_found")
    return report


async def read_report_html(parts: Parts, caller: Caller, session_id: str) -> bytes:
    """Return the report's page. Raises as `read_report`, and `Conflict` (`report_not_ready`)."""
    report = await read_report(parts, caller, session_id)
    if report.status is not ReportStatus.READY:
        raise Conflict("the report is not ready", code="report_not_ready", status=report.status.value)
    return await parts.storage.reports.html(report)


async def _readable(parts: Parts, caller: Caller, session_id: str, action: str) -> Session:
    session = await session_for(parts, caller, session_id, Act.READ_MATERIAL)
    if session.status is Status.DELETED:
        raise NotFound("this session was deleted, and everything about it erased", code="session_deleted")
    await parts.storage.audit.add(actor=caller.actor, action=action, subject=f"session:{session_id}")
    return session
