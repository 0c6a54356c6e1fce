"""Interview sessions: the record of each, and its moves between statuses."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from pymongo import IndexModel

from interview.clock import Clock
from interview.errors import Conflict, IllegalTransition, NotFound, StaleAttempt
from interview.session import (
    ENDED,
    AgentState,
    Consent,
    HistoryEntry,
    Progress,
    Session,
    Status,
    sources_of,
)
from interview.storage.base import Collection, Database, Duplicate, Shape
from interview.storage.paging import Cursor, check_limit
from interview.storage.session_changes import check_changes, erased

SHAPE = Shape(
    collection="sessions",
    record=Session,
    key=lambda session: session.session_id,
    key_field="session_id",
    session_field=None,
    indexes=(
        IndexModel([("owner_id", 1), ("created_at", -1), ("_id", -1)]),
        IndexModel([("created_at", -1), ("_id", -1)]),
        IndexModel([("status", 1), ("created_at", 1)]),
    ),
)
_MOVE_TRIES = 50
_WAITING = (Status.INITIALIZED, Status.QUEUED)


class Sessions:
    """The collection `sessions`.

    A move is one atomic update, filtered on the status that it leaves. `attempt` is the fencing token: a method
    that takes one raises `StaleAttempt` when the session has gone on to another. Every method that takes a
    `session_id` raises `NotFound` when there is no such session.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self.collection = Collection(database, SHAPE)
        self._clock = clock

    async def add(self, session: Session) -> None:
        """Store a new session. Raises `Conflict` (code `session_exists`)."""
        try:
            await self.collection.insert(session)
        except Duplicate:
            raise Conflict(f"session {session.session_id} exists already", code="session_exists") from None

    async def get(self, session_id: str) -> Session:
        """Return the session of that id, also when it is only a tombstone."""
        session = await self.collection.get(session_id)
        if session is None:
            raise NotFound(f"there is no session {session_id}")
        return session

    async def page(
        self, *, owner_id: str | None, status: Status | None = None, limit: int = 50, after: str | None = None
    ) -> tuple[list[Session], str | None]:
        """Return sessions, newest first, and the cursor of the next page, which is None on the last.

        `owner_id` None means everybody's. Tombstones are listed only when `status` asks for them. `limit` is 1 to
        100. Raises `Invalid` (codes `bad_cursor`, `bad_limit`).
        """
        check_limit(limit)
        query: dict[str, Any] = {"status": status or {"$ne": Status.DELETED}}
        if owner_id is not None:
            query["owner_id"] = owner_id
        if after is not None:
            query.update(Cursor.parse(after).older())
        found = await self.collection.find(query, [("created_at", -1), ("_id", -1)], limit + 1)
        page = found[:limit]
        more = len(found) > limit
        return page, str(Cursor(page[-1].created_at, page[-1].session_id)) if more else None

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
        return await self._move(session_id, target, sources, by, reason, attempt, {"$set": dict(changes)})

    async def start(self, session_id: str, *, by: str) -> Session:
        """Move a session that waits or failed to `IN_PROGRESS`, as its next attempt."""
        sources = frozenset({Status.INITIALIZED, Status.QUEUED, Status.FAILED})
        update = {"$set": {"started_at": self._clock.now()}, "$inc": {"attempt": 1}}
        return await self._move(session_id, Status.IN_PROGRESS, sources, by, "", None, update)

    async def complete(self, session_id: str, *, attempt: int, by: str, reason: str) -> Session:
        """Move a session to `COMPLETED`, as this attempt. A repeat by the same attempt is harmless."""
        sources = sources_of(Status.COMPLETED)
        try:
            return await self._move(session_id, Status.COMPLETED, sources, by, reason, attempt, {})
        except IllegalTransition as error:
            if error.details.get("status") != Status.COMPLETED.value:
                raise
            # The attempt was compared in the same read that found it completed, and a completed session has no
            # further attempt.
            return await self.get(session_id)

    async def set_consent(self, session_id: str, consent: Consent) -> Session:
        """Record what was agreed to. Raises `Conflict` (code `consent_closed`) once the session has started."""
        waiting = {"_id": session_id, "status": {"$in": _WAITING}}
        update = {"$set": {"consent": consent, "updated_at": self._clock.now()}}
        session = await self.collection.change(waiting, update)
        if session is None:
            current = await self.get(session_id)
            raise Conflict(
                f"consent is given before the start; this session is {current.status}",
                code="consent_closed",
                status=current.status.value,
            )
        return session

    async def heartbeat(self, session_id: str, attempt: int) -> Session:
        """Note that the interviewer of this attempt lives; return the session as it now is, to act upon."""
        state = AgentState(attempt=attempt, heartbeat_at=self._clock.now())
        return await self._fenced(session_id, attempt, {"$set": {"agent": state}})

    async def note_joined(self, session_id: str, at: datetime) -> None:
        """Note that the candidate came at `at`; the first time starts the interview's clock."""
        joined = {"$max": {"presence.joined_at": at}}
        first = {"_id": session_id, "presence.first_joined_at": None, "status": {"$ne": Status.DELETED}}
        starts = {"$set": {"presence.first_joined_at": at, "clock_started_at": at}}
        if await self.collection.change(first, {**joined, **starts}) is None:
            await self._note_presence(session_id, joined)

    async def note_left(self, session_id: str, at: datetime) -> None:
        """Note that the candidate went at `at`; an older note does not overwrite a newer one."""
        await self._note_presence(session_id, {"$max": {"presence.left_at": at}})

    async def set_progress(self, session_id: str, attempt: int, progress: Progress) -> None:
        """Note how far this attempt has come."""
        await self._fenced(session_id, attempt, {"$set": {"progress": progress, "updated_at": self._clock.now()}})

    async def claim_turn_seq(self, session_id: str, attempt: int) -> int:
        """Take the number of the next turn: 0, 1, 2 …; every call gets another one."""
        session = await self._fenced(session_id, attempt, {"$inc": {"next_turn_seq": 1}})
        return session.next_turn_seq - 1

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

    async def counts_by_status(self, owner_id: str | None) -> dict[Status, int]:
        """Count an owner's sessions, or everybody's, in each status; those that do not occur are 0."""
        found = await self.collection.counts_by("status", {} if owner_id is None else {"owner_id": owner_id})
        return {status: found.get(status.value, 0) for status in Status}

    async def in_status(self, statuses: Iterable[Status], limit: int = 1000) -> list[Session]:
        """Return at most `limit` sessions in these statuses, oldest first."""
        query = {"status": {"$in": list(statuses)}}
        return await self.collection.find(query, [("created_at", 1), ("_id", 1)], limit)

    async def _move(
        self,
        session_id: str,
        target: Status,
        sources: frozenset[Status],
        by: str,
        reason: str,
        attempt: int | None,
        update: Mapping[str, Mapping[str, Any]],
    ) -> Session:
        for _ in range(_MOVE_TRIES):
            session = await self.get(session_id)
            if attempt is not None and session.attempt != attempt:
                raise _stale(session, attempt)
            if session.status not in sources:
                raise _illegal(session.status, target)
            now = self._clock.now()
            entry = HistoryEntry(at=now, source=session.status, target=target, by=by, reason=reason)
            ended = target in ENDED
            fields = {
                "status": target,
                "updated_at": now,
                "ended_at": now if ended else None,
                "end_reason": reason if ended else "",
                **update.get("$set", {}),
            }
            left = {"_id": session_id, "status": session.status, "attempt": session.attempt}
            moved = await self.collection.change(left, {**update, "$set": fields, "$push": {"history": entry}})
            if moved is not None:
                return moved
        raise Conflict(f"session {session_id} moves too often to become {target} just now; try again")

    async def _fenced(self, session_id: str, attempt: int, update: Mapping[str, Any]) -> Session:
        session = await self.collection.change({"_id": session_id, "attempt": attempt}, update)
        if session is None:
            raise _stale(await self.get(session_id), attempt)
        return session

    async def _note_presence(self, session_id: str, update: Mapping[str, Any]) -> None:
        alive = {"_id": session_id, "status": {"$ne": Status.DELETED}}
        if await self.collection.change(alive, update) is None:
            await self.get(session_id)  # raises NotFound; of an erased session nothing more is noted


def _stale(session: Session, attempt: int) -> StaleAttempt:
    return StaleAttempt(
        f"attempt {attempt} of session {session.session_id} has been replaced by {session.attempt}",
        status=session.status.value,
        attempt=session.attempt,
    )


def _illegal(source: Status, target: Status) -> IllegalTransition:
    return IllegalTransition(
        f"a session that is {source} cannot become {target} in this way", status=source.value, wanted=target.value
    )
