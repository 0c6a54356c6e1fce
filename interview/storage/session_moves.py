"""The moves of sessions between statuses, each one atomic update filtered on the status that it leaves."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from interview.clock import Clock
from interview.errors import Conflict, IllegalTransition, Invalid, NotFound, StaleAttempt
from interview.outgoing import Announce
from interview.retention import mark_of
from interview.session import ENDED, Aftercare, ConsentItem, HistoryEntry, Session, Status, sources_of
from interview.storage.base import Collection
from interview.storage.session_changes import anonymised, check_changes, erased
from interview.tallies import Notes, note_end

Update = Mapping[str, Mapping[str, Any]]

_MOVE_TRIES = 50
MAX_MOVES = 1000
"""Moves of one session; what ends it is always possible. Each is kept in its record, whose size has a limit."""
_OVER = ENDED - sources_of(Status.IN_PROGRESS) - {Status.DELETED}
"""Statuses in which a session stays: a failed one may begin again."""


class SessionMoves:
    """Everything that changes a session's status or attempt. Each method raises `NotFound` for an unknown session."""

    def __init__(self, collection: Collection[Session], clock: Clock, notes: Notes) -> None:
        self.collection = collection
        self._notes = notes
        self._clock = clock

    async def get(self, session_id: str) -> Session:
        """Return the session of that id, also when it is only a tombstone."""
        session = await self.collection.get(session_id)
        if session is None:
            raise NotFound(f"there is no session {session_id}")
        return session

    async def move(
        self,
        session_id: str,
        target: Status,
        *,
        by: str,
        reason: str = "",
        only_from: Iterable[Status] | None = None,
        attempt: int | None = None,
        changes: Mapping[str, Any] = {},
    ) -> Session:
        """Move a session to `target` and return it as it now is.

        `by` is a role and an id. `only_from` narrows the legal sources further. `changes` sets other fields
        ("paused_total_s": 12.5) in the same update. Reaching an ended status sets `ended_at` and `end_reason`;
        leaving one (a restart) clears them. `DELETED` erases as `tombstone` does. Raises `IllegalTransition` with
        the present `status`, `StaleAttempt`, `Invalid` (code `bad_change`).
        """
        if target is Status.DELETED:
            return await self.tombstone(session_id, by=by)
        check_changes(changes)
        sources = sources_of(target) & frozenset(only_from if only_from is not None else Status)
        return await self._move(session_id, target, sources, by, reason, attempt, _setting(changes))

    async def enqueue(self, session_id: str, ticket: int, *, by: str, agreed: Iterable[ConsentItem] = ()) -> Session:
        """Move a session that waits, failed or was paused to `QUEUED`, with its number in the queue.

        `agreed` is what must be agreed to at that very moment: else it is a `Conflict` (code `consent_missing`).
        """
        sources = frozenset({Status.INITIALIZED, Status.FAILED, Status.PAUSED})
        update = _setting({"ticket": ticket})
        return await self._move(session_id, Status.QUEUED, sources, by, "", None, update, agreed=frozenset(agreed))

    async def start(self, session_id: str, *, by: str, agreed: Iterable[ConsentItem] = ()) -> Session:
        """Move a session that waits or failed to `IN_PROGRESS`, as its next attempt; `agreed` as for `enqueue`."""
        sources = frozenset({Status.INITIALIZED, Status.QUEUED, Status.FAILED})
        return await self._move(
            session_id, Status.IN_PROGRESS, sources, by, "", None, _next_attempt, agreed=frozenset(agreed)
        )

    async def resume(self, session_id: str, *, by: str) -> Session:
        """Move a paused session back to `IN_PROGRESS`, as its next attempt; the pause is added up."""
        return await self._move(session_id, Status.IN_PROGRESS, frozenset({Status.PAUSED}), by, "", None, _next_attempt)

    async def pause(self, session_id: str, *, by: str) -> Session:
        """Move a session that runs to `PAUSED`; the pause begins now."""
        return await self._move(
            session_id,
            Status.PAUSED,
            frozenset({Status.IN_PROGRESS}),
            by,
            "",
            None,
            lambda _session, now: {"$set": {"paused_at": now}},
        )

    async def replace_agent(self, session_id: str, attempt: int, *, reason: str) -> Session:
        """Begin the next attempt of a session that runs, fencing off the agents of `attempt`.

        Raises `StaleAttempt` when somebody else did, and `IllegalTransition` when it does not run any more.
        """
        now = self._clock.now()
        entry = HistoryEntry(
            at=now, source=Status.IN_PROGRESS, target=Status.IN_PROGRESS, by="system:custodian", reason=reason
        )
        running = {"_id": session_id, "attempt": attempt, "status": Status.IN_PROGRESS}
        update = {
            "$inc": {"attempt": 1},
            "$set": {"updated_at": now, "dispatched_at": None},
            "$push": {"history": entry},
        }
        session = await self.collection.change(running, update)
        if session is not None:
            return session
        current = await self.get(session_id)
        raise stale(current, attempt) if current.attempt != attempt else illegal(current.status, Status.IN_PROGRESS)

    async def extend(self, session_id: str, by_s: int, allowed_at_most_s: int) -> Session:
        """Add time to a session that has not ended.

        Raises `IllegalTransition` when it has, `Invalid` (`too_long`) when it would be allowed more than that.
        """
        for _ in range(_MOVE_TRIES):
            session = await self.get(session_id)
            if session.status in ENDED:
                raise illegal(session.status, session.status)
            if session.allowed_s + by_s > allowed_at_most_s:
                raise Invalid(
                    f"an interview lasts at most {allowed_at_most_s} s; this one may take {session.allowed_s} s",
                    code="too_long",
                    allowed_s=session.allowed_s,
                )
            unchanged = {"_id": session_id, "status": session.status, "extended_s": session.extended_s}
            update = {"$inc": {"extended_s": by_s}, "$set": {"updated_at": self._clock.now()}}
            extended = await self.collection.change(unchanged, update)
            if extended is not None:
                return extended
        raise Conflict(f"session {session_id} changes too often to be extended just now; try again")

    async def complete(self, session_id: str, *, attempt: int, by: str, reason: str) -> Session:
        """Move a session to `COMPLETED`, as this attempt. A repeat by the same attempt is harmless."""
        sources = sources_of(Status.COMPLETED)
        try:
            return await self._move(session_id, Status.COMPLETED, sources, by, reason, attempt, _setting({}))
        except IllegalTransition as error:
            if error.details.get("status") != Status.COMPLETED.value:
                raise
            # The attempt was compared in the same read that found it completed, and a completed session has no
            # further attempt.
            return await self.get(session_id)

    async def tombstone(self, session_id: str, *, by: str) -> Session:
        """Move a session to `DELETED` from anywhere and erase what its record says about a person.

        Ids, statuses and times stay. `attempt` goes up, so that whoever still works on the session matches nothing
        from now on. A repeat is harmless. What belongs to the session elsewhere is `Storage.erase_session`'s.
        """
        for _ in range(_MOVE_TRIES):
            session = await self.get(session_id)
            if session.status is Status.DELETED:
                return session
            # The history only ever grows, by one entry a move, so its length says whether another move came first.
            unmoved = {
                "_id": session_id,
                "status": session.status,
                "history": {"$size": len(session.history)},
            }
            tombstone = erased(session, self._clock.now(), by)
            if await self.collection.replace(unmoved, tombstone) is not None:
                return tombstone
        raise Conflict(f"session {session_id} moves too often to be erased just now; try again")

    async def anonymise(self, session_id: str) -> Session:
        """Erase who a session was about from its record, and fence off whoever still works on it.

        A repeat is harmless. What belongs to the session elsewhere is `Storage.anonymise_session`'s. Raises
        `Conflict` (code `not_ended`) for a session that goes on, could begin, or was erased.
        """
        for _ in range(_MOVE_TRIES):
            session = await self.get(session_id)
            if session.anonymised_at is not None:
                return session
            if session.status not in _OVER:
                raise Conflict(
                    f"only a session that is over can be anonymised; this one is {session.status}",
                    code="not_ended",
                    status=session.status.value,
                )
            unmoved = {"_id": session_id, "status": session.status, "history": {"$size": len(session.history)}}
            without = anonymised(session, self._clock.now())
            if await self.collection.replace({**unmoved, "anonymised_at": None}, without) is not None:
                return without
        raise Conflict(f"session {session_id} moves too often to be anonymised just now; try again")

    async def _move(
        self,
        session_id: str,
        target: Status,
        sources: frozenset[Status],
        by: str,
        reason: str,
        attempt: int | None,
        update: Callable[[Session, datetime], Update],
        *,
        agreed: frozenset[ConsentItem] = frozenset(),
    ) -> Session:
        for _ in range(_MOVE_TRIES):
            session = await self.get(session_id)
            if attempt is not None and session.attempt != attempt:
                raise stale(session, attempt)
            if session.status not in sources:
                raise illegal(session.status, target)
            if target not in ENDED and len(session.history) >= MAX_MOVES:
                raise illegal(session.status, target)
            if missing := sorted(item for item in agreed if not session.consents(item)):
                raise consent_missing(missing)
            now = self._clock.now()
            entry = HistoryEntry(at=now, source=session.status, target=target, by=by, reason=reason)
            ended, more = target in ENDED, update(session, now)
            fields = {
                "status": target,
                "updated_at": now,
                "ended_at": now if ended else None,
                "end_reason": reason if ended else "",
                "aftercare": Aftercare.DUE if ended else Aftercare.NONE,
                "announce": Announce.DUE if ended else Announce.NOTHING,
                "retention_mark": mark_of(session, now) if ended else None,
                **more.get("$set", {}),
            }
            left = {"_id": session_id, "status": session.status, "attempt": session.attempt}
            left |= {f"consent.items.{item}": True for item in agreed}  # it may be taken back at the same moment
            moved = await self.collection.change(left, {**more, "$set": fields, "$push": {"history": entry}})
            if moved is not None:
                if ended:
                    note_end(self._notes, moved)
                return await self._with_its_mark(moved)
        raise Conflict(f"session {session_id} moves too often to become {target} just now; try again")

    async def _with_its_mark(self, session: Session) -> Session:
        """Mend the mark of a session that has ended, where consent to retention was taken back since it was made."""
        mark = mark_of(session, session.ended_at)
        if not session.is_kept or session.retention_mark == mark:
            return session
        same = {"_id": session.session_id, "status": session.status, "anonymised_at": None}
        return await self.collection.change(same, {"$set": {"retention_mark": mark}}) or session

    async def _fenced(self, session_id: str, attempt: int, update: Mapping[str, Any]) -> Session:
        session = await self.collection.change({"_id": session_id, "attempt": attempt}, update)
        if session is None:
            raise stale(await self.get(session_id), attempt)
        return session


def _setting(fields: Mapping[str, Any]) -> Callable[[Session, datetime], Update]:
    return lambda _session, _now: {"$set": dict(fields)}


def _next_attempt(session: Session, now: datetime) -> Update:
    """Return what changes when a session's next attempt begins."""
    fields: dict[str, Any] = {"ticket": None, "dispatched_at": None}
    if session.paused_at is None:
        fields["started_at"] = now
    else:
        fields["paused_total_s"] = session.paused_total_s + (now - session.paused_at).total_seconds()
        fields["paused_at"] = None
    return {"$set": fields, "$inc": {"attempt": 1}}


def consent_missing(items: Sequence[ConsentItem]) -> Conflict:
    """Return the error for a session that cannot begin, since these were not agreed to."""
    return Conflict(
        f"consent has not been recorded to: {', '.join(items)}",
        code="consent_missing",
        items=[item.value for item in items],
    )


def stale(session: Session, attempt: int) -> StaleAttempt:
    """Return the error for a writer whose attempt has been replaced."""
    return StaleAttempt(
        f"attempt {attempt} of session {session.session_id} has been replaced by {session.attempt}",
        status=session.status.value,
        attempt=session.attempt,
    )


def illegal(source: Status, target: Status) -> IllegalTransition:
    """Return the error for a move that the present status forbids."""
    return IllegalTransition(
        f"a session that is {source} cannot become {target} in this way", status=source.value, wanted=target.value
    )
