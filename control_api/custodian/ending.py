"""Interviews that must end: nobody came, nobody came back, the time is over, nothing happens any more."""

import logging
from datetime import datetime, timedelta

from control_api.custodian.running import Attended
from control_api.parts import Parts
from control_api.sessions.ending import clear_up, has_answer
from interview.errors import Conflict
from interview.session import Session, Status
from interview.settings import Settings

log = logging.getLogger(__name__)

NO_SHOW = "the candidate did not come"
NOT_BACK = "the candidate left and did not return"
OUT_OF_TIME = "the time was over"
INACTIVE = "nothing happened any more"


def reason_to_end(session: Session, now: datetime, settings: Settings) -> str | None:
    """Say why an interview that runs must end now, or None.

    The interviewer sees to the first two by itself, at their exact time; a margin later it is taken for dead.
    """
    margin = timedelta(seconds=settings.custodian_margin_s)
    presence = session.presence
    if presence.joined_at is None:
        came_by = (session.started_at or session.updated_at) + timedelta(seconds=settings.no_show_s)
        return NO_SHOW if now > came_by + margin else None
    if presence.left_at is not None and presence.left_at > presence.joined_at:
        back_by = max(presence.left_at, _resumed_at(session)) + timedelta(seconds=settings.rejoin_window_s)
        if now > back_by + margin:
            return NOT_BACK
    if used_s(session, now) > limit_s(session, settings) + settings.custodian_margin_s:
        return OUT_OF_TIME
    return None


def limit_s(session: Session, settings: Settings) -> float:
    """Return how long an interview may run, pauses excluded, in seconds."""
    return max(settings.interview_session_timeout, session.allowed_s)


def used_s(session: Session, now: datetime) -> float:
    """Return how long an interview has been running, pauses excluded, in seconds."""
    since = session.clock_started_at or now
    return ((session.paused_at or now) - since).total_seconds() - session.paused_total_s


async def end_what_is_over(parts: Parts, attended: list[Attended]) -> int:
    """End the interviews that run and must not any more; return how many were ended."""
    ended = 0
    for seen in attended:
        reason = reason_to_end(seen.session, parts.clock.now(), parts.settings)
        if reason is not None:
            ended += await _end(parts, seen.session, reason)
    return ended


async def end_what_is_inactive(parts: Parts) -> int:
    """End what has begun and in which nothing has happened for `INACTIVITY_S`; return how many were ended."""
    ended = 0
    oldest = parts.clock.now() - timedelta(seconds=parts.settings.inactivity_s)
    for session in await parts.storage.sessions.in_status({Status.QUEUED, Status.IN_PROGRESS, Status.PAUSED}):
        if session.updated_at < oldest:
            ended += await _end(parts, session, INACTIVE)
    return ended


async def _end(parts: Parts, session: Session, reason: str) -> bool:
    answered = await has_answer(parts, session)
    target = Status.EXPIRED
    if answered:
        target = Status.COMPLETED if reason == OUT_OF_TIME else Status.ABANDONED
    try:
        session = await parts.storage.sessions.move(
            session.session_id, target, by="system:custodian", reason=reason, attempt=session.attempt
        )
    except Conflict as error:
        log.info("session %s ended or went on by itself (%s)", session.session_id, error.code)
        return False
    log.info("session %s is %s: %s", session.session_id, session.status, reason)
    await clear_up(parts, session)
    return True


def _resumed_at(session: Session) -> datetime:
    """When the present stretch of the interview began: a candidate may have left during a pause."""
    moves = [entry for entry in session.history if entry.target is Status.IN_PROGRESS]
    begun = [entry.at for entry in moves if entry.source is not Status.IN_PROGRESS]
    return begun[-1] if begun else session.created_at
