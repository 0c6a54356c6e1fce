"""Reminding of sessions that nobody has begun yet."""

from datetime import datetime, timedelta

from control_api.invites.links import add_link
from control_api.outgoing.invites import invite_reminder, mail_configured
from control_api.parts import Parts
from interview.errors import StaleAttempt
from interview.outgoing import Channel, EventKind
from interview.session import Session

_BATCH = 100


async def remind_due(parts: Parts) -> int:
    """Remind, once each, of sessions whose window ends within `INVITE_REMINDER_BEFORE_S`; return of how many.

    The custodian calls it with its cleanup. By mail goes a reminder only where an invite went by mail. Whoever was
    written to within that time anyway is not reminded. Raises `StorageUnavailable`.
    """
    heard = await parts.storage.webhooks.interested(EventKind.INVITE_REMINDER)
    if not heard and not mail_configured(parts.settings):
        return 0
    before = timedelta(seconds=parts.settings.invite_reminder_before_s)
    reminded = 0
    for session in await parts.storage.sessions.remindable(before, _BATCH):
        try:
            reminded += await _remind(parts, session, session.not_after - before, by_webhook=bool(heard))
        except StaleAttempt:
            continue  # erased meanwhile
        await parts.storage.sessions.note_reminded(session.session_id, session.not_after)
    return reminded


async def _remind(parts: Parts, session: Session, begins: datetime, *, by_webhook: bool) -> bool:
    """Remind of one session, if there is somebody to tell; `begins` is when reminders for it begin."""
    links = [link for link in await parts.storage.invites.of(session.session_id) if link.revoked_at is None]
    sent = [one for one in await parts.storage.deliveries.of(session.session_id) if one.event.personal]
    by_mail = mail_configured(parts.settings) and any(one.channel is Channel.MAIL for one in sent)
    told_anyway = session.created_at >= begins or any(
        one.created_at >= begins and one.event is not EventKind.INVITE_REMINDER for one in sent
    )
    if not links or told_anyway or not (by_mail or by_webhook):
        return False
    # only hashes of secrets are kept, so the reminder carries a further link to the same seat; earlier ones stay good
    url = (await add_link(parts, session)).url
    await invite_reminder(parts, session, url, send=by_mail)
    return True
