"""Beginning an interview, and letting its candidate into the room."""

import logging

from control_api.access import Caller
from control_api.parts import Parts
from control_api.sessions.moves import move_if_still
from interview.errors import Conflict, IllegalTransition, NotFound, RoomServiceUnavailable
from interview.session import ENDED, ConsentItem, Session, Status

log = logging.getLogger(__name__)

_WAITING = frozenset({Status.INITIALIZED, Status.QUEUED})
_RESTARTABLE = _WAITING | {Status.FAILED}


def check_may_join(session: Session) -> None:
    """Raise `Conflict` (`session_ended`) when a room token is of no use any more."""
    if session.status in ENDED:
        raise Conflict(
            f"this session is {session.status}; nobody can join it", code="session_ended", status=session.status.value
        )


async def start(parts: Parts, caller: Caller, session: Session) -> Session:
    """Begin a session, or begin a failed one anew as its next attempt. Repeating it on a running one changes nothing.

    Exactly one of many callers at once sends the agents. If LiveKit is away the session becomes `FAILED`, and
    `RoomServiceUnavailable` is raised; it can be started again. Raises `Conflict` (`consent_missing`, `too_early`,
    `window_closed`) and `IllegalTransition`.
    """
    session_id = session.session_id
    if session.status in _RESTARTABLE:
        await _check_may_start(parts, caller, session)
        try:
            session = await parts.storage.sessions.start(session_id, by=caller.actor)
        except IllegalTransition:
            session = await parts.storage.sessions.get(session_id)  # another caller was faster
        else:
            await _send_agents(parts, session)
            await parts.storage.audit.add(actor=caller.actor, action="start session", subject=f"session:{session_id}")
            return session
    if session.status is not Status.IN_PROGRESS:
        raise IllegalTransition(
            f"a session that is {session.status} cannot be started", status=session.status.value, wanted="IN_PROGRESS"
        )
    await parts.rooms.open(session_id)  # the faster caller may not have come to it, and the token needs the room
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
    if not session.consents(ConsentItem.INTERVIEW):
        raise Conflict("consent to the interview has not been recorded", code="consent_missing")


async def _send_agents(parts: Parts, session: Session) -> None:
    """Make the room and send the agents of this attempt; if that fails the session is `FAILED`, with the reason."""
    proctor = session.plan.proctoring.enabled and session.consents(ConsentItem.CAMERA)
    try:
        await parts.rooms.open(session.session_id)
        if session.attempt > 1:
            await parts.rooms.retire(session.session_id, session.attempt - 1)
        await parts.rooms.dispatch(session.session_id, session.attempt, proctor=proctor)
    except (RoomServiceUnavailable, NotFound) as error:
        log.error("session %s attempt %d: the room failed: %s", session.session_id, session.attempt, error.code)
        await parts.storage.sessions.move(
            session.session_id,
            Status.FAILED,
            by="system:control_api",
            reason="the room service was not available",
            only_from={Status.IN_PROGRESS},
            attempt=session.attempt,
        )
        raise RoomServiceUnavailable(
            "the room service is not available; the session can be started again", status=Status.FAILED.value
        ) from error
