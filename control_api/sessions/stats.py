"""`GET /stats`: what MongoDB says beside what LiveKit says, and where the two disagree."""

import asyncio
from typing import Self

from control_api.access import OnHouse
from control_api.parts import Parts
from control_api.schemas import Answer
from interview.errors import NotFound, RoomServiceUnavailable
from interview.names import session_of_room
from interview.session import STARTED, Session, Status
from interview.storage.session_pages import SessionFilter

_MEASURED = 100
"""Completed sessions, the last ones, of which the average is taken."""
_IDS_SHOWN = 100
_OVER = (Status.COMPLETED, Status.ABANDONED, Status.EXPIRED, Status.FAILED)


class Counts(Answer):
    """How many sessions there are. The total is without those that were deleted."""

    active_sessions: int
    total_sessions: int
    by_status: dict[Status, int]
    completion_rate: float | None
    """Of those that are over, expired and failed ones included; null while there is none."""
    average_duration_s: float | None
    """Of the last hundred that were completed, pauses excluded."""

    @classmethod
    def of(cls, counts: dict[Status, int], durations_s: list[float]) -> Self:
        """Work out the figures."""
        over = sum(counts[status] for status in _OVER)
        return cls(
            active_sessions=sum(counts[status] for status in STARTED),
            total_sessions=sum(counts.values()) - counts[Status.DELETED],
            by_status=counts,
            completion_rate=round(counts[Status.COMPLETED] / over, 4) if over else None,
            average_duration_s=round(sum(durations_s) / len(durations_s), 1) if durations_s else None,
        )


class Disagreement(Answer):
    """Sessions about which the two disagree: the ids of one's own (at most 100), and how many others."""

    own: list[str]
    others: int


class Disagreements(Answer):
    """What only one of the two knows of. Right at a start or an end either may lag by a second."""

    in_progress_without_room: Disagreement
    rooms_without_session: Disagreement


class StatsAnswer(Counts):
    """The house's totals, and the same of one's own. Without LiveKit, its figures are null."""

    own: Counts
    livekit_available: bool
    livekit_rooms: int | None
    """Rooms of interviews."""
    disagreements: Disagreements | None


async def stats(parts: Parts, on: OnHouse) -> StatsAnswer:
    """Count, compare, and name disagreements. An admin's own is everything."""
    house, own, rooms = await asyncio.gather(_counts(parts, None), _counts(parts, on.rows_of), _rooms(parts))
    return StatsAnswer(
        **house.model_dump(),
        own=own,
        livekit_available=rooms is not None,
        livekit_rooms=None if rooms is None else len(rooms),
        disagreements=None if rooms is None else await _compare(parts, on, rooms),
    )


async def _counts(parts: Parts, owner_id: str | None) -> Counts:
    counts = await parts.storage.sessions.counts_by_status(owner_id)
    completed = SessionFilter(owner_id=owner_id, statuses=(Status.COMPLETED,))
    last, _ = await parts.storage.sessions.page(completed, limit=_MEASURED)
    return Counts.of(counts, [duration for session in last if (duration := _duration_s(session)) is not None])


def _duration_s(session: Session) -> float | None:
    if session.ended_at is None or session.clock_started_at is None:
        return None
    return max(0.0, (session.ended_at - session.clock_started_at).total_seconds() - session.paused_total_s)


async def _rooms(parts: Parts) -> set[str] | None:
    """Return the ids in the names of our rooms, or None while LiveKit is away."""
    try:
        names = await parts.rooms.list_rooms()
    except RoomServiceUnavailable:
        return None
    return {session_id for name in names if (session_id := session_of_room(name)) is not None}


async def _compare(parts: Parts, on: OnHouse, rooms: set[str]) -> Disagreements:
    active = await parts.storage.sessions.in_status({*STARTED, Status.QUEUED})
    known = {session.session_id for session in active}
    without_room = [s for s in active if s.status is Status.IN_PROGRESS and s.session_id not in rooms]
    owners = {session.session_id: session.owner_id for session in without_room}
    missing = {session.session_id for session in without_room}
    orphans = rooms - known
    for session_id in orphans:
        try:
            owners[session_id] = (await parts.storage.sessions.get(session_id)).owner_id
        except NotFound:
            continue  # nobody's: only who sees everything is told its id
    return Disagreements(
        in_progress_without_room=_shown(on, missing, owners), rooms_without_session=_shown(on, orphans, owners)
    )


def _shown(on: OnHouse, found: set[str], owners: dict[str, str]) -> Disagreement:
    own = sorted(found if on.rows_of is None else (one for one in found if owners.get(one) == on.rows_of))
    return Disagreement(own=own[:_IDS_SHOWN], others=len(found) - len(own))
