"""Interviews that run: that their candidate's presence is known, that there is a room, and that agents are in it.

LiveKit tells of comings and goings by webhooks, which get lost; it dispatches nobody again when an agent dies, and
after its own restart it knows no rooms. So what is there is compared with what should be, every few seconds.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from control_api.parts import Parts
from control_api.sessions.launching import send_agents, wants_proctor
from interview.errors import Conflict, RoomServiceUnavailable
from interview.names import candidate_identity, interviewer_identity, proctor_identity, room_name
from interview.processes import MISSED_BEATS
from interview.replica import ReplicaKind
from interview.session import Session, Status

log = logging.getLogger(__name__)

_LOST_AFTER = timedelta(seconds=1.5)
"""An interviewer that was sent to a worker which was just there gives its first heartbeat before that."""

_NO_WORKER_S = 60.0
"""An attempt lasts at least so long while there is no worker that could take it: the next one is used at once anyway,
and the attempts of an interview are not used up by a worker that is slow to start."""

_SLOWER = 1.5
"""Each further try to get an agent going is given so much more time: a loaded machine is not loaded even more."""


@dataclass(frozen=True)
class Attended:
    """A session that runs, and who is in its room."""

    session: Session
    identities: frozenset[str]

    @property
    def candidate_is_here(self) -> bool:
        """Whether the candidate is in the room."""
        return candidate_identity(self.session.session_id) in self.identities

    @property
    def interviewer_is_here(self) -> bool:
        """Whether the interviewer of the present attempt is in the room."""
        return interviewer_identity(self.session.attempt) in self.identities

    @property
    def proctor_is_here(self) -> bool:
        """Whether the proctor of the present attempt is in the room."""
        return proctor_identity(self.session.attempt) in self.identities


async def look_around(parts: Parts, rooms: frozenset[str]) -> list[Attended]:
    """Return every interview that runs with who is in its room, and note comings and goings that nobody told.

    `rooms` are the rooms that exist; one that is missing is made again, for whoever comes back.
    """
    attended: list[Attended] = []
    for session in await parts.storage.sessions.in_status({Status.IN_PROGRESS}):
        if room_name(session.session_id) in rooms:
            identities = frozenset(await parts.rooms.identities(session.session_id))
        else:
            log.warning("session %s runs without a room; it is made again", session.session_id)
            await parts.rooms.open(session.session_id)
            identities = frozenset()
        attended.append(await _note_presence(parts, Attended(session, identities)))
    return attended


async def _note_presence(parts: Parts, seen: Attended) -> Attended:
    presence, now = seen.session.presence, parts.clock.now()
    known_here = presence.joined_at is not None and not (presence.left_at and presence.left_at > presence.joined_at)
    if seen.candidate_is_here == known_here:
        return seen
    if seen.candidate_is_here:
        await parts.storage.sessions.note_joined(seen.session.session_id, now)
    else:
        await parts.storage.sessions.note_left(seen.session.session_id, now)
    return Attended(await parts.storage.sessions.get(seen.session.session_id), seen.identities)


class _Sign(NamedTuple):
    """The last sign of life that was seen, and from when on silence counts."""

    at: datetime
    counted_from: datetime


def sign_of(session: Session) -> datetime:
    """Return the last sign of life of the present attempt's interviewer: its heartbeat, or that it was sent."""
    if session.agent is not None and session.agent.attempt == session.attempt:
        return session.agent.heartbeat_at
    return session.dispatched_at or session.updated_at


class AgentWatch:
    """Replaces interviewers and proctors that are gone. One per custodian: it remembers since when they are."""

    def __init__(self) -> None:
        self._missing: dict[str, datetime] = {}
        self._worker_since: datetime | None = None
        self._signs: dict[str, _Sign] = {}

    def forget(self) -> None:
        """Begin anew: nothing was seen for a while, so whoever is alive has a whole period to show it."""
        self._signs = {}
        self._missing = {}

    def was_blind(self, for_s: float) -> None:
        """Count so many seconds for nobody's silence: the database did not answer, so nobody could write to it."""
        for_time = timedelta(seconds=for_s)
        self._signs = {key: _Sign(sign.at, sign.counted_from + for_time) for key, sign in self._signs.items()}
        self._missing = {key: at + for_time for key, at in self._missing.items()}

    async def replace_dead(self, parts: Parts, attended: list[Attended]) -> int:
        """Replace the interviewers that gave no sign of life for too long; return how many were.

        One is not missed while its candidate is away: then nobody waits for it, and if they come back it is replaced.
        """
        replaced = 0
        self._worker_since = await _newest_worker(parts)
        self._take_notice(attended, parts.clock.now())
        for seen in attended:
            if seen.candidate_is_here and self._is_gone(parts, seen):
                replaced += await _replace(parts, seen.session)
        self._forget_others(attended)
        return replaced

    async def replace_proctors(self, parts: Parts, attended: list[Attended]) -> int:
        """Send a proctor again where it has been missing for too long; return how many were sent."""
        sent = 0
        for seen in attended:
            key = f"proctor:{seen.session.session_id}:{seen.session.attempt}"
            wanted = seen.candidate_is_here and seen.interviewer_is_here and wants_proctor(seen.session)
            if not wanted or seen.proctor_is_here:
                self._missing.pop(key, None)
            elif self._missed_for_s(parts, key) > 2 * parts.settings.agent_dead_s:
                log.warning("session %s: its proctor is gone, another is sent", seen.session.session_id)
                await parts.rooms.dispatch_proctor(seen.session.session_id, seen.session.attempt)
                self._missing[key] = parts.clock.now()
                sent += 1
        return sent

    def _is_gone(self, parts: Parts, seen: Attended) -> bool:
        session, now = seen.session, parts.clock.now()
        settings = parts.settings
        key = f"interviewer:{session.session_id}:{session.attempt}"
        silent = now - self._signs[session.session_id].counted_from
        if session.agent is None or session.agent.attempt != session.attempt:
            since = sign_of(session)
            if self._worker_since and self._worker_since > since and now - since > _LOST_AFTER:
                return True  # no worker may have been there when it was sent, and a lost dispatch is told to nobody
            patient_s = patience_s(session, settings.agent_start_s)
            return silent > timedelta(seconds=patient_s if self._worker_since else max(patient_s, _NO_WORKER_S))
        if silent > timedelta(seconds=settings.agent_dead_s):
            return True
        # it lives, but is it in the room? After a restart of LiveKit it may not find back
        if seen.interviewer_is_here:
            self._missing.pop(key, None)
            return False
        return self._missed_for_s(parts, key) > settings.agent_dead_s

    def _missed_for_s(self, parts: Parts, key: str) -> float:
        return (parts.clock.now() - self._missing.setdefault(key, parts.clock.now())).total_seconds()

    def _take_notice(self, attended: list[Attended], now: datetime) -> None:
        """Note each interviewer's last sign of life; of one not seen before, silence counts from now."""
        signs: dict[str, _Sign] = {}
        for seen in attended:
            at = sign_of(seen.session)
            known = self._signs.get(seen.session.session_id)
            if known is None:
                known = _Sign(at, now)
            elif known.at != at:
                known = _Sign(at, at)
            signs[seen.session.session_id] = known
        self._signs = signs

    def _forget_others(self, attended: list[Attended]) -> None:
        present = {f"{seen.session.session_id}:{seen.session.attempt}" for seen in attended}
        self._missing = {key: at for key, at in self._missing.items() if key.split(":", 1)[1] in present}


async def _newest_worker(parts: Parts) -> datetime | None:
    """Return when the youngest of the agent workers that live was registered with LiveKit."""
    alive = await parts.storage.replicas.alive(MISSED_BEATS * parts.settings.process_beat_s)
    return max((r.ready_since for r in alive if r.kind is ReplicaKind.AGENT and r.ready_since), default=None)


def patience_s(session: Session, start_s: float) -> float:
    """Return how long the present attempt's interviewer may take to its first heartbeat, in seconds.

    Longer with each attempt that followed the last one of which there was a sign of life.
    """
    tries = session.attempt - (session.agent.attempt if session.agent else 0) - 1
    return start_s * _SLOWER ** max(0, min(tries, 5))


async def _replace(parts: Parts, session: Session) -> bool:
    """Begin the next attempt and send its agents; give the interview up after too many."""
    if session.attempt >= parts.settings.agent_replacements_max:
        await parts.storage.sessions.move(
            session.session_id,
            Status.FAILED,
            by="system:custodian",
            reason="its interviewer failed again and again",
            attempt=session.attempt,
        )
        return False
    try:
        session = await parts.storage.sessions.replace_agent(
            session.session_id, session.attempt, reason="the interviewer gave no sign of life"
        )
        log.warning("session %s: attempt %d takes over", session.session_id, session.attempt)
        await send_agents(parts, session)
    except Conflict as error:
        log.info("session %s went on by itself (%s)", session.session_id, error.code)
        return False
    except RoomServiceUnavailable as error:
        log.warning("session %s attempt %d: no agents yet: %s", session.session_id, session.attempt, error.code)
    return True
