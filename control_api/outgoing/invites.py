"""Telling the candidate, and whoever sends for us, about an invite: the functions that others call.

Each queues a webhook (`invite.*`) for all that want it and, where `send` asks for it and SMTP is configured, a mail.
The payload holds name, email and link, since somebody has to pass them on; it is encrypted, and wiped once delivered.

They are called after the state was changed. Only the hash of a link's secret is kept, so this alone cannot be derived
from state later: a process that dies between the two leaves an invite that nobody was told of, and a caller without an
answer, who asks again. A repeat with the same link sends nothing twice.
"""

from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from enum import StrEnum
from typing import Any

from control_api.outgoing.letters import Letter
from control_api.outgoing.news import News, tell
from control_api.parts import Parts
from control_api.problems import iso
from interview.invite import hash_secret
from interview.outgoing import MAIL, Channel, Delivery, EventKind, delivery_id
from interview.session import Session
from interview.settings import Settings


class MailState(StrEnum):
    """What became of the mail."""

    QUEUED = "queued"
    NOT_ASKED = "not_asked"
    NOT_CONFIGURED = "not_configured"
    """There is no SMTP server: show the link to copy."""
    TOO_MANY = "too_many"
    """This address has got so many within the hour (`MAILS_PER_RECIPIENT_PER_H`): show the link to copy."""


@dataclass(frozen=True)
class Told:
    """How many webhooks will hear of it for the first time, and what became of the mail."""

    webhooks: int
    mail: MailState


def mail_configured(settings: Settings) -> bool:
    """Tell whether mails are sent; where not, links are shown to copy."""
    return bool(settings.smtp_host)


async def invite_created(parts: Parts, session: Session, invite_url: str, *, send: bool = False) -> Told:
    """Tell of a session's first link. Raises `StaleAttempt` (code `erased`), as all of these do."""
    return await _tell(parts, session, EventKind.INVITE_CREATED, _link(invite_url), invite_url, send)


async def invite_changed(parts: Parts, session: Session, invite_url: str, *, send: bool = False) -> Told:
    """Tell of a new link, or of a new time together with a new link: an earlier one cannot be written out again."""
    return await _tell(parts, session, EventKind.INVITE_CHANGED, _link(invite_url), invite_url, send)


async def invite_reminder(parts: Parts, session: Session, invite_url: str, *, send: bool = False) -> Told:
    """Remind of a session that was not begun; once for each end of its window, whatever the link."""
    return await _tell(parts, session, EventKind.INVITE_REMINDER, iso(session.not_after), invite_url, send)


async def invite_withdrawn(parts: Parts, session: Session, withdrawn_at: datetime, *, send: bool = False) -> Told:
    """Tell that the session's links open nothing any more; `withdrawn_at` is when they were revoked.

    To be called before a session is erased: afterwards nobody can be told.
    """
    return await _tell(parts, session, EventKind.INVITE_WITHDRAWN, iso(withdrawn_at), None, send)


_LETTERS = {
    EventKind.INVITE_CREATED: Letter.INVITE,
    EventKind.INVITE_REMINDER: Letter.REMINDER,
    EventKind.INVITE_CHANGED: Letter.CHANGED,
    EventKind.INVITE_WITHDRAWN: Letter.WITHDRAWN,
}


def _link(invite_url: str) -> str:
    """Name a link as it is stored: by the hash of its secret, which stands behind `#`."""
    return hash_secret(invite_url.rpartition("#")[2])


async def _tell(
    parts: Parts, session: Session, event: EventKind, occasion: str, invite_url: str | None, send: bool
) -> Told:
    subject = f"invite:{session.session_id}:{occasion}"
    data = {
        "session_id": session.session_id,
        "owner_id": session.owner_id,
        "plan_id": session.plan.plan_id,
        "title": session.plan.title,
        "language": session.plan.language,
        "duration_s": session.plan.duration_s,
        "name": session.candidate.name,
        "email": session.candidate.email,
        "invite_url": invite_url,
        "not_before": iso(session.not_before) if session.not_before else None,
        "not_after": iso(session.not_after),
    }
    news = News(event=event, subject=subject, session_id=session.session_id, at=parts.clock.now(), data=data)
    webhooks = await tell(parts, news)
    if not send:
        return Told(webhooks, MailState.NOT_ASKED)
    if not mail_configured(parts.settings):
        return Told(webhooks, MailState.NOT_CONFIGURED)
    if not await _may_mail(parts, session):
        return Told(webhooks, MailState.TOO_MANY)
    await _mail(parts, session, news)
    return Told(webhooks, MailState.QUEUED)


async def _may_mail(parts: Parts, session: Session) -> bool:
    """Count a mail to the candidate's address, over all sessions and senders; tell whether it is within the limit."""
    hour = int(parts.clock.now().timestamp() // 3600)
    sent = await parts.storage.leases.count(f"mail:{session.candidate_email}:{hour}")
    return sent <= parts.settings.mails_per_recipient_per_h


async def _mail(parts: Parts, session: Session, news: News) -> None:
    owner = await parts.storage.users.get(session.owner_id)
    inviter = owner if owner is not None and owner.disabled_at is None else None  # who left answers no mail
    values: dict[str, Any] = {
        "name": session.candidate.name,
        "title": session.plan.title,
        "inviter": inviter.name if inviter else parseaddr(parts.settings.smtp_from)[0] or parts.settings.smtp_from,
        "answered": inviter is not None,
        "duration_min": round(session.plan.duration_s / 60),
        "records_audio": session.plan.recording.audio,
        "watches_camera": session.plan.proctoring.enabled,
        "invite_url": news.data["invite_url"] or "",
        "not_before": news.data["not_before"],
        "not_after": news.data["not_after"],
    }
    payload = {
        "letter": _LETTERS[news.event].value,
        "language": session.plan.language,
        "reply_to": inviter.email if inviter else None,
        "values": values,
    }
    now = parts.clock.now()
    delivery = Delivery(
        delivery_id=delivery_id(news.event, news.subject, MAIL),
        channel=Channel.MAIL,
        target=MAIL,
        event=news.event,
        subject=news.subject,
        session_id=session.session_id,
        recipient=session.candidate.email,
        payload=payload,
        next_at=now,
        created_at=now,
    )
    await parts.storage.deliveries.add(delivery)
