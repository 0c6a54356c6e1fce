"""Giving what somebody owns to somebody else, when they leave."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from interview.errors import Invalid, NotFound
from interview.storage import Storage
from interview.user import Role, User

BATCH = 100
MAX_AT_ONCE = 500
"""Sessions, and plans, that one call gives on; the answer says how many are left."""


@dataclass(frozen=True)
class HandedOver:
    """What one call did."""

    transferred: int
    """Sessions, by this call."""
    already: int
    """Of the named sessions: those that are the new owner's by now."""
    missing: tuple[str, ...]
    """Of the named sessions: those that are neither's, or were deleted."""
    remaining: int
    """Sessions that are still the old owner's."""
    plans_transferred: int
    plans_remaining: int


async def hand_over(
    storage: Storage, *, actor: str, source: User, target_id: str, session_ids: Sequence[str] | None
) -> HandedOver:
    """Give all sessions and plans of `source`, or the named sessions, to another account; a bounded number in one call.

    Each changes hands by itself, atomically, and is audited; so the call may be repeated, and is, until none remain.
    Raises `Invalid` (`bad_target`) unless the other account is an active recruiter or admin.
    """
    await _check_target(storage, source, target_id)
    from_id = source.user_id
    transferred, already, plans_transferred, missing = 0, 0, 0, list[str]()
    if session_ids is not None:
        for session_id in dict.fromkeys(session_ids):
            theirs = await _owner_of(storage, session_id) == from_id
            if theirs and await _give_session(storage, actor, session_id, from_id, target_id):
                transferred += 1
            elif await _owner_of(storage, session_id) == target_id:
                already += 1
            else:
                missing.append(session_id)
    else:

        async def sessions(limit: int) -> list[str]:
            return [session.session_id for session in await storage.sessions.owned(from_id, limit)]

        async def plans(limit: int) -> list[str]:
            return [plan.plan_id for plan in await storage.plans.owned(from_id, limit)]

        transferred = await _give_all(sessions, lambda key: _give_session(storage, actor, key, from_id, target_id))
        plans_transferred = await _give_all(plans, lambda key: _give_plan(storage, actor, key, from_id, target_id))
    return HandedOver(
        transferred=transferred,
        already=already,
        missing=tuple(missing),
        remaining=await storage.sessions.count_owned(from_id),
        plans_transferred=plans_transferred,
        plans_remaining=await storage.plans.count_owned(from_id),
    )


async def _give_all(owned: Callable[[int], Awaitable[list[str]]], give: Callable[[str], Awaitable[bool]]) -> int:
    """Give on what is owned, batch by batch, at most `MAX_AT_ONCE`; return how many this call gave."""
    given = 0
    # twice as often as it takes: another call may be at the same work, and be the one that gives
    for _ in range(2 * MAX_AT_ONCE // BATCH):
        batch = await owned(min(BATCH, MAX_AT_ONCE - given))
        given += sum([await give(key) for key in batch])
        if not batch or given == MAX_AT_ONCE:
            break
    return given


async def _give_session(storage: Storage, actor: str, session_id: str, source_id: str, target_id: str) -> bool:
    # its problems and incidents before, so that a repeat finishes what a killed process began; and after, for those
    # that came in between
    await storage.problems.hand_over(session_id, target_id)
    await storage.incidents.hand_over(session_id, target_id)
    if not await storage.sessions.hand_over(session_id, source=source_id, target=target_id):
        return False
    await storage.problems.hand_over(session_id, target_id)
    await storage.incidents.hand_over(session_id, target_id)
    await storage.reports.hand_over(session_id, target_id)
    await storage.audit.add(actor, f"transfer to user:{target_id}", f"session:{session_id}")
    return True


async def _give_plan(storage: Storage, actor: str, plan_id: str, source_id: str, target_id: str) -> bool:
    if not await storage.plans.hand_over(plan_id, source=source_id, target=target_id):
        return False
    await storage.audit.add(actor, f"transfer to user:{target_id}", f"plan:{plan_id}")
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
