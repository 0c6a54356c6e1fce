"""Stopping an interview's clock, starting it again, and giving it more time."""

import logging

from control_api.access import Caller
from control_api.incidents.watching import put_out_observers
from control_api.parts import Parts
from control_api.sessions.launching import send_agents_or_leave
from control_api.sessions.moves import note
from control_api.sessions.queueing import enqueue, seat_at_once
from interview.errors import IllegalTransition, RoomServiceUnavailable
from interview.plan import MAX_DURATION_S
from interview.session import Session, Status

log = logging.getLogger(__name__)


async def pause(parts: Parts, caller: Caller, session: Session) -> Session:
    """Stop the clock: nothing is asked, recorded or proctored until `resume`. Repeating it changes nothing.

    Raises `IllegalTransition` unless the interview runs.
    """
    if session.status is not Status.PAUSED:
        session = await parts.storage.sessions.pause(session.session_id, by=caller.actor)
        await note(parts, caller, "pause session", session)
    await tell_agents(parts, session)
    await put_out_observers(parts, session.session_id)
    return session


async def resume(parts: Parts, caller: Caller, session: Session) -> Session:
    """Go on, with the interviewer's next attempt; or queue, if the seat was given up and the house is full.

    Repeating it changes nothing. Raises `IllegalTransition` unless the interview is paused.
    """
    if session.status in (Status.IN_PROGRESS, Status.QUEUED):
        return session
    if session.status is not Status.PAUSED:
        raise IllegalTransition(
            f"a session that is {session.status} cannot be resumed", status=session.status.value, wanted="IN_PROGRESS"
        )
    try:
        if await seat_at_once(parts, session):
            session = await parts.storage.sessions.resume(session.session_id, by=caller.actor)
        else:
            session = await enqueue(parts, session, by=caller.actor)
    except IllegalTransition:
        return await parts.storage.sessions.get(session.session_id)  # another caller was faster
    await note(parts, caller, "resume session", session)
    return session if session.status is Status.QUEUED else await send_agents_or_leave(parts, session)


async def extend(parts: Parts, caller: Caller, session: Session, by_s: int) -> Session:
    """Give the interview `by_s` more seconds. Raises `IllegalTransition` once it has ended, `Invalid` (`too_long`)."""
    session = await parts.storage.sessions.extend(session.session_id, by_s, MAX_DURATION_S)
    await note(parts, caller, "extend session", session)
    await tell_agents(parts, session)
    return session


async def tell_agents(parts: Parts, session: Session) -> None:
    """Tell the agents to read their session again. If that fails they learn it by themselves within seconds."""
    try:
        await parts.rooms.send_control(session.session_id)
    except RoomServiceUnavailable as error:
        log.info("session %s: its agents were not told: %s", session.session_id, error.code)
