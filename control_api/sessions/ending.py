"""Ending a session, and erasing one."""

import logging

from control_api.access import Caller, UserCaller
from control_api.incidents.page import file_page_incidents
from control_api.parts import Parts
from control_api.sessions.moves import move_if_still
from interview.clock import Clock
from interview.errors import IllegalTransition, RoomServiceUnavailable
from interview.report import ReportStatus
from interview.session import ENDED, Session, Status
from interview.storage import Storage
from interview.transcript import Speaker
from rooms.rooms import Rooms

log = logging.getLogger(__name__)


async def end(parts: Parts, caller: Caller, session: Session) -> tuple[Session, ReportStatus | None]:
    """End a session that has begun: `COMPLETED`, or `EXPIRED` when nothing was answered. Repeating it changes nothing.

    Deletes the room and queues the report; returns the session and where the report stands. Raises
    `IllegalTransition` when it has not begun or was deleted.
    """
    if session.status in {Status.INITIALIZED, Status.DELETED}:
        raise IllegalTransition(
            f"a session that is {session.status} cannot be ended", status=session.status.value, wanted="COMPLETED"
        )
    if session.status not in ENDED:
        session = await _end_running(parts, caller, session)
    # also after a repeat: the first call may have died between these steps, and each of them may be repeated
    return session, await clear_up(parts, session)


async def clear_up(parts: Parts, session: Session) -> ReportStatus | None:
    """Do what is due once a session has ended: its room is closed, its seat free, its report queued.

    Returns where the report stands. Every step may be repeated; what fails is done later, by the custodian. Raises
    `RoomServiceUnavailable` never: a room that cannot be closed now is closed as an orphan, or by itself.
    """
    seat = await parts.storage.slots.of(session.session_id)
    current = await parts.storage.sessions.get(session.session_id)
    if current.status not in ENDED:
        return None  # it failed, and has been started again meanwhile
    if seat is not None:
        await parts.storage.slots.release(seat)
    await close_room(parts.rooms, session.session_id)
    if current.attempt > 0 and current.is_kept:
        await file_page_incidents(parts, current)
    report = await queue_report(parts, current)
    await parts.storage.resumes.mark_over(session.session_id)
    await parts.storage.sessions.note_cared_for(session.session_id, session.attempt)
    return report


async def delete(parts: Parts, caller: Caller, session: Session) -> None:
    """Erase everything about a session but a tombstone, from any state. Repeating it erases again what is left."""
    await erase(parts.storage, parts.rooms, parts.clock, session, by=caller.actor)


async def erase(storage: Storage, rooms: Rooms, clock: Clock, session: Session, *, by: str) -> None:
    """Erase a session, for whatever reason; `by` is a role and an id, as in the audit log.

    The tombstone comes first: from then on agents are fenced off, so nothing new is written behind the eraser.
    """
    session_id = session.session_id
    if session.status is not Status.DELETED:
        await storage.sessions.tombstone(session_id, by=by)
        await storage.audit.add(actor=by, action="delete session", subject=f"session:{session_id}")
    await storage.invites.revoke_of(session_id, clock.now())
    await close_room(rooms, session_id)
    await storage.erase_session(session_id)


async def queue_report(parts: Parts, session: Session) -> ReportStatus | None:
    """Queue the report of a session that began and is over; a failed one may begin again and has none yet.

    Of one that was erased or anonymised there is nothing to report.
    """
    if session.attempt == 0 or session.status is Status.FAILED or not session.is_kept:
        return None
    settle_s = parts.settings.report_settle_s
    return (await parts.storage.reports.enqueue(session.session_id, after_s=settle_s)).status


async def close_room(rooms: Rooms, session_id: str) -> None:
    """Delete the room. When LiveKit is away the room closes by itself, empty or by its departure time."""
    try:
        await rooms.close(session_id)
    except RoomServiceUnavailable as error:
        log.warning("session %s: its room could not be closed: %s", session_id, error.code)


async def has_answer(parts: Parts, session: Session) -> bool:
    """Tell whether the candidate said or typed anything."""
    return any(turn.speaker is Speaker.CANDIDATE for turn in await parts.storage.turns.of(session.session_id))


async def _end_running(parts: Parts, caller: Caller, session: Session) -> Session:
    answered = await has_answer(parts, session)
    target = Status.COMPLETED if answered else Status.EXPIRED
    who = "the candidate" if not isinstance(caller, UserCaller) else "its owner or an admin"
    reason = f"ended by {who}" if answered else f"ended by {who} before any answer"
    return await move_if_still(parts, session, target, by=caller.actor, reason=reason)
