"""What the end of an attempt means for its session: done, given up, or nothing that this attempt has a say in."""

import logging
from contextlib import suppress

from interview.errors import Conflict, StorageUnavailable, VivaError
from interview.session import Session, Status
from interview.storage import Storage
from rooms.rooms import Rooms

log = logging.getLogger(__name__)

COMPLETED = "completed"
NO_SHOW = "the candidate did not come"
NOT_BACK = "the candidate left and did not return"
TAKEN_OVER = "another attempt has taken over"
ENDED_ELSEWHERE = "the session was ended"
PAUSED = "the session was paused"
ROOM_CLOSED = "the room was closed"


async def leave(record: Session, reason: str, storage: Storage, rooms: Rooms) -> None:
    """Store the end that an attempt with this reason makes of its session, have its report written, close the room.

    Of a session that was ended by somebody else, or has a newer attempt, whoever that is sees to the rest. A database
    that is away is logged: what was said is kept, and the next attempt finds the goodbye said.
    """
    session_id = record.session_id
    try:
        if not await _stored(record, reason, storage):
            return
    except Conflict as error:
        log.info("session %s: its end was already stored (%s)", session_id, error.code)
    except StorageUnavailable as error:
        log.warning("session %s: its end could not be stored (%s); the next attempt does", session_id, error.code)
        return
    with suppress(VivaError):  # the room closes by itself when everybody has left
        await rooms.close(session_id)


async def _stored(record: Session, reason: str, storage: Storage) -> bool:
    """Store the end, if it is this attempt's to store."""
    session_id, attempt, by = record.session_id, record.attempt, f"interviewer:{record.attempt}"
    if reason == COMPLETED:
        await storage.sessions.complete(session_id, attempt=attempt, by=by, reason=reason)
        await storage.reports.enqueue(session_id)
        return True
    if reason not in (NO_SHOW, NOT_BACK):
        return False
    answered = any(turn.speaker == "candidate" for turn in await storage.turns.of(session_id))
    target = Status.ABANDONED if answered else Status.EXPIRED
    await storage.sessions.move(session_id, target, by=by, reason=reason, attempt=attempt)
    if answered:
        await storage.reports.enqueue(session_id)
    return True
