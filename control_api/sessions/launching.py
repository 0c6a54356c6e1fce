"""Getting an interview going once it has a seat: its room, its agents."""

import logging

from control_api.parts import Parts
from interview.errors import NotFound, RoomServiceUnavailable
from interview.session import ConsentItem, Session, Status

log = logging.getLogger(__name__)


def wants_proctor(session: Session) -> bool:
    """Tell whether a proctor is sent: the plan asks for one, and the candidate agreed."""
    return session.plan.proctoring.enabled and session.consents(ConsentItem.CAMERA)


async def send_agents(parts: Parts, session: Session) -> Session:
    """Make the room and send the agents of this attempt; those of the attempt before are put out first.

    Raises `RoomServiceUnavailable`; it may then be repeated: an agent that came all the same is fenced off by the
    next attempt, and the server lets only one of an attempt stay.
    """
    try:
        await parts.rooms.open(session.session_id)
        if session.attempt > 1:
            await parts.rooms.retire(session.session_id, session.attempt - 1)
        await parts.rooms.dispatch(session.session_id, session.attempt, proctor=wants_proctor(session))
    except NotFound as error:
        raise RoomServiceUnavailable("the room was closed while its agents were sent") from error
    return await parts.storage.sessions.note_dispatched(session.session_id, session.attempt)


async def send_agents_or_leave(parts: Parts, session: Session) -> Session:
    """Send the agents; while the rooms are away the session goes on, and the custodian sends them later."""
    try:
        return await send_agents(parts, session)
    except RoomServiceUnavailable as error:
        log.warning("session %s attempt %d: no agents yet: %s", session.session_id, session.attempt, error.code)
        return session


async def send_agents_or_fail(parts: Parts, session: Session) -> Session:
    """Send the agents; if that fails the session is `FAILED`, its seat is free, and `RoomServiceUnavailable` raised."""
    try:
        return await send_agents(parts, session)
    except RoomServiceUnavailable as error:
        log.error("session %s attempt %d: the room failed: %s", session.session_id, session.attempt, error.code)
        seat = await parts.storage.slots.of(session.session_id)
        await parts.storage.sessions.move(
            session.session_id,
            Status.FAILED,
            by="system:control_api",
            reason="the room service was not available",
            only_from={Status.IN_PROGRESS},
            attempt=session.attempt,
        )
        if seat is not None:
            await parts.storage.slots.release(seat)
        raise RoomServiceUnavailable(
            "the room service is not available; the session can be started again", status=Status.FAILED.value
        ) from error
