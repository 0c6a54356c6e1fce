"""Giving what somebody owns to somebody else, when they leave."""

from collections.abc import Sequence
from dataclasses import dataclass

from interview.errors import Invalid, NotFound
from interview.storage import Storage
from interview.user import Role, User

BATCH = 100
MAX_AT_ONCE = 500
"""Sessions that one call gives on; the answer says how many are left."""


@dataclass(frozen=True)
class HandedOver:
    """What one call did."""

    transferred: int
    """By this call."""
    already: int
    """Of the named ones: those that are the new owner's by now."""
    missing: tuple[str, ...]
    """Of the named ones: those that are neither's, or were deleted."""
    remaining: int
    """Still the old owner's; 0 when all of them were asked for and all are done."""


async def hand_over(
    storage: Storage, *, actor: str, source: User, target_id: str, session_ids: Sequence[str] | None
) -> HandedOver:
    """Give all sessions of `source`, or the named ones, to another account; at most `MAX_AT_ONCE` in one call.

    Each changes hands by itself, atomically, and is audited; so the call may be repeated, and is, until none remain.
    Raises `Invalid` (`bad_target`) unless the other account is an active recruiter or admin.
    """
    await _check_target(storage, source, target_id)
    transferred, already, missing = 0, 0, list[str]()
    if session_ids is not None:
        for session_id in dict.fromkeys(session_ids):
            if await _give(storage, actor, session_id, source.user_id, target_id):
                transferred += 1
            elif await _owner_of(storage, session_id) == target_id:
                already += 1
            else:
                missing.append(session_id)
    else:
        # twice as often as it takes: another call may be at the same work, and be the one that gives
        for _ in range(2 * MAX_AT_ONCE // BATCH):
            batch = await storage.sessions.owned(source.user_id, min(BATCH, MAX_AT_ONCE - transferred))
            given = [await _give(storage, actor, s.session_id, source.user_id, target_id) for s in batch]
            transferred += sum(given)
            if not batch or transferred == MAX_AT_ONCE:
                break
    remaining = await storage.sessions.count_owned(source.user_id)
    return HandedOver(transferred, already, tuple(missing), remaining)


async def _give(storage: Storage, actor: str, session_id: str, source_id: str, target_id: str) -> bool:
    if not await storage.sessions.hand_over(session_id, source=source_id, target=target_id):
        return False
    await storage.audit.add(actor, f"transfer to user:{target_id}", f"session:{session_id}")
    return True


async def _owner_of(storage: Storage, session_id: str) -> str | None:
    try:
        return (await storage.sessions.get(session_id)).owner_id
    except NotFound:
        return None


async def _check_target(storage: Storage, source: User, target_id: str) -> None:
    target = await storage.users.get(target_id)
    if target is None or target.disabled_at is not None or target.role is Role.PROCTOR:
        raise Invalid("sessions go to a recruiter or an admin who is not disabled", code="bad_target")
    if target_id == source.user_id:
        raise Invalid("these sessions are that user's already", code="bad_target")
