"""The use cases of résumés."""

import hashlib

from control_api.access import OnSession, UserCaller
from control_api.parts import Parts
from control_api.sessions.moves import note
from interview.errors import NotFound
from interview.report import ReportStatus
from interview.resume import Resume
from interview.session import BY_CANDIDATE, ENDED
from interview.storage.resumes import file_id_of
from interview.storage.session_edits import check_not_begun

AT_ONCE = 100
"""Résumés that one round of the custodian looks at; the next goes on."""
_BUILT = frozenset({ReportStatus.READY, ReportStatus.FAILED})


async def take_resume(parts: Parts, on: OnSession, content: bytes) -> Resume:
    """Read a résumé and keep it, in place of the one before, until the start.

    Raises `Conflict` (`already_begun`), and what `ResumeReader.read` raises.
    """
    check_not_begun(on.session)
    read = await parts.resumes.read(content)
    session_id = on.session.session_id
    resume = Resume(
        session_id=session_id,
        kind=read.kind,
        size_bytes=len(content),
        pages=read.pages,
        text=read.text,
        file_id=file_id_of(session_id, hashlib.sha256(content).hexdigest()),
        uploaded_at=parts.clock.now(),
        uploaded_by=on.caller.user.user_id if isinstance(on.caller, UserCaller) else BY_CANDIDATE,
    )
    await parts.storage.resumes.put(resume, content)
    await note(parts, on.caller, "take resume", on.session)
    return resume


async def resume_of(parts: Parts, on: OnSession) -> Resume:
    """Return the session's résumé. Raises `NotFound` (`resume_not_found`)."""
    resume = await parts.storage.resumes.get(on.session.session_id)
    if resume is None:
        raise NotFound("there is no résumé: none was handed in, or it was deleted", code="resume_not_found")
    return resume


async def delete_resume(parts: Parts, on: OnSession) -> None:
    """Delete the session's résumé, at any time. Repeating it is harmless."""
    if await parts.storage.resumes.forget(on.session.session_id):
        await note(parts, on.caller, "delete resume", on.session)


async def forget_used_resumes(parts: Parts) -> int:
    """Delete the résumés of interviews whose report is ready, or of which there will be none; return how many.

    A duty of the custodian: a résumé is found by its mark, which `clear_up` sets after it has queued the report.
    """
    gone = 0
    for resume in await parts.storage.resumes.over(AT_ONCE):
        session = await parts.storage.sessions.get(resume.session_id)
        report = await parts.storage.reports.latest(resume.session_id)
        if session.status in ENDED and (report is None or report.status in _BUILT):
            gone += await parts.storage.resumes.forget(resume.session_id)
            await parts.storage.audit.add(
                actor="system:custodian", action="delete resume", subject=f"session:{resume.session_id}"
            )
    return gone
