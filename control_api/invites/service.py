"""Opening an invite link: a seat, not one click. The same person returns through it on any device."""

from control_api.access.callers import SEAT
from control_api.invites.schemas import SeatAnswer
from control_api.invites.seats import take_seat
from control_api.invites.validity import opens_now
from control_api.parts import Parts
from control_api.sessions.consenting import what_is_asked
from interview.errors import NotAuthenticated, NotFound
from interview.invite import hash_secret
from interview.session import Session

COOKIE_TTL_S = 180 * 24 * 3600
"""The cookie may live longer than the link is good: that is looked at with each call."""


async def open_invite(parts: Parts, secret: str, cookie: str | None) -> tuple[Session, str]:
    """Return the session of a link, and the token for the cookie of its seat. `cookie` is what the browser had already.

    Raises `NotFound` (`invite_not_found`) when the link is unknown, withdrawn or out of date: the caller is not told
    which. Raises `Conflict` (`seat_in_use`) when the session is open elsewhere and its plan refuses a second seat.
    """
    hashed = hash_secret(secret)
    invite = await parts.storage.invites.get(hashed)
    if invite is None:
        raise _unknown()
    try:
        session = await parts.storage.sessions.get(invite.session_id)
    except NotFound:
        raise _unknown() from None
    if not opens_now(parts, invite, session):
        raise _unknown()
    seat = await take_seat(parts, session, _shown(parts, session, cookie))
    await parts.storage.invites.note_opened(hashed, parts.clock.now())
    claims = {"invite": hashed, "seat": seat}
    return session, parts.signer.sign(SEAT, subject=session.session_id, ttl_s=COOKIE_TTL_S, **claims)


def _shown(parts: Parts, session: Session, cookie: str | None) -> str | None:
    """Return the seat token that a browser has already, if it is one of this session."""
    if cookie is None:
        return None
    try:
        claims = parts.signer.read(SEAT, cookie)
    except NotAuthenticated:
        return None
    return claims.get("seat") if claims["sub"] == session.session_id else None


def first_view(parts: Parts, session: Session) -> SeatAnswer:
    """Return what the candidate sees first: what it is, how long, what is recorded, what is asked of them."""
    plan = session.plan
    return SeatAnswer(
        session_id=session.session_id,
        title=plan.title,
        status=session.status,
        language=plan.language,
        duration_s=session.allowed_s,
        question_count=len(plan.questions),
        records_audio=plan.recording.audio,
        watches_camera=plan.proctoring.enabled,
        captions=session.adjustments.captions,
        typing_only=session.adjustments.typing_only,
        not_before=session.not_before,
        not_after=session.not_after,
        consent=what_is_asked(parts, session),
    )


def _unknown() -> NotFound:
    return NotFound("this invitation is not valid (any more); ask for a new link", code="invite_not_found")
