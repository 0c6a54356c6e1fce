"""Watching a room live, unseen: only where the candidate was told that somebody may, and while it goes on."""

import logging

from control_api.access import OnHouse, OnSession
from control_api.incidents.schemas import WatchableList, WatchableView, WatchAnswer
from control_api.parts import Parts
from interview.consent import told_of_watching
from interview.errors import Conflict, RoomServiceUnavailable
from interview.names import observer_identity
from interview.session import Session, Status
from interview.storage.session_pages import Order, PageOrder, SessionFilter, SortBy

log = logging.getLogger(__name__)


async def watch(parts: Parts, on: OnSession) -> WatchAnswer:
    """Give a token with which the caller sees and hears a room, seen by nobody in it. Audited.

    Raises `Conflict`: `not_running` unless the interview goes on, `watching_not_told` where the candidate was not told
    that somebody may watch, or has not agreed to the camera.
    """
    session, user_id = on.session, on.user.user.user_id
    if session.status is not Status.IN_PROGRESS:
        raise Conflict("there is something to watch only while an interview goes on", code="not_running")
    if not told_of_watching(session):
        raise Conflict(
            "this candidate was not told that somebody may watch, or has not agreed to the camera",
            code="watching_not_told",
        )
    settings = parts.settings
    # before the token is given: who watched must stand there even if this process dies now
    await parts.storage.audit.add(
        actor=on.caller.actor, action="watch session live", subject=f"session:{session.session_id}"
    )
    return WatchAnswer(
        session_id=session.session_id,
        livekit_url=settings.livekit_public_url or settings.livekit_url,
        livekit_token=parts.rooms.observer_token(session.session_id, user_id),
        livekit_room_name=session.livekit_room_name,
        identity=observer_identity(user_id),
        expires_in_s=settings.observer_token_ttl_s,
    )


async def watchable(parts: Parts, on: OnHouse, limit: int, cursor: str | None) -> WatchableList:
    """Return a page of the rooms that the caller may watch now. Raises `Invalid` (`bad_cursor`)."""
    wanted = SessionFilter(owner_id=on.rows_of, statuses=(Status.IN_PROGRESS,))
    oldest_first = PageOrder(SortBy.CREATED_AT, Order.ASC)  # so that what is looked at keeps its place
    running, after = await parts.storage.sessions.page(wanted, order=oldest_first, limit=limit, after=cursor)
    told = [session for session in running if told_of_watching(session)]
    waiting = await parts.storage.incident_reviews.waiting_of([session.session_id for session in told])
    return WatchableList(
        at=parts.clock.now(),
        rooms=[_watchable(session, waiting.get(session.session_id, 0)) for session in told],
        not_told=len(running) - len(told),
        next_cursor=after,
    )


def _watchable(session: Session, waiting: int) -> WatchableView:
    return WatchableView(
        session_id=session.session_id,
        title=session.plan.title,
        language=session.plan.language,
        started_at=session.began_at(1),
        candidate_here=session.presence.joined_at is not None,
        waiting=waiting,
    )


async def put_out_observers(parts: Parts, session_id: str) -> None:
    """Put out whoever watches: the interview is paused, or the candidate agrees no longer.

    Where LiveKit is away the room's people are cut off from it all the same.
    """
    try:
        await parts.rooms.remove_observers(session_id)
    except RoomServiceUnavailable as error:
        log.warning("session %s: observers may still be in its room: %s", session_id, error.code)
