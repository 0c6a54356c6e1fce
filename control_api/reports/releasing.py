"""What of the report its candidate may read."""

from dataclasses import dataclass
from typing import Any

from control_api.access import OnSession
from control_api.access.callers import CandidateCaller
from control_api.parts import Parts
from control_api.reports.blind import check_may_see_scores
from control_api.reports.kept import check_is_there
from control_api.reports.schemas import ReleaseRequest
from interview.appraisal import ReportRelease
from interview.candidate_report import candidate_version
from interview.errors import Conflict, NotFound
from interview.report import Report, ReportStatus, newest_to_read
from interview.session import Session


@dataclass(frozen=True)
class CandidateReport:
    """The candidate's version, and whether they may read it."""

    version: int
    released: bool
    note: str
    content: dict[str, Any]


async def release(parts: Parts, on: OnSession, given: ReleaseRequest) -> ReportRelease:
    """Let the candidate read the newest version that is ready.

    Raises `NotFound` (`session_deleted`) and `Conflict` (`report_not_ready`, `too_many_entries`).
    """
    check_is_there(on.session)
    shown = await _newest_ready(parts, on.session)
    if shown is None:
        raise Conflict("no version of the report is ready", code="report_not_ready")
    return await _add(parts, on, ReportRelease(**_by(parts, on), version=shown.version, **given.model_dump()))


async def withdraw(parts: Parts, on: OnSession) -> None:
    """Take it back; a repeat is harmless."""
    if (current := await current_release(parts, on.session)) is not None and current.version is not None:
        await _add(parts, on, ReportRelease(**_by(parts, on), version=None))


async def current_release(parts: Parts, session: Session) -> ReportRelease | None:
    """Return what holds now, or None where nothing was ever released."""
    entries = await parts.storage.reviews.releases.of(session.session_id)
    return entries[-1] if entries else None


async def candidates_report(parts: Parts, on: OnSession, *, with_levels: bool) -> CandidateReport:
    """Return what the candidate reads; its owner sees beforehand what it would be, `with_levels` or without.

    Raises `NotFound` (`report_not_released`) and, for its owner, `Conflict` (`own_scores_first`).
    """
    current = await current_release(parts, on.session)
    version = current.version if current else None
    by_candidate = isinstance(on.caller, CandidateCaller)
    if not by_candidate:
        await check_may_see_scores(parts, on)
    if version is not None and current is not None:
        report = await parts.storage.reports.version(on.session.session_id, version)
        if report is not None and report.content is not None:
            await _note(parts, on, "read released report" if by_candidate else "read report")
            content = candidate_version(report.content, with_levels=current.with_levels)
            return CandidateReport(version, True, current.note, content)
    preview = None if by_candidate else await _newest_ready(parts, on.session)
    if preview is None or preview.content is None:
        raise NotFound("no report was released to the candidate", code="report_not_released")
    await _note(parts, on, "read report")
    return CandidateReport(preview.version, False, "", candidate_version(preview.content, with_levels=with_levels))


async def _newest_ready(parts: Parts, session: Session) -> Report | None:
    shown = newest_to_read(await parts.storage.reports.versions(session.session_id))
    return shown if shown is not None and shown.status is ReportStatus.READY else None


def _by(parts: Parts, on: OnSession) -> dict[str, Any]:
    return {"session_id": on.session.session_id, "by": on.user.user.user_id, "at": parts.clock.now()}


async def _add(parts: Parts, on: OnSession, entry: ReportRelease) -> ReportRelease:
    stored = await parts.storage.reviews.releases.add(entry)
    await _note(parts, on, "take report back" if entry.version is None else "release report")
    return stored


async def _note(parts: Parts, on: OnSession, action: str) -> None:
    await parts.storage.audit.add(actor=on.caller.actor, action=action, subject=f"session:{on.session.session_id}")
