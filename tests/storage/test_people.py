"""Accounts, invite links and the audit log."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from interview.clock import VirtualClock
from interview.errors import Conflict, NotFound
from interview.invite import Invite, hash_secret, new_secret
from interview.storage import Storage
from interview.user import Role, User
from tests.storage.builders import NOON


def user(email: str) -> User:
    return User(
        user_id=str(uuid4()),
        email=email,
        name="Rae",
        role=Role.RECRUITER,
        password_hash="$argon2id$",
        created_at=NOON,
    )


def invite(session_id: str) -> Invite:
    return Invite(
        secret_hash=hash_secret(new_secret()),
        session_id=session_id,
        created_at=NOON,
    )


async def test_an_account_is_found_by_its_email_in_any_case(timed: Storage) -> None:
    rae = user("Rae.Jones@Example.com")
    await timed.users.add(rae)
    assert await timed.users.by_email(" RAE.jones@EXAMPLE.com") == rae
    assert await timed.users.get(rae.user_id) == rae
    assert await timed.users.by_email("other@example.com") is None
    assert await timed.users.get("other") is None
    assert await timed.users.count() == 1


async def test_an_email_has_one_account_whatever_its_case(timed: Storage) -> None:
    results = await asyncio.gather(
        *(timed.users.add(user(email)) for email in ("a@example.com", "A@example.com", "a@EXAMPLE.com")),
        return_exceptions=True,
    )
    refused = [result for result in results if isinstance(result, Conflict)]
    assert [error.code for error in refused] == ["email_taken", "email_taken"]
    assert "example" not in str(refused[0])
    assert await timed.users.count() == 1


async def test_an_invite_counts_its_openings_and_keeps_the_first(storage: Storage) -> None:
    link = invite(str(uuid4()))
    await storage.invites.add(link)
    with pytest.raises(Conflict):
        await storage.invites.add(link)
    first = await storage.invites.note_opened(link.secret_hash, NOON + timedelta(minutes=1))
    again = await storage.invites.note_opened(link.secret_hash, NOON + timedelta(minutes=9))
    assert (first.opened_count, again.opened_count) == (1, 2)
    assert first.first_opened_at == again.first_opened_at == NOON + timedelta(minutes=1)
    assert await storage.invites.get(link.secret_hash) == again
    assert await storage.invites.get("unknown") is None
    with pytest.raises(NotFound):
        await storage.invites.note_opened("unknown", NOON)


async def test_revoking_takes_all_good_links_of_a_session_and_no_other(storage: Storage) -> None:
    session_id = str(uuid4())
    mine, also_mine, other = invite(session_id), invite(session_id), invite(str(uuid4()))
    for link in (mine, also_mine, other):
        await storage.invites.add(link)
    assert await storage.invites.revoke_of(session_id, NOON) == 2
    assert await storage.invites.revoke_of(session_id, NOON + timedelta(days=1)) == 0
    revoked = await storage.invites.get(mine.secret_hash)
    assert revoked is not None
    assert revoked.revoked_at == NOON
    assert await storage.invites.get(other.secret_hash) == other


async def test_the_audit_log_tells_what_was_done_to_a_subject_in_order(timed: Storage, clock: VirtualClock) -> None:
    for action in ("session.created", "session.viewed"):
        await timed.audit.add("user:1", action, "session:1")
        clock.advance(1)
    await timed.audit.add("user:1", "session.created", "session:2")
    entries = await timed.audit.of_subject("session:1")
    assert [entry.action for entry in entries] == ["session.created", "session.viewed"]
    assert entries[0].at == NOON
