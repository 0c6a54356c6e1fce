"""Erasing and anonymising: by email, for one session, and what a candidate asks for."""

from control_api.sessions.ending import close_room, erase
from interview.clock import Clock
from interview.session import ENDED, Session, Status
from interview.storage import Storage
from rooms.rooms import Rooms


async def erase_person(
    storage: Storage, rooms: Rooms, clock: Clock, email: str, *, by: str, owner_id: str | None = None
) -> int:
    """Erase every session of that email as `DELETE` does; return how many there were.

    `owner_id` narrows it to those of one recruiter. Running ones end by it. A repeat erases what was added since.
    """
    sessions = await storage.sessions.of_email(email, owner_id)
    for session in sessions:
        await erase(storage, rooms, clock, session, by=by)
    return len(sessions)


async def anonymise(storage: Storage, rooms: Rooms, session: Session, *, by: str) -> None:
    """Take everything about a person from a session that is over, for good; figures, scores and times stay.

    A failed one cannot be begun again afterwards: it expires. A repeat finishes what a killed process left. Raises
    `Conflict` (code `not_ended`).
    """
    session_id = session.session_id
    if session.status is Status.FAILED:
        await storage.sessions.move(session_id, Status.EXPIRED, by=by, only_from={Status.FAILED})
    if session.status in ENDED:
        await close_room(rooms, session_id)
    await storage.anonymise_session(session_id)
    if session.anonymised_at is None:
        await storage.audit.add(by, "anonymise session", f"session:{session_id}")
