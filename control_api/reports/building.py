"""Building reports anew, and seeing to those that were given up."""

from control_api.access import OnHouse, OnSession
from control_api.parts import Parts
from interview.errors import Conflict, NotFound
from interview.report import Report, ReportStatus
from interview.session import Session

QUEUE_SHOWN = 200


async def versions_of(parts: Parts, session: Session) -> list[Report]:
    """Return every version, the newest first."""
    return list(reversed(await parts.storage.reports.versions(session.session_id)))


async def rebuild(parts: Parts, on: OnSession, *, afresh: bool) -> Report:
    """Queue the next version; one that waits already is returned instead.

    Raises `NotFound` (`report_not_found`) where there is none yet, `Conflict` (`not_over`).
    """
    session = on.session
    _check_sources(session)
    if await parts.storage.reports.latest(session.session_id) is None:
        raise NotFound("this session has no report; ending it queues one", code="report_not_found")
    report = await parts.storage.reports.rebuild(session.session_id, reason="asked", afresh=afresh)
    await _note(parts, on, "rebuild report")
    return report


async def requeue(parts: Parts, on: OnSession) -> Report:
    """Give the newest version, which was given up, another chance.

    Raises `NotFound` (`report_not_found`), `Conflict` (`report_not_failed`).
    """
    _check_sources(on.session)
    latest = await parts.storage.reports.latest(on.session.session_id)
    if latest is None:
        raise NotFound("this session has no report; ending it queues one", code="report_not_found")
    again = await parts.storage.reports.requeue(latest) if latest.status is ReportStatus.FAILED else None
    if again is None:
        raise Conflict("its report was not given up", code="report_not_failed", status=latest.status.value)
    await _note(parts, on, "requeue report")
    return again


async def queue(parts: Parts, on: OnHouse) -> tuple[list[Report], bool]:
    """Return the reports of one's own sessions (admin: of all) that are not ready; and whether there are more."""
    found = await parts.storage.reports.unfinished(on.rows_of, QUEUE_SHOWN + 1)
    return found[:QUEUE_SHOWN], len(found) > QUEUE_SHOWN


def _check_sources(session: Session) -> None:
    if not session.is_kept:
        raise NotFound("what it would be built from is gone", code="report_not_found")


async def _note(parts: Parts, on: OnSession, action: str) -> None:
    await parts.storage.audit.add(actor=on.caller.actor, action=action, subject=f"session:{on.session.session_id}")
