"""What ended sessions and dead processes leave: rooms, seats, reports that nobody queued."""

import logging
from datetime import timedelta

from control_api.parts import Parts
from control_api.sessions.ending import clear_up
from control_api.sessions.launching import send_agents_or_leave
from control_api.sessions.queueing import admit
from interview.errors import NotFound, VivaError
from interview.names import session_of_room
from interview.session import STARTED, Status
from rooms.rooms import OpenRoom

log = logging.getLogger(__name__)

_AT_ONCE = 500
"""Incidents at one cleanup; the next goes on."""
_YOUNG_S = 30.0
"""A room or a seat this new may belong to a start that is just under way."""


async def care_for_ended(parts: Parts) -> int:
    """Finish what the end of a session began: room, seat, report. Returns how many sessions were cared for."""
    due = await parts.storage.sessions.needing_aftercare()
    for session in due:
        await clear_up(parts, session)
    return len(due)


async def close_orphan_rooms(parts: Parts, rooms: list[OpenRoom]) -> int:
    """Delete rooms of ours that no session wants any more; return how many there were."""
    closed = 0
    for room in rooms:
        session_id = session_of_room(room.name)
        age_s = parts.clock.now().timestamp() - room.created_at_s
        if session_id is None or age_s < _YOUNG_S:
            continue
        try:
            wanted = (await parts.storage.sessions.get(session_id)).status in STARTED
        except NotFound:
            wanted = False
        if not wanted:
            log.warning("the room of session %s is an orphan; it is closed", session_id)
            await parts.rooms.close(session_id)
            closed += 1
    return closed


async def free_lost_seats(parts: Parts) -> int:
    """Free the seats of sessions that do not run (any more); return how many there were.

    A paused interview keeps its seat for `PAUSE_SEAT_S`.
    """
    freed = 0
    now = parts.clock.now()
    for slot in await parts.storage.slots.all():
        if now - slot.taken_at < timedelta(seconds=_YOUNG_S):
            continue
        try:
            session = await parts.storage.sessions.get(slot.session_id)
        except NotFound:
            lost = True
        else:
            paused_s = (now - session.paused_at).total_seconds() if session.paused_at else 0.0
            lost = session.status not in STARTED or paused_s >= parts.settings.pause_seat_s
        if lost:
            freed += await parts.storage.slots.release(slot)
    return freed


async def seat_the_unseated(parts: Parts) -> int:
    """Give interviews that run without a seat one again, so that they count; return how many there were."""
    seated = {slot.session_id for slot in await parts.storage.slots.all()}
    found = 0
    for session in await parts.storage.sessions.in_status({Status.IN_PROGRESS}):
        if session.session_id not in seated:
            found += 1
            if await parts.storage.slots.take(session.session_id, parts.settings.max_concurrent_interviews) is None:
                log.error("session %s runs without a seat in a full house", session.session_id)
    return found


async def admit_from_queue(parts: Parts) -> int:
    """Let in those who have waited longest, as far as there are seats; return how many came in."""
    admitted = await admit(parts)
    for session in admitted:
        await send_agents_or_leave(parts, session)
    return len(admitted)


async def expire_windows(parts: Parts) -> int:
    """Expire what was not started in its window; return how many there were."""
    expired = 0
    for session in await parts.storage.sessions.never_started_by(parts.clock.now()):
        try:
            await parts.storage.sessions.move(
                session.session_id,
                Status.EXPIRED,
                by="system:custodian",
                reason="not started in its window",
                only_from={Status.INITIALIZED},
            )
        except VivaError as error:
            log.info("session %s was not expired: %s", session.session_id, error.code)
        else:
            expired += 1
    return expired


async def drop_old_evidence(parts: Parts) -> int:
    """Delete stills and clips that a plan keeps for less long than the session; return of how many incidents.

    Also gives incidents of an older version, which name no owner, into the queue of theirs.
    """
    await parts.storage.incidents.adopt(_AT_ONCE)
    return await parts.storage.incidents.drop_old_evidence(parts.clock.now(), _AT_ONCE)
