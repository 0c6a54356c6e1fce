"""Inviting colleagues: a one-time link, with which they make their account themselves.

Each use case returns the link; whoever sends it (by mail, or by copying) takes it from there. It is shown once.
"""

import uuid
from datetime import timedelta

from control_api.users.links import invitation_url, no_such_link
from control_api.users.password_rules import check_password
from control_api.users.service import add_user, checked_email
from interview.account_link import AccountLink, LinkKind
from interview.clock import Clock
from interview.errors import Conflict, NotFound, VivaError
from interview.invite import hash_secret, new_secret
from interview.settings import Settings
from interview.storage import Storage
from interview.user import Role, User


async def invite(
    storage: Storage, clock: Clock, settings: Settings, *, actor: str, email: str, name: str, role: Role
) -> tuple[AccountLink, str]:
    """Invite somebody; return the invitation and its link.

    Raises `Invalid` (`bad_user`), and `Conflict` (`email_taken`, `invitation_open`).
    """
    email = checked_email(email)
    now = clock.now()
    await _check_free(storage, email)
    if await storage.account_links.open_invitation(email, now) is not None:
        raise Conflict("this email is invited already; send that invitation again", code="invitation_open")
    secret = new_secret()
    link = AccountLink(
        link_id=str(uuid.uuid4()),
        kind=LinkKind.INVITATION,
        secret_hash=hash_secret(secret),
        user_id=str(uuid.uuid4()),
        email=email,
        name=name,
        role=role,
        created_by=actor,
        created_at=now,
        expires_at=now + timedelta(seconds=settings.invitation_ttl_s),
    )
    await storage.account_links.add(link)
    await storage.audit.add(actor, "invite user", f"invitation:{link.link_id}")
    return link, invitation_url(settings, secret)


async def resend(
    storage: Storage, clock: Clock, settings: Settings, *, actor: str, invitation_id: str
) -> tuple[AccountLink, str]:
    """Give an invitation a new link and its whole time again; the old link stops working.

    Raises `NotFound` (`invitation_not_found`), and `Conflict` (`email_taken`) when it was accepted.
    """
    link = await _invitation(storage, invitation_id)
    await _check_free(storage, link.email)
    secret = new_secret()
    expires_at = clock.now() + timedelta(seconds=settings.invitation_ttl_s)
    renewed = await storage.account_links.renew(
        invitation_id, secret_hash=hash_secret(secret), expires_at=expires_at, created_by=actor
    )
    if renewed is None:
        raise _no_invitation()
    await storage.audit.add(actor, "resend invitation", f"invitation:{invitation_id}")
    return renewed, invitation_url(settings, secret)


async def revoke(storage: Storage, clock: Clock, *, actor: str, invitation_id: str) -> None:
    """Withdraw an invitation: its link stops working at once. Repeating it is harmless.

    Raises `NotFound` (`invitation_not_found`), and `Conflict` (`invitation_used`) when it was accepted.
    """
    link = await _invitation(storage, invitation_id, revoked_too=True)
    if link.revoked_at is not None:
        return
    if await storage.account_links.revoke(invitation_id, clock.now()) is None:
        raise Conflict("this invitation was accepted; disable the account instead", code="invitation_used")
    await storage.audit.add(actor, "revoke invitation", f"invitation:{invitation_id}")


async def accept(storage: Storage, clock: Clock, *, secret: str, name: str | None, password: str) -> User:
    """Make the account that an invitation promises; of two at once with one link one does.

    Raises `NotFound` (`link_not_found`), `Invalid` (`bad_password`, which leaves the link good), and `Conflict`
    (`email_taken`).
    """
    secret_hash = hash_secret(secret)
    link = await storage.account_links.by_secret(secret_hash)
    if link is None:
        raise no_such_link()
    # before the link is used up: who chose a bad password tries again
    check_password(password, email=link.email, name=name or link.name)
    if await storage.account_links.use(secret_hash, LinkKind.INVITATION, clock.now()) is None:
        raise no_such_link()
    try:
        user, _ = await add_user(
            storage,
            clock,
            email=link.email,
            name=name or link.name,
            role=link.role,
            password=password,
            user_id=link.user_id,
            by=f"user:{link.user_id}",
        )
    except VivaError:
        await storage.account_links.unuse(link.link_id)
        raise
    return user


async def _check_free(storage: Storage, email: str) -> None:
    if await storage.users.by_email(email) is not None:
        raise Conflict("an account with this email exists already", code="email_taken")


async def _invitation(storage: Storage, invitation_id: str, *, revoked_too: bool = False) -> AccountLink:
    link = await storage.account_links.get(invitation_id)
    if link is None or link.kind is not LinkKind.INVITATION or (link.revoked_at is not None and not revoked_too):
        raise _no_invitation()
    return link


def _no_invitation() -> NotFound:
    return NotFound("there is no such invitation", code="invitation_not_found")
