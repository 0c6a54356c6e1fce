"""Mails through a real SMTP server: what arrives, and what becomes of what does not."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from control_api.outgoing.invites import MailState, Told, invite_changed, invite_created, invite_withdrawn
from control_api.outgoing.mailing import Mailer
from control_api.outgoing.outcome import Verdict
from control_api.parts import Parts
from interview.clock import VirtualClock
from interview.errors import ConfigurationError, StaleAttempt
from interview.outgoing import MAIL, Channel, Delivery, DeliveryStatus, EventKind
from interview.session import Candidate, Session
from interview.user import Role, User
from tests.storage.builders import NOON, plan, session
from tests.storage.outgoing.certificate import certificate
from tests.storage.outgoing.mailbox import PASSWORD, USER, Mailbox, hanging, serving
from tests.storage.outgoing.receiver import Receiver
from tests.storage.outgoing.records import becomes, delivering, registered

LINK = "https://viva.example/interview#a-secret"
DELIVERED, FAILED, QUEUED = DeliveryStatus.DELIVERED, DeliveryStatus.FAILED, DeliveryStatus.QUEUED


def smtp(port: int, **given: Any) -> dict[str, Any]:
    plain = {
        "smtp_host": "localhost",
        "smtp_port": port,
        "smtp_security": "none",
        "smtp_from": "Viva Gespräche <interviews@example.com>",
    }
    return plain | given


async def invited(parts: Parts, **changes: Any) -> tuple[Session, Delivery]:
    """A session whose invite goes by mail, and that mail's delivery."""
    one = session(**changes)
    await parts.storage.sessions.add(one)
    told = await invite_created(parts, one, LINK, send=True)
    assert told.mail is MailState.QUEUED
    [delivery] = await parts.storage.deliveries.of(one.session_id)
    return one, delivery


async def test_an_invite_arrives_and_leaves_nothing_behind(parts_with: Callable[..., Parts], mailbox: Mailbox) -> None:
    async with serving(mailbox) as port:
        parts = parts_with(**smtp(port))
        ada = {"user_id": "owner-1", "email": "ada@example.com", "name": "Ada", "role": Role.RECRUITER}
        owner = User.model_validate(ada | {"password_hash": "x", "created_at": NOON})
        await parts.storage.users.add(owner)
        candidate = Candidate(name="Zoë 你好", email="zoe@exämple.com")
        one, delivery = await invited(parts, candidate=candidate)
        assert delivery.recipient == one.candidate.email
        async with delivering(parts):
            kept = await becomes(parts, delivery.delivery_id, DELIVERED)

    [mail] = mailbox.mails
    assert (mail.sender, mail.recipient) == ("interviews@example.com", "zoe@xn--exmple-cua.com")
    message = mail.message
    assert message["From"].addresses[0].display_name == "Viva Gespräche"
    assert message["To"].addresses[0].display_name == "Zoë 你好"
    assert message["Reply-To"] == "ada@example.com"
    assert message["Message-ID"] == f"<{delivery.delivery_id}@example.com>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Subject"] == "Your interview: Backend engineer"
    for kind in ("plain", "html"):
        body = message.get_body((kind,))
        assert body is not None
        text = body.get_content()
        for said in (LINK, "Zoë 你好", "Ada", "30 minutes", "29 November 2026, 12:00", "recorded", "camera", "person"):
            assert said in text, said
    assert (kept.payload, kept.recipient, kept.log[0].code) == (None, None, 250)


async def test_over_starttls_with_a_login(parts_with: Callable[..., Parts], mailbox: Mailbox, tmp_path: Path) -> None:
    shown, trusts = certificate(tmp_path)
    secured = {"smtp_security": "starttls", "smtp_user": USER, "smtp_password": PASSWORD}
    async with serving(mailbox, shown) as port:
        parts = parts_with(**smtp(port, **secured))
        _, delivery = await invited(parts)
        mailer = Mailer.of(parts.settings, parts.clock, trusts)
        assert mailer is not None
        assert (await mailer.send(delivery)).verdict is Verdict.DELIVERED
        assert (mailbox.mails[0].over_tls, mailbox.mails[0].user) == (True, USER)

        stranger = Mailer.of(parts.settings, parts.clock)
        assert stranger is not None
        assert (await stranger.send(delivery)).error == "tls"
        wrong = Mailer.of(parts_with(**smtp(port, **secured | {"smtp_password": "x"})).settings, parts.clock, trusts)
        assert wrong is not None
        outcome = await wrong.send(delivery)
        assert (outcome.verdict, outcome.code) == (Verdict.RETRY, 535), "an operator can mend a password"
        in_plain = Mailer.of(parts_with(**smtp(port)).settings, parts.clock)
        assert in_plain is not None
        assert (await in_plain.send(delivery)).verdict is Verdict.RETRY
        assert len(mailbox.mails) == 1


async def test_what_is_deferred_is_sent_again_under_the_same_id(
    parts_with: Callable[..., Parts], mailbox: Mailbox, clock: VirtualClock
) -> None:
    mailbox.answers = ["451 greylisted, come back later", "250 kept"]
    async with serving(mailbox) as port:
        parts = parts_with(**smtp(port))
        _, delivery = await invited(parts)
        async with delivering(parts):
            assert (await becomes(parts, delivery.delivery_id, QUEUED)).log[0].code == 451
            clock.advance(60)
            await becomes(parts, delivery.delivery_id, DELIVERED, attempts=2)
    assert [mail.message["Message-ID"] for mail in mailbox.mails] == [f"<{delivery.delivery_id}@example.com>"]


@pytest.mark.parametrize("where", ["rcpt", "data"])
async def test_what_is_refused_fails_for_good(parts_with: Callable[..., Parts], mailbox: Mailbox, where: str) -> None:
    if where == "rcpt":
        mailbox.rcpt = "550 no such user"
    else:
        mailbox.answers = ["554 not wanted"]
    async with serving(mailbox) as port:
        parts = parts_with(**smtp(port))
        _, delivery = await invited(parts)
        async with delivering(parts):
            kept = await becomes(parts, delivery.delivery_id, FAILED)
    assert kept.log[0].code in (550, 554)
    assert mailbox.tried == 1
    assert kept.payload is not None, "an admin may send it again"


async def test_a_server_that_hangs_or_is_away_is_tried_again(parts_with: Callable[..., Parts]) -> None:
    async with hanging() as port:
        parts = parts_with(**smtp(port, smtp_timeout_s=0.5))
        _, delivery = await invited(parts)
        async with delivering(parts):
            assert (await becomes(parts, delivery.delivery_id, QUEUED)).log[0].error == "timeout"
    away = parts_with(**smtp(port, smtp_timeout_s=0.5))
    mailer = Mailer.of(away.settings, away.clock)
    assert mailer is not None
    assert (await mailer.send(delivery)).error == "connect"


async def test_a_change_and_a_withdrawal_are_told_in_the_sessions_language(
    parts_with: Callable[..., Parts], mailbox: Mailbox, receiver: Receiver
) -> None:
    async with serving(mailbox) as port:
        parts = parts_with(**smtp(port))
        await registered(parts, receiver.url)
        one = session(plan=plan().model_copy(update={"language": "de"}))
        await parts.storage.sessions.add(one)
        assert await invite_changed(parts, one, LINK, send=True) == Told(1, MailState.QUEUED)
        assert await invite_changed(parts, one, LINK, send=True) == Told(0, MailState.QUEUED)
        assert await invite_changed(parts, one, LINK + "2") == Told(1, MailState.NOT_ASKED)
        assert await invite_withdrawn(parts, one, NOON, send=True) == Told(1, MailState.QUEUED)
        assert await invite_withdrawn(parts, one, NOON + timedelta(days=1), send=True) == Told(1, MailState.QUEUED)
        deliveries = await parts.storage.deliveries.of(one.session_id)
        async with delivering(parts):
            for delivery in deliveries:
                await becomes(parts, delivery.delivery_id, DELIVERED)
    subjects = sorted(mail.message["Subject"] for mail in mailbox.mails)
    assert [subject.partition(" – ")[0] for subject in subjects] == ["Geändert", "Zurückgezogen", "Zurückgezogen"]
    by_link = {got.json["data"]["invite_url"]: got.json for got in receiver.received}
    assert set(by_link) == {LINK, LINK + "2", None}
    assert by_link[LINK] == {
        "type": "invite.changed",
        "timestamp": "2026-11-22T12:00:00Z",
        "data": {
            "session_id": one.session_id,
            "owner_id": "owner-1",
            "plan_id": "plan-1",
            "title": "Backend engineer",
            "language": "de",
            "duration_s": 1800,
            "name": one.candidate.name,
            "email": one.candidate.email,
            "invite_url": LINK,
            "not_before": None,
            "not_after": "2026-11-29T12:00:00Z",
        },
    }
    kept = await parts.storage.deliveries.of(one.session_id)
    assert [delivery.payload for delivery in kept if delivery.payload is not None] == []


async def test_without_smtp_nothing_is_queued_and_the_caller_is_told(parts: Parts) -> None:
    one = session()
    await parts.storage.sessions.add(one)
    assert await invite_created(parts, one, LINK, send=True) == Told(0, MailState.NOT_CONFIGURED)
    assert await parts.storage.deliveries.of(one.session_id) == []
    assert Mailer.of(parts.settings, parts.clock) is None


async def test_nobodys_mailbox_is_filled_by_who_may_invite(parts_with: Callable[..., Parts]) -> None:
    parts = parts_with(**smtp(9, mails_per_recipient_per_h=3))
    states: list[MailState] = []
    for n in range(5):
        one = session(session_id=f"00000000-0000-4000-8000-00000000000{n}")
        await parts.storage.sessions.add(one)
        states.append((await invite_created(parts, one, f"{LINK}{n}", send=True)).mail)
    assert states == [MailState.QUEUED] * 3 + [MailState.TOO_MANY] * 2
    assert len((await parts.storage.deliveries.page(MAIL))[0]) == 3


async def test_a_mail_about_an_erased_session_is_not_sent(parts_with: Callable[..., Parts]) -> None:
    parts = parts_with(**smtp(9))
    one, delivery = await invited(parts)
    await parts.storage.erase_session(one.session_id)
    assert await parts.storage.deliveries.claim("one", 60, Channel.MAIL) is None
    with pytest.raises(StaleAttempt):
        await invite_changed(parts, one, LINK, send=True)
    assert (await parts.storage.deliveries.page(MAIL))[0] == []
    assert delivery.event is EventKind.INVITE_CREATED


def test_a_sender_that_is_no_address_is_said_at_the_start(parts_with: Callable[..., Parts]) -> None:
    for wrong in ("", "nobody", "a b@c d"):
        parts = parts_with(**smtp(9, smtp_from=wrong))
        with pytest.raises(ConfigurationError, match="SMTP_FROM"):
            Mailer.of(parts.settings, parts.clock)
