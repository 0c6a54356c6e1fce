"""The house's seats: who gets one, and who waits for how long. First come, first served.

The seat is taken before the session moves, and a seat is a document whose id is its number: so the house never holds
more than its limit, whatever dies in between. What a crash leaves is put right by the custodian.
"""

from dataclasses import dataclass
from datetime import datetime

from control_api.parts import Parts
from interview.errors import IllegalTransition
from interview.queue import expected_wait_s
from interview.session import STARTED, Session, Status

_ADMIT_AT_ONCE = 50


@dataclass(frozen=True)
class Place:
    """Where somebody stands in the queue: 1 is next. The wait is an estimate."""

    position: int
    expected_wait_s: int


async def seat_at_once(parts: Parts, session: Session) -> bool:
    """Take a seat for the session unless somebody waits for one already; tell whether it has one now."""
    if session.status is not Status.PAUSED and await parts.storage.sessions.queue(limit=1):
        return False
    limit = parts.settings.max_concurrent_interviews
    return await parts.storage.slots.take(session.session_id, limit) is not None


async def enqueue(parts: Parts, session: Session, *, by: str) -> Session:
    """Put the session at the end of the queue."""
    return await parts.storage.sessions.enqueue(session.session_id, await parts.storage.slots.next_ticket(), by=by)


async def admit(parts: Parts) -> list[Session]:
    """Give free seats to those who have waited longest, and return them, `IN_PROGRESS`; their agents are not sent yet.

    Several may do this at once: the seats are counted by the database, and each session moves once.
    """
    admitted: list[Session] = []
    waiting = await parts.storage.sessions.queue(limit=_ADMIT_AT_ONCE)
    for session in waiting:
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
    ahead = [s for s in await parts.storage.sessions.queue() if s.ticket is not None and s.ticket < session.ticket]
    now = parts.clock.now()
    running = await parts.storage.sessions.in_status(STARTED)
    wait_s = expected_wait_s(
        [remaining_s(other, now) for other in running],
        [other.allowed_s for other in ahead],
        parts.settings.max_concurrent_interviews,
    )
    return Place(position=len(ahead) + 1, expected_wait_s=round(wait_s))


def remaining_s(session: Session, now: datetime) -> float:
    """Return how much of the allowed time a session that has begun has left, in seconds."""
    since = session.clock_started_at or session.started_at or now
    until = session.paused_at or now
    return max(0.0, session.allowed_s - ((until - since).total_seconds() - session.paused_total_s))
