"""Opening an invite link: a seat, not one click. The same person returns through it on any device."""

from datetime import datetime

from control_api.access.callers import SEAT
from control_api.invites.schemas import ConsentAsked, SeatAnswer
from control_api.parts import Parts
from interview.consent import Keeping, current_text, introduction_for, questions_for
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
        consent=_consent_asked(parts, session),
    )


def _consent_asked(parts: Parts, session: Session) -> ConsentAsked:
    settings, plan = parts.settings, session.plan
    text = current_text(plan.language)
    keeping = Keeping(
        who=settings.organisation_name,
        house_days=settings.retention_days,
        declined_days=settings.retention_declined_days,
    )
    return ConsentAsked(
        text_version=text.version,
        introduction=introduction_for(text, plan, keeping),
        questions=questions_for(text, plan, keeping),
        given=session.consent.items if session.consent else None,
    )


def _open(invite: Invite, now: datetime) -> bool:
    return invite.revoked_at is None and now < invite.expires_at


def _unknown() -> NotFound:
    return NotFound("this invitation is not valid (any more); ask for a new link", code="invite_not_found")
