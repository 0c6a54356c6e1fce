"""Changing a password: by its owner, by a one-time link that an admin made, or from the command line."""

import uuid
from datetime import timedelta

from control_api.access.callers import UserCaller
from control_api.auth import throttle
from control_api.parts import Parts
from control_api.users.links import no_such_link, reset_url
from control_api.users.password_rules import check_password
from control_api.users.passwords import hash_password, new_password
from interview.account_link import AccountLink, LinkKind
from interview.clock import Clock
from interview.errors import Conflict, NotAllowed, VivaError
from interview.invite import hash_secret, new_secret
from interview.settings import Settings
from interview.storage import Storage
from interview.user import User


async def change_own(parts: Parts, caller: UserCaller, address: str, *, current: str, new: str) -> None:
    """Change one's own password; every sign-in but the one that this call comes from ends at once.

    Raises `NotAllowed` (`wrong_password`), `Invalid` (`bad_password`), and `TooMany` (`too_many_attempts`): whoever
    found an open browser must not guess the password there.
    """
    user = caller.user
    check_password(new, email=user.email, name=user.name)
    tries = await throttle.take_try(parts, account=f"password:{user.user_id}", address=address)
    if not await parts.passwords.match(user.password_hash, current):
        raise NotAllowed("the current password is wrong", code="wrong_password")
    await throttle.succeeded(parts, tries)
    password_hash = await hash_password(new)
    kept = caller.family_id
    if await parts.storage.users.set_password(user.user_id, password_hash, was=user.password_hash, keep=kept) is None:
        raise Conflict("the password was changed by another call; sign in again", code="password_changed")
    await _passed(parts.storage, parts.clock, user, actor=caller.actor, keep=kept)


async def make_reset(
    storage: Storage, clock: Clock, settings: Settings, *, actor: str, user: User
) -> tuple[AccountLink, str]:
    """Make a one-time link with which the user sets a new password; return both. Earlier ones stop working."""
    now = clock.now()
    await storage.account_links.revoke_resets(user.email, now)
    secret = new_secret()
    link = AccountLink(
        link_id=str(uuid.uuid4()),
        kind=LinkKind.PASSWORD_RESET,
        secret_hash=hash_secret(secret),
        user_id=user.user_id,
        email=user.email,
        name=user.name,
        role=user.role,
        created_by=actor,
        created_at=now,
        expires_at=now + timedelta(seconds=settings.password_reset_ttl_s),
    )
    await storage.account_links.add(link)
    await storage.audit.add(actor, "make password reset", f"user:{user.user_id}")
    return link, reset_url(settings, secret)


async def use_reset(storage: Storage, clock: Clock, *, secret: str, password: str) -> None:
    """Set a new password by a link; every sign-in of the account ends at once.

    Raises `NotFound` (`link_not_found`), and `Invalid` (`bad_password`), which leaves the link good.
    """
    secret_hash = hash_secret(secret)
    link = await storage.account_links.by_secret(secret_hash)
    user = await storage.users.get(link.user_id) if link else None
    if link is None or user is None:
        raise no_such_link()
    check_password(password, email=user.email, name=user.name)
    # before the hash, which is work: whoever has a link that was used gets none of it
    if await storage.account_links.use(secret_hash, LinkKind.PASSWORD_RESET, clock.now()) is None:
        raise no_such_link()
    try:
        await storage.users.set_password(user.user_id, await hash_password(password), was=None, keep=None)
    except VivaError:
        await storage.account_links.unuse(link.link_id)
        raise
    await storage.sign_in_failures.succeeded(f"account:{user.email}")
    await _passed(storage, clock, user, actor=f"user:{user.user_id}")


async def generate(storage: Storage, clock: Clock, *, actor: str, user: User) -> str:
    """Give the user a generated password, and return it (shown once, kept nowhere); every sign-in ends at once."""
    password = new_password()
    await storage.users.set_password(user.user_id, await hash_password(password), was=None, keep=None)
    await storage.sign_in_failures.succeeded(f"account:{user.email}")
    await _passed(storage, clock, user, actor=actor)
    return password


async def _passed(storage: Storage, clock: Clock, user: User, *, actor: str, keep: str | None = None) -> None:
    """Note what the new password has ended already, and withdraw links for another one."""
    now = clock.now()
    await storage.refresh_tokens.end_all(user.user_id, "password changed", now, but=keep)
    await storage.account_links.revoke_resets(user.email, now)
    await storage.audit.add(actor, "change password", f"user:{user.user_id}")
