"""Changing an account, disabling and enabling it. One active admin always stays."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from interview.clock import Clock
from interview.errors import Conflict, NotFound
from interview.storage import Storage
from interview.user import Role, User

_LEASE = "admins"
_LEASE_S = 30.0
_DONE_WITHIN_S = 20.0
"""What is done under the lease ends before the lease does."""
_TRIES = 100
_ASK_AGAIN_S = 0.05


async def change(
    storage: Storage, clock: Clock, *, actor: str, user_id: str, name: str | None = None, role: Role | None = None
) -> User:
    """Change name, role or both; a role acts from the next call on.

    Links for accounts that an admin made end when they are one no more: they could come back by them.
    Raises `NotFound`, and `Conflict` (`last_admin`) rather than leave the house without an active admin.
    """
    fields = {key: value for key, value in (("name", name), ("role", role)) if value is not None}
    async with _alone_with_admins(storage):
        user = await _found(storage, user_id)
        if role is not None and role is not Role.ADMIN:
            await _check_not_the_last(storage, user)
        changed = await storage.users.change(user_id, **fields) if fields else user
    if changed is None:
        raise _absent()
    if role is not None and role is not Role.ADMIN:
        await storage.account_links.revoke_made_by(f"user:{user_id}", clock.now())
    if fields:
        await storage.audit.add(actor, f"change user: {', '.join(sorted(fields))}", f"user:{user_id}")
    return changed


async def disable(storage: Storage, clock: Clock, *, actor: str, user_id: str) -> User:
    """Disable an account: its tokens, those that are out included, stop working at once. Repeating it is harmless.

    So do links for a new password of it, and all links for accounts that it made.
    Raises `NotFound`, and `Conflict` (`last_admin`).
    """
    async with _alone_with_admins(storage):
        user = await _found(storage, user_id)
        disabled = None
        if user.disabled_at is None:
            await _check_not_the_last(storage, user)
            disabled = await storage.users.disable(user_id, clock.now())
    # by a repeat as well: it finishes what a killed process began
    now = clock.now()
    await storage.refresh_tokens.end_all(user_id, "account disabled", now)
    await storage.account_links.revoke_resets(user.email, now)
    await storage.account_links.revoke_made_by(f"user:{user_id}", now)
    if disabled is None:
        return await _found(storage, user_id)
    await storage.audit.add(actor, "disable user", f"user:{user_id}")
    return disabled


async def enable(storage: Storage, *, actor: str, user_id: str) -> User:
    """Enable an account again; whoever has it signs in anew. Raises `NotFound`."""
    user = await _found(storage, user_id)
    if user.disabled_at is None:
        return user
    enabled = await storage.users.enable(user_id)
    if enabled is None:
        raise _absent()
    await storage.audit.add(actor, "enable user", f"user:{user_id}")
    return enabled


@asynccontextmanager
async def _alone_with_admins(storage: Storage) -> AsyncIterator[None]:
    """Let one change at a time through, over all replicas: two at once could each leave the other's admin as the last.

    Raises `Conflict` (`admins_busy`) when others keep it for too long.
    """
    owner = uuid.uuid4().hex
    for _ in range(_TRIES):
        if await storage.leases.acquire(_LEASE, owner, _LEASE_S):
            break
        await asyncio.sleep(_ASK_AGAIN_S)
    else:
        raise Conflict("other accounts are being changed just now; try again", code="admins_busy")
    try:
        async with asyncio.timeout(_DONE_WITHIN_S):
            yield
    except TimeoutError as error:
        raise Conflict("the database is too slow for this just now; try again", code="admins_busy") from error
    finally:
        await storage.leases.release(_LEASE, owner)


async def _check_not_the_last(storage: Storage, user: User) -> None:
    if user.role is not Role.ADMIN or user.disabled_at is not None:
        return
    if await storage.users.count_active_admins(but=user.user_id) == 0:
        raise Conflict("this is the last admin; make another one first", code="last_admin")


async def _found(storage: Storage, user_id: str) -> User:
    user = await storage.users.get(user_id)
    if user is None:
        raise _absent()
    return user


def _absent() -> NotFound:
    return NotFound("there is no such user")
