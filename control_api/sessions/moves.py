"""What the use cases of sessions have in common."""

from collections.abc import Iterable

from control_api.access import Caller
from control_api.parts import Parts
from interview.errors import IllegalTransition
from interview.session import ENDED, Session, Status


async def move_if_still(
    parts: Parts,
    session: Session,
    target: Status,
    *,
    by: str,
    reason: str,
    only_from: Iterable[Status] | None = None,
) -> Session:
    """Move the session; if somebody else ended it in between, return it as it is now."""
    try:
        return await parts.storage.sessions.move(session.session_id, target, by=by, reason=reason, only_from=only_from)
    except IllegalTransition:
        now = await parts.storage.sessions.get(session.session_id)
        if now.status not in ENDED:
            raise
        return now


async def note(parts: Parts, caller: Caller, action: str, session: Session) -> None:
    """Note in the audit log what was done to a session."""
    await parts.storage.audit.add(actor=caller.actor, action=action, subject=f"session:{session.session_id}")
