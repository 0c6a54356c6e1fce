"""A redo: a new session in place of one that went wrong, linked to it both ways."""

from control_api.access import UserCaller
from control_api.idempotency import Claim
from control_api.outgoing.invites import MailState, invite_created
from control_api.parts import Parts
from control_api.sessions.creating import add_with_link, end_of_window
from control_api.sessions.schemas import RedoRequest
from interview.errors import Conflict, Invalid, NotFound
from interview.names import room_name
from interview.session import Progress, Session, Status

_FROM = frozenset({Status.FAILED, Status.ABANDONED, Status.EXPIRED, Status.COMPLETED})
_TRIES = 5


async def redo(
    parts: Parts, caller: UserCaller, session: Session, given: RedoRequest, claim: Claim
) -> tuple[Session, str, MailState]:
    """Make a new session for the same candidate and plan, with a new invite and consent still to be given.

    A session is redone once; if the redo goes wrong too, that is redone, and if it was erased, the first again. Raises
    `Conflict` (`not_over`, `already_redone`), `Invalid` (`reason_missing` for a completed one, `window_closed`).
    """
    if session.status not in _FROM:
        raise Conflict(
            f"a session that is {session.status} cannot be redone", code="not_over", status=session.status.value
        )
    if session.status is Status.COMPLETED and not given.reason:
        raise Invalid("say why a completed interview is to be redone", code="reason_missing")
    new = _another(parts, session, given, claim.session_id())
    await _mark(parts, session, new.session_id)
    new, url = await add_with_link(parts, new, claim, by=caller.actor, action="redo session")
    told = await invite_created(parts, new, url, send=given.send)
    return new, url, told.mail


async def _mark(parts: Parts, session: Session, new_id: str) -> None:
    """Note on the first session which one repeats it: one of many callers may. Raises `Conflict` (`already_redone`)."""
    for _ in range(_TRIES):
        present = session.redone_by
        if present == new_id:
            return  # an earlier try of the same call came so far
        if present is not None and not await _is_gone(parts, session, present):
            raise Conflict("this session has been redone already", code="already_redone", redone_by=present)
        marked = await parts.storage.session_edits.mark_redone(
            session.session_id, new_id, instead_of=present, only_from=_FROM
        )
        if marked is not None:
            return
        session = await parts.storage.sessions.get(session.session_id)
        if session.status not in _FROM:
            break
    raise Conflict("this session has just been changed; look at it again", code="already_redone")


async def _is_gone(parts: Parts, session: Session, redone_by: str) -> bool:
    """Tell whether the session that repeats this one was erased, or never came to be since its maker died."""
    try:
        return (await parts.storage.sessions.get(redone_by)).status is Status.DELETED
    except NotFound:
        marked_s = (parts.clock.now() - session.updated_at).total_seconds()
        return marked_s >= parts.settings.idempotency_lease_s


def _another(parts: Parts, session: Session, given: RedoRequest, session_id: str) -> Session:
    now = parts.clock.now()
    not_after = end_of_window(parts, given.not_before, given.not_after)
    # the owner stays, also where an admin asks: it is their candidate
    return Session(
        session_id=session_id,
        owner_id=session.owner_id,
        candidate=session.candidate,
        reference=session.reference,
        plan=session.plan,
        accommodations=session.accommodations,
        livekit_room_name=room_name(session_id),
        created_at=now,
        updated_at=now,
        not_before=given.not_before,
        not_after=not_after,
        progress=Progress(total=len(session.plan.questions)),
        redo_of=session.session_id,
        redo_reason=given.reason,
    )
