"""Opening an invite link: a seat, not one click. The same person returns through it on any device."""

from datetime import datetime

from control_api.access.callers import SEAT
from control_api.invites import consent_text
from control_api.invites.schemas import ConsentAsked, SeatAnswer
from control_api.parts import Parts
from interview.errors import NotFound
from interview.invite import Invite, hash_secret
from interview.session import Session, Status


async def open_invite(parts: Parts, secret: str) -> tuple[Session, str, int]:
    """Return the session of a link, the seat token for the cookie, and how long that lives in seconds.

    Raises `NotFound` (`invite_not_found`) when the link is unknown, withdrawn or out of date: the caller is not told
    which.
    """
    hashed = hash_secret(secret)
    invite = await parts.storage.invites.get(hashed)
    now = parts.clock.now()
    if invite is None or not _open(invite, now):
        raise _unknown()
    session = await parts.storage.sessions.get(invite.session_id)
    if session.status is Status.DELETED:
        raise _unknown()
    await parts.storage.invites.note_opened(hashed, now)
    ttl_s = int((invite.expires_at - now).total_seconds())
    token = parts.signer.sign(SEAT, subject=session.session_id, ttl_s=ttl_s, invite=hashed)
    return session, token, ttl_s


def first_view(session: Session) -> SeatAnswer:
    """Return what the candidate sees first: what it is, how long, what is recorded, what is asked of them."""
    plan = session.plan
    return SeatAnswer(
        session_id=session.session_id,
        title=plan.title,
        status=session.status,
        language=plan.language,
        duration_s=plan.duration_s,
        question_count=len(plan.questions),
        records_audio=plan.recording.audio,
        watches_camera=plan.proctoring.enabled,
        not_before=session.not_before,
        not_after=session.not_after,
        consent=ConsentAsked(
            text_version=consent_text.TEXT_VERSION,
            introduction=consent_text.INTRODUCTION,
            questions=consent_text.questions_for(plan),
            given=session.consent.items if session.consent else None,
        ),
    )


def _open(invite: Invite, now: datetime) -> bool:
    return invite.revoked_at is None and now < invite.expires_at


def _unknown() -> NotFound:
    return NotFound("this invitation is not valid (any more); ask for a new link", code="invite_not_found")
