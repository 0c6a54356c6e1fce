"""Seats: the browser in which a candidate sits. The same person comes back through the link, also on another device.

While the session is open there is one seat. A browser that shows its cookie keeps its seat. Another one is a second
seat: it takes over, and the first is told so at its next call, or, where the plan refuses second seats, it is refused
for as long as the first is in use (`SEAT_IDLE_S`). Either is noted on the session and in the audit log, since somebody
else may be sitting there. Once the session is over its after-pages may be read anywhere.
"""

from datetime import timedelta

from control_api.incidents.page import file_or_leave
from control_api.parts import Parts
from interview.errors import Conflict, NotAuthenticated
from interview.invite import hash_secret, new_secret
from interview.session import Seat, SeatChangeKind, Session

_TAKE_TRIES = 20
_NOTED_EVERY_S = 30.0
REFUSED = "refused"


def check_seat(session: Session, token: str) -> None:
    """Raise `NotAuthenticated` (`seat_taken_over`) if the session is open and another browser has its seat."""
    if session.ended_at is None and (session.seat is None or session.seat.seat_hash != hash_secret(token)):
        raise NotAuthenticated(
            "this interview was opened in another place; open the link again to go on here", code="seat_taken_over"
        )


async def note_use(parts: Parts, session: Session) -> None:
    """Note that the seat is in use, every half minute."""
    now = parts.clock.now()
    every = timedelta(seconds=min(_NOTED_EVERY_S, parts.settings.seat_idle_s / 4))
    if session.seat is not None and now - session.seat.used_at >= every:
        await parts.storage.session_edits.note_seat_used(session.session_id, session.seat.seat_hash, now)


async def take_seat(parts: Parts, session: Session, shown: str | None) -> str:
    """Seat a browser, which has shown the token of a seat or none, and return the token of its seat.

    Raises `Conflict` (`seat_in_use`) when the plan refuses a second seat.
    """
    for _ in range(_TAKE_TRIES):
        seat = session.seat
        if seat is not None and shown is not None and seat.seat_hash == hash_secret(shown):
            return shown
        if session.ended_at is not None:
            return shown or new_secret()
        kind = await _second_seat(parts, session)
        token, now = new_secret(), parts.clock.now()
        taken = Seat(seat_hash=hash_secret(token), taken_at=now, used_at=now)
        if await parts.storage.session_edits.take_seat(session, taken, kind) is not None:
            if kind is not None:
                await _audit(parts, session, f"second seat {kind}")
                await file_or_leave(parts, session.session_id)
            return token
        session = await parts.storage.sessions.get(session.session_id)  # another browser was faster
    raise Conflict("too many browsers open this link at once; try again", code="seat_in_use", retry_after_s=1)


async def _second_seat(parts: Parts, session: Session) -> SeatChangeKind | None:
    """Tell what it means that another browser opens the link; raise `Conflict` if it may not."""
    seat = session.seat
    if seat is None:
        return None
    idle_s = (parts.clock.now() - seat.used_at).total_seconds()
    if idle_s >= parts.settings.seat_idle_s:
        return SeatChangeKind.MOVED
    if getattr(session.plan, "second_seat", None) != REFUSED:
        return SeatChangeKind.TAKEN_OVER
    await parts.storage.session_edits.note_refused_seat(session.session_id, parts.clock.now())
    await _audit(parts, session, f"second seat {SeatChangeKind.REFUSED}")
    await file_or_leave(parts, session.session_id)
    raise Conflict(
        "this interview is open in another place; close it there, or wait a few minutes",
        code="seat_in_use",
        retry_after_s=max(1, round(parts.settings.seat_idle_s - idle_s)),
    )


async def _audit(parts: Parts, session: Session, action: str) -> None:
    await parts.storage.audit.add(
        actor=f"candidate:{session.session_id}", action=action, subject=f"session:{session.session_id}"
    )
