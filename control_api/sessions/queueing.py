"""The house's seats: who gets one, and who waits for how long. First come, first served.

The seat is taken before the session moves, and a seat is a document whose id is its number: so the house never holds
more than its limit, whatever dies in between. What a crash leaves is put right by the custodian.
"""

from collections.abc import Iterable

from control_api.parts import Parts
from control_api.sessions.spending import ceiling_reached
from interview.errors import IllegalTransition
from interview.queue import Place
from interview.session import ConsentItem, Session, Status

_ADMIT_AT_ONCE = 50


async def seat_at_once(parts: Parts, session: Session) -> bool:
    """Take a seat for the session unless the house is full or somebody waits for one; tell whether it has one now."""
    if await _is_full(parts) and await parts.storage.slots.of(session.session_id) is None:
        return False  # asked first, because it is cheap: the queue is read only while there is a seat
    if session.status is not Status.PAUSED and await parts.storage.sessions.queue(limit=1):
        return False
    limit = parts.settings.max_concurrent_interviews
    return await parts.storage.slots.take(session.session_id, limit) is not None


async def enqueue(parts: Parts, session: Session, *, by: str, agreed: Iterable[ConsentItem] = ()) -> Session:
    """Put the session at the end of the queue. Raises `Conflict` (`consent_missing`) unless all `agreed` is."""
    ticket = await parts.storage.slots.next_ticket()
    return await parts.storage.sessions.enqueue(session.session_id, ticket, by=by, agreed=agreed)


async def admit(parts: Parts) -> list[Session]:
    """Give free seats to those who have waited longest, and return them, `IN_PROGRESS`; their agents are not sent yet.

    Several may do this at once: the seats are counted by the database, and each session moves once.
    """
    admitted: list[Session] = []
    if await _is_full(parts):
        return admitted
    waiting = await parts.storage.sessions.queue(limit=_ADMIT_AT_ONCE)
    spent = bool(waiting) and await ceiling_reached(parts)
    if spent and len(waiting) == _ADMIT_AT_ONCE:
        waiting = await parts.storage.sessions.queue()  # those that go on may stand behind those that wait for tomorrow
    for session in waiting:
        if spent and session.clock_started_at is None:
            continue  # it waits for tomorrow; one that was interrupted goes on
        seat = await parts.storage.slots.take(session.session_id, parts.settings.max_concurrent_interviews)
        if seat is None:
            break
        try:
            admitted.append(await parts.storage.sessions.start(session.session_id, by="system:queue"))
        except IllegalTransition as error:
            if error.details.get("status") != Status.IN_PROGRESS.value:  # it left the queue without needing a seat
                await parts.storage.slots.release(seat)
    return admitted


async def place_of(parts: Parts, session: Session) -> Place | None:
    """Return where a session stands in the queue; None when it is not in it (any more)."""
    if session.status is not Status.QUEUED or session.ticket is None:
        return None
    return (await parts.queue_board.line()).place(session.ticket)


async def _is_full(parts: Parts) -> bool:
    return len(await parts.storage.slots.all()) >= parts.settings.max_concurrent_interviews
