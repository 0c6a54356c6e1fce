"""Interview sessions: the record of each, and its moves between statuses."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from pymongo import IndexModel

from interview.clock import Clock
from interview.errors import Conflict, Invalid, StaleAttempt
from interview.session import (
    BY_CANDIDATE,
    ENDED,
    Aftercare,
    AgentState,
    Consent,
    ConsentEntry,
    ConsentItem,
    Progress,
    Session,
    Status,
    searchable_email,
)
from interview.storage import announcing
from interview.storage.base import Collection, Database, Document, Duplicate, Shape, Sort
from interview.storage.outlines import UPDATED_IN, ten
from interview.storage.paging import check_limit
from interview.storage.session_moves import SessionMoves
from interview.storage.session_pages import PageEnd, PageOrder, SessionFilter, page_query
from interview.tallies import SESSIONS_CREATED

SHAPE = Shape(
    collection="sessions",
    record=Session,
    key=lambda session: session.session_id,
    key_field="session_id",
    sealed=("accommodations",),
    session_field=None,
    indexes=(
        IndexModel([("owner_id", 1), ("created_at", -1), ("_id", -1)]),
        IndexModel([("owner_id", 1), ("status", 1), ("created_at", -1)]),
        IndexModel([("owner_id", 1), ("updated_at", -1)]),
        IndexModel([("owner_id", 1), ("not_after", -1)]),
        IndexModel([("created_at", -1), ("_id", -1)]),
        IndexModel([("updated_at", -1)]),
        IndexModel([("not_after", -1)]),
        IndexModel([("status", 1), ("created_at", 1)]),
        IndexModel([("aftercare", 1)]),
        announcing.INDEX,
        IndexModel([(UPDATED_IN, 1)]),
        IndexModel([("candidate_email", 1)]),
        IndexModel([("retention_mark", 1)]),
        IndexModel([("batch_id", 1)]),
    ),
)
_WAITING = (Status.INITIALIZED, Status.QUEUED)


class _Dated(Collection[Session]):
    """Writes `updated_in` beside every `updated_at`: by it those who watch find what has changed."""

    def to_document(self, record: Session) -> Document:
        document = super().to_document(record)
        return document | {UPDATED_IN: ten(record.updated_at)}

    def from_document(self, document: Document) -> Session:
        return super().from_document({name: value for name, value in document.items() if name != UPDATED_IN})

    async def change(
        self, query: Mapping[str, Any], update: Mapping[str, Any], *, sort: Sort = (), upsert: bool = False
    ) -> Session | None:
        fields = update.get("$set", {})
        if "updated_at" in fields:
            update = {**update, "$set": {**fields, UPDATED_IN: ten(fields["updated_at"])}}
        return await super().change(query, update, sort=sort, upsert=upsert)


class Sessions(SessionMoves):
    """The collection `sessions`: what `SessionMoves` does, and everything that changes no status.

    `attempt` is the fencing token: a method that takes one raises `StaleAttempt` when the session has gone on to
    another. Every method that takes a `session_id` raises `NotFound` when there is no such session.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        super().__init__(_Dated(database, SHAPE), clock, database.notes)

    async def add(self, session: Session) -> None:
        """Store a new session. Raises `Conflict` (code `session_exists`)."""
        try:
            await self.collection.insert(session)
        except Duplicate:
            raise Conflict(f"session {session.session_id} exists already", code="session_exists") from None
        self._notes.add(SESSIONS_CREATED)

    async def add_all(self, sessions: Sequence[Session]) -> None:
        """Store many new sessions. Raises `Conflict` (code `session_exists`) if one is there already."""
        try:
            await self.collection.insert_all(sessions)
        except Duplicate:
            raise Conflict("one of these sessions exists already", code="session_exists") from None
        self._notes.add(SESSIONS_CREATED, len(sessions))

    async def page(
        self,
        wanted: SessionFilter,
        *,
        order: PageOrder | None = None,
        limit: int = 50,
        after: str | None = None,
    ) -> tuple[list[Session], str | None]:
        """Return a page of sessions, and the cursor of the next, which is None on the last.

        Newest first unless `order` says otherwise; a cursor carries the order of its list. `limit` is 1 to 100. What is
        added meanwhile neither repeats nor hides a row. Raises `Invalid` (codes `bad_cursor`, `bad_limit`).
        """
        check_limit(limit)
        end = None if after is None else PageEnd.parse(after)
        if end is not None and order not in (None, end.order):
            raise Invalid("the cursor is of a list in another order; begin again without it", code="bad_cursor")
        chosen = end.order if end is not None else order or PageOrder()
        found = await self.collection.find(page_query(wanted, chosen, end), chosen.keys, limit + 1)
        page = found[:limit]
        more = len(found) > limit
        return page, str(PageEnd.of(page[-1], chosen)) if more else None

    async def set_consent(self, session_id: str, consent: Consent, *, complete: bool = True) -> Session:
        """Record what was agreed to. Raises `Conflict` (code `consent_closed`) once the session has started.

        One that queues begins by itself, so there only consent that is `complete` for a start replaces another. What
        the candidate answered only they answer anew: else it is a `Conflict` (code `consent_by_candidate`).
        """
        waiting: dict[str, Any] = {"_id": session_id, "status": {"$in": _WAITING if complete else _WAITING[:1]}}
        if not consent.is_the_candidates:
            waiting |= {"consent.given_by": {"$ne": BY_CANDIDATE}, "consent.entries.by": {"$ne": BY_CANDIDATE}}
        update = {"$set": {"consent": consent, "updated_at": self._clock.now()}}
        session = await self.collection.change(waiting, update)
        if session is None:
            current = await self.get(session_id)
            if current.consent is not None and current.consent.is_the_candidates and not consent.is_the_candidates:
                raise consent_by_candidate()
            raise Conflict(
                f"consent is given before the start; this session is {current.status}",
                code="consent_closed",
                status=current.status.value,
            )
        return session

    async def withdraw_consent(self, session_id: str, item: ConsentItem, text_version: str, by: str) -> Session:
        """Take the consent to one item back, at any time before erasure. What was not agreed to stays as it is."""
        now = self._clock.now()
        entry = ConsentEntry(item=item, agreed=False, text_version=text_version, at=now, by=by)
        agreed = {"_id": session_id, f"consent.items.{item}": True, "status": {"$ne": Status.DELETED}}
        update = {
            "$set": {f"consent.items.{item}": False, "updated_at": now},
            "$push": {"consent.entries": entry},
        }
        withdrawn = await self.collection.change(agreed, update) or await self.get(session_id)
        return await self._with_its_mark(withdrawn)

    async def heartbeat(self, session_id: str, attempt: int) -> Session:
        """Note that the interviewer of this attempt lives; return the session as it now is, to act upon."""
        state = AgentState(attempt=attempt, heartbeat_at=self._clock.now())
        return await self._fenced(session_id, attempt, {"$set": {"agent": state}})

    async def note_joined(self, session_id: str, at: datetime) -> None:
        """Note that the candidate came at `at`; the first time starts the interview's clock."""
        joined = {"$max": {"presence.joined_at": at}}
        now = self._clock.now()
        first = {"_id": session_id, "presence.first_joined_at": None, "status": {"$ne": Status.DELETED}}
        starts = {"$set": {"presence.first_joined_at": at, "clock_started_at": at, "updated_at": now}}
        if await self.collection.change(first, {**joined, **starts}) is None:
            await self._note_presence(session_id, joined)

    async def note_left(self, session_id: str, at: datetime) -> None:
        """Note that the candidate went at `at`; an older note does not overwrite a newer one."""
        await self._note_presence(session_id, {"$max": {"presence.left_at": at}})

    async def note_dispatched(self, session_id: str, attempt: int) -> Session:
        """Note that the agents of this attempt have been sent."""
        return await self._fenced(session_id, attempt, {"$set": {"dispatched_at": self._clock.now()}})

    async def note_cared_for(self, session_id: str, attempt: int) -> None:
        """Note that nothing is left to be done about a session whose end was this attempt's."""
        due = {"_id": session_id, "attempt": attempt, "aftercare": Aftercare.DUE}
        await self.collection.change(due, {"$set": {"aftercare": Aftercare.DONE}})

    async def needing_aftercare(self, limit: int = 100) -> list[Session]:
        """Return sessions that have ended and are still to be cleared up after, the longest ended first."""
        return await self.collection.find_valid({"aftercare": Aftercare.DUE}, [("ended_at", 1), ("_id", 1)], limit)

    async def set_progress(self, session_id: str, attempt: int, progress: Progress) -> None:
        """Note how far this attempt has come."""
        await self._fenced(session_id, attempt, {"$set": {"progress": progress, "updated_at": self._clock.now()}})

    async def note_evaluated(self, session_id: str) -> None:
        """Note that an answer was evaluated, so that those who watch find the session changed."""
        now = self._clock.now()
        alive = {"_id": session_id, "status": {"$ne": Status.DELETED}}
        await self.collection.change(alive, {"$set": {"evaluated_at": now, "updated_at": now}})

    async def claim_turn_seq(self, session_id: str, attempt: int) -> int:
        """Take the number of the next turn: 0, 1, 2 …; every call gets another one."""
        session = await self._fenced(session_id, attempt, {"$inc": {"next_turn_seq": 1}})
        return session.next_turn_seq - 1

    async def claim_late_turn_seq(self, session_id: str, attempt: int, started_at: datetime) -> int:
        """Take the number of a turn of an older attempt, which was spoken before the next one began.

        What was said was said, whoever writes it. A turn that began later is the next attempt's to hear and raises
        `StaleAttempt`; so does one of a session that was erased (code `erased`).
        """
        session = await self.get(session_id)
        next_began_at = session.began_at(attempt + 1)
        if session.attempt > attempt and next_began_at is not None and started_at >= next_began_at:
            raise StaleAttempt(
                f"session {session_id}: the turn began after attempt {attempt} had been replaced",
                attempt=session.attempt,
            )
        kept = {"_id": session_id, "status": {"$ne": Status.DELETED}, "anonymised_at": None}
        claimed = await self.collection.change(kept, {"$inc": {"next_turn_seq": 1}})
        if claimed is None:
            raise StaleAttempt(f"session {session_id} was erased; nothing more is stored about it", code="erased")
        return claimed.next_turn_seq - 1

    async def of_email(self, email: str, owner_id: str | None = None) -> list[Session]:
        """Return every session of a candidate with this email, in any case; of one owner, or of all. No tombstones.

        Oldest first.
        """
        query: dict[str, Any] = {"candidate_email": searchable_email(email), "status": {"$ne": Status.DELETED}}
        if owner_id is not None:
            query["owner_id"] = owner_id
        found = await self.collection.find(query, [("created_at", 1), ("_id", 1)])
        return [session for session in found if session.is_kept]

    async def marked(self, marks: Iterable[str], limit: int) -> list[Session]:
        """Return at most `limit` sessions with one of these retention marks, those that ended first first."""
        query = {"retention_mark": {"$in": list(marks)}}
        return await self.collection.find(query, [("ended_at", 1), ("_id", 1)], limit)

    async def erased_ids(self) -> list[str]:
        """Return the ids of all tombstones."""
        return await self.collection.keys({"status": {"$in": [Status.DELETED]}})

    async def counts_by_status(self, owner_id: str | None) -> dict[Status, int]:
        """Count an owner's sessions, or everybody's, in each status; those that do not occur are 0."""
        whose = {} if owner_id is None else {"owner_id": owner_id}
        # one count each, since the embedded database groups by reading every document
        counts = await asyncio.gather(*(self.collection.count({**whose, "status": status}) for status in Status))
        return dict(zip(Status, counts, strict=True))

    async def queue(self, limit: int | None = None) -> list[Session]:
        """Return those who wait for a seat, first come first."""
        return await self.collection.find_valid({"status": Status.QUEUED}, [("ticket", 1), ("_id", 1)], limit)

    async def never_started_by(self, now: datetime, limit: int = 1000) -> list[Session]:
        """Return sessions whose window for starting is over."""
        query = {"status": Status.INITIALIZED, "not_after": {"$lt": now}}
        return await self.collection.find_valid(query, [("not_after", 1), ("_id", 1)], limit)

    async def count_open(self, owner_id: str) -> int:
        """Count an owner's sessions that have not ended."""
        return await self.collection.count({"owner_id": owner_id, "status": {"$nin": list(ENDED)}})

    async def count_owned(self, owner_id: str) -> int:
        """Count an owner's sessions, without tombstones."""
        return await self.collection.count({"owner_id": owner_id, "status": {"$ne": Status.DELETED}})

    async def owned(self, owner_id: str, limit: int) -> list[Session]:
        """Return at most `limit` of an owner's sessions, oldest first, without tombstones."""
        query = {"owner_id": owner_id, "status": {"$ne": Status.DELETED}}
        return await self.collection.find(query, [("created_at", 1), ("_id", 1)], limit)

    async def owned_on_plan(self, session_ids: Sequence[str], plan_id: str, owner_id: str | None) -> list[str]:
        """Return which of these are kept sessions on that plan, of one owner or of anybody."""
        query: dict[str, Any] = {"_id": {"$in": list(session_ids)}, "plan_id": plan_id}
        query["status"] = {"$ne": Status.DELETED}
        if owner_id is not None:
            query["owner_id"] = owner_id
        return await self.collection.keys(query)

    async def hand_over(self, session_id: str, *, source: str, target: str) -> bool:
        """Give a session from one owner to another; tell whether it was the first one's (and no tombstone)."""
        theirs = {"_id": session_id, "owner_id": source, "status": {"$ne": Status.DELETED}}
        update = {"$set": {"owner_id": target, "updated_at": self._clock.now()}}
        return await self.collection.change(theirs, update) is not None

    async def in_status(self, statuses: Iterable[Status], limit: int = 1000) -> list[Session]:
        """Return at most `limit` sessions in these statuses, oldest first."""
        query = {"status": {"$in": list(statuses)}}
        return await self.collection.find_valid(query, [("created_at", 1), ("_id", 1)], limit)

    async def remindable(self, before: timedelta, limit: int) -> list[Session]:
        """Return at most `limit` sessions that wait for their candidate, end within `before` and were not reminded."""
        now = self._clock.now()
        query = {
            "status": Status.INITIALIZED,
            "not_after": {"$gt": now, "$lte": now + before},
            "reminded_at": None,
        }
        return await self.collection.find(query, [("not_after", 1), ("_id", 1)], limit)

    async def note_reminded(self, session_id: str, not_after: datetime) -> None:
        """Note that the candidate was reminded, unless the end of the window has been moved since."""
        as_told = {"_id": session_id, "status": Status.INITIALIZED, "not_after": not_after}
        await self.collection.change(as_told, {"$set": {"reminded_at": self._clock.now()}})

    async def _note_presence(self, session_id: str, update: Mapping[str, Any]) -> None:
        alive = {"_id": session_id, "status": {"$ne": Status.DELETED}}
        changed = {**update, "$set": {"updated_at": self._clock.now()}}
        if await self.collection.change(alive, changed) is None:
            await self.get(session_id)  # raises NotFound; of an erased session nothing more is noted


def consent_by_candidate() -> Conflict:
    """Return the error for an owner who vouches for something else than the candidate said."""
    return Conflict(
        "the candidate has answered this themselves; nobody vouches for something else", code="consent_by_candidate"
    )
