"""The use cases of résumés."""

import hashlib
import logging

from control_api.access import OnSession, UserCaller
from control_api.parts import Parts
from control_api.sessions.moves import note
from interview.errors import Conflict, NotFound, StorageUnavailable, VivaError
from interview.report import ReportStatus
from interview.resume import Resume
from interview.session import BY_CANDIDATE, ENDED, Session, Status
from interview.storage.resumes import file_id_of
from interview.storage.session_edits import check_not_begun

log = logging.getLogger(__name__)

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
    await _check_is_the_same(parts, on.session)
    await note(parts, on.caller, "take resume", on.session)
    return resume


async def _check_is_the_same(parts: Parts, before: Session) -> None:
    """Take a résumé back that was being read while its session began, or became another person's."""
    session = await parts.storage.sessions.get(before.session_id)
    if session.status is Status.INITIALIZED and session.candidate_email == before.candidate_email:
        return
    await parts.storage.resumes.forget(session.session_id)
    check_not_begun(session)
    raise Conflict("the session became another person's meanwhile", code="already_begun", status=session.status.value)


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
        try:
            gone += await _forget_if_used(parts, resume.session_id)
        except StorageUnavailable:
            raise
        except VivaError as error:  # one that a hand has spoilt does not keep the others
            log.error("the résumé of session %s was not deleted: %s", resume.session_id, error.code)
    return gone


async def _forget_if_used(parts: Parts, session_id: str) -> bool:
    session = await parts.storage.sessions.get(session_id)
    report = await parts.storage.reports.latest(session_id)
    if session.status not in ENDED or not (report is None or report.status in _BUILT):
        return False
    gone = await parts.storage.resumes.forget(session_id)
    await parts.storage.audit.add(actor="system:custodian", action="delete resume", subject=f"session:{session_id}")
    return gone
