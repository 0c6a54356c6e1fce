"""Reminders: once, to those who wait, and only where somebody can be told."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from control_api.outgoing.invites import invite_changed, invite_created
from control_api.outgoing.reminders import remind_due
from control_api.parts import Parts
from interview.clock import VirtualClock
from interview.invite import Invite, hash_secret
from interview.outgoing import Channel, EventKind
from interview.session import Session
from tests.storage.builders import NOON, session
from tests.storage.outgoing.records import registered

LINK = "https://viva.example/interview#"
DAY_S = 24 * 3600
MAIL = {"smtp_host": "localhost", "smtp_from": "a@example.com"}


async def waiting(parts: Parts, *, send: bool = False, **changes: Any) -> Session:
    """A session with its first link, of which candidate and webhooks were told."""
    one = session(**changes)
    secret = one.session_id
    link = Invite(
        secret_hash=hash_secret(secret),
        session_id=one.session_id,
        created_at=one.created_at,
    )
    await parts.storage.invites.add(link)
    await parts.storage.sessions.add(one)
    await invite_created(parts, one, LINK + secret, send=send)
    return one


async def reminders(parts: Parts, one: Session) -> list[Channel]:
    sent = await parts.storage.deliveries.of(one.session_id)
    return [delivery.channel for delivery in sent if delivery.event is EventKind.INVITE_REMINDER]


async def test_it_comes_once_before_the_end_with_a_further_link_that_opens_the_same_seat(
    parts: Parts, clock: VirtualClock
) -> None:
    await registered(parts, "http://127.0.0.1/")
    one = await waiting(parts)
    clock.advance(6 * DAY_S - 1)
    assert await remind_due(parts) == 0
    clock.advance(1)
    assert [await remind_due(parts) for _ in range(2)] == [1, 0]

    [reminder] = [d for d in await parts.storage.deliveries.of(one.session_id) if d.event is EventKind.INVITE_REMINDER]
    assert reminder.payload is not None
    secret = reminder.payload["data"]["invite_url"].partition("#")[2]
    first, further = await parts.storage.invites.of(one.session_id)
    assert further.secret_hash == hash_secret(secret)
    assert further.session_id == one.session_id
    assert first.revoked_at is None
    assert (await parts.storage.sessions.get(one.session_id)).reminded_at == clock.now()


async def test_a_mail_is_sent_only_where_the_invite_went_by_mail(
    parts_with: Callable[..., Parts], clock: VirtualClock
) -> None:
    parts = parts_with(**MAIL)
    mailed, copied = await waiting(parts, send=True), await waiting(parts)
    clock.advance(6 * DAY_S)
    assert await remind_due(parts) == 1
    assert await reminders(parts, mailed) == [Channel.MAIL]
    assert await reminders(parts, copied) == []
    assert len(await parts.storage.invites.of(copied.session_id)) == 1, "a link that nobody gets was made"


async def test_who_has_begun_was_withdrawn_or_was_just_written_to_is_left_alone(
    parts: Parts, clock: VirtualClock
) -> None:
    await registered(parts, "http://127.0.0.1/")
    begun, withdrawn, written_to = [await waiting(parts) for _ in range(3)]
    late = await waiting(parts, created_at=NOON + timedelta(days=6.5))
    over = await waiting(parts, not_after=NOON + timedelta(days=5))
    await parts.storage.sessions.start(begun.session_id, by="candidate")
    await parts.storage.invites.revoke_of(withdrawn.session_id, clock.now())
    clock.advance(6.5 * DAY_S)
    await invite_changed(parts, written_to, LINK + "new")
    assert await remind_due(parts) == 0
    for one in (begun, withdrawn, written_to, late, over):
        assert await reminders(parts, one) == []


async def test_where_nobody_can_be_told_nothing_is_done(parts: Parts, clock: VirtualClock) -> None:
    one = await waiting(parts)
    clock.advance(6 * DAY_S)
    assert await remind_due(parts) == 0
    assert (await parts.storage.sessions.get(one.session_id)).reminded_at is None
