"""Beginning an interview, and letting its candidate into the room."""

from control_api.access import Caller
from control_api.parts import Parts
from control_api.sessions.consenting import check_consent
from control_api.sessions.launching import send_agents_or_fail, send_agents_or_leave
from control_api.sessions.moves import move_if_still
from control_api.sessions.queueing import admit, enqueue, seat_at_once
from control_api.sessions.spending import check_ceiling
from interview.errors import Conflict, IllegalTransition
from interview.session import ENDED, Session, Status

_WAITING = frozenset({Status.INITIALIZED, Status.QUEUED})
_NOT_BEGUN = frozenset({Status.INITIALIZED, Status.FAILED})


def check_may_join(session: Session) -> None:
    """Raise `Conflict` (`session_ended`) when a room token is of no use any more."""
    if session.status in ENDED:
        raise Conflict(
            f"this session is {session.status}; nobody can join it", code="session_ended", status=session.status.value
        )


async def start(parts: Parts, caller: Caller, session: Session) -> Session:
    """Begin a session, or begin a failed one anew as its next attempt; `QUEUED` when the house is full.

    Repeating it on one that runs or queues changes nothing. Exactly one of many callers at once sends the agents. If
    LiveKit is away the session becomes `FAILED`, and `RoomServiceUnavailable` is raised; it can be started again.
    Raises `Conflict` (`consent_missing`, `too_early`, `window_closed`), `TooMany` (`daily_cost_ceiling`) and
    `IllegalTransition`.
    """
    session_id = session.session_id
    if session.status in _NOT_BEGUN:
        await _check_may_start(parts, caller, session)
        await check_ceiling(parts, session)
        agreed = session.plan.consent.required
        try:
            if await seat_at_once(parts, session):
                session = await parts.storage.sessions.start(session_id, by=caller.actor, agreed=agreed)
            else:
                session = await enqueue(parts, session, by=caller.actor, agreed=agreed)
        except IllegalTransition:
            session = await parts.storage.sessions.get(session_id)  # another caller was faster
        else:
            await parts.storage.audit.add(actor=caller.actor, action="start session", subject=f"session:{session_id}")
            if session.status is Status.IN_PROGRESS:
                return await send_agents_or_fail(parts, session)
    if session.status is Status.QUEUED:
        return await _try_the_queue(parts, session)
    if session.status is not Status.IN_PROGRESS:
        raise IllegalTransition(
            f"a session that is {session.status} cannot be started", status=session.status.value, wanted="IN_PROGRESS"
        )
    await parts.rooms.open(session_id)  # the faster caller may not have come to it, and the token needs the room
    return session


async def _try_the_queue(parts: Parts, session: Session) -> Session:
    """A seat may have become free since the house was full: let in whoever is first, which may be this one."""
    for admitted in await admit(parts):
        sent = await send_agents_or_leave(parts, admitted)
        if sent.session_id == session.session_id:
            session = sent
    return session


async def _check_may_start(parts: Parts, caller: Caller, session: Session) -> None:
    now = parts.clock.now()
    if session.not_before is not None and now < session.not_before:
        raise Conflict("it is too early to start", code="too_early", not_before=session.not_before.isoformat())
    if now > session.not_after:
        # a failed one stays failed: it began, and its owner can make another
        now_is = await move_if_still(
            parts, session, Status.EXPIRED, by=caller.actor, reason="not started in its window", only_from=_WAITING
        )
        raise Conflict(
            "the time in which this session could be started is over",
            code="window_closed",
            status=now_is.status.value,
            not_after=session.not_after.isoformat(),
        )
    check_consent(session)
