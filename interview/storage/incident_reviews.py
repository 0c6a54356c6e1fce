"""The queue of incidents, and what proctors and candidates do to one.

Every change is one update of one document, which matches only the state that it leaves and adds a line to the history.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from interview.errors import Conflict
from interview.incident import Incident, Severity
from interview.incident_kind import IncidentKind
from interview.review import MAX_HISTORY, Reason, ReviewAct, ReviewEntry, ReviewState, Verdict
from interview.storage.base import SEALED
from interview.storage.erasure import Tombstones
from interview.storage.incidents import Incidents
from interview.storage.paging import bad_cursor, check_limit, moment, read, written

_TRIES = 10
_ROOM_LEFT = {f"history.{MAX_HISTORY - 1}": {"$exists": False}}
BY_CANDIDATE = "candidate"
_COMPARED = 5000
"""Incidents with two decisions, the newest, from which agreement is computed."""


@dataclass(frozen=True)
class QueueFilter:
    """Which incidents are listed. `owner_id` None is everybody's, `waiting` None those that are decided as well."""

    owner_id: str | None = None
    waiting: bool | None = True
    state: ReviewState | None = None
    severity: Severity | None = None
    kind: IncidentKind | None = None
    session_id: str | None = None
    claimed_by: str | None = None

    def query(self) -> dict[str, Any]:
        """Return the database's query."""
        rank = None if self.severity is None else self.severity.rank
        wanted = {
            "owner_id": self.owner_id,
            "waiting": self.waiting if self.state is None else self.state is not ReviewState.DECIDED,
            "state": self.state,
            "rank": rank,
            "kind": self.kind,
            "session_id": self.session_id,
            "claimed_by": self.claimed_by,
        }
        return {name: value for name, value in wanted.items() if value is not None}


@dataclass(frozen=True)
class Decision:
    """What somebody decided, and whether they ask for a second opinion."""

    by: str
    verdict: Verdict
    reason: Reason
    note: str = ""
    second_opinion: bool = False


class IncidentReviews:
    """What people do to incidents."""

    def __init__(self, incidents: Incidents, tombstones: Tombstones) -> None:
        self._incidents = incidents
        self._collection = incidents.collection
        self._tombstones = tombstones

    async def page(
        self, wanted: QueueFilter, *, limit: int = 50, after: str | None = None
    ) -> tuple[list[Incident], str | None]:
        """Return a page of the queue, the severest first and of those the oldest, and the cursor of the next.

        Raises `Invalid` (codes `bad_cursor`, `bad_limit`).
        """
        check_limit(limit)
        query = wanted.query()
        if after is not None:
            query = {"$and": [query, _after(after)]}
        order = [("rank", 1), ("filed_at", 1), ("_id", 1)]
        found = await self._collection.find(query, order, limit + 1)
        page = found[:limit]
        return page, _cursor(page[-1]) if len(found) > limit else None

    async def counts(self, by: str) -> dict[str, int]:
        """Return how many incidents there are by `state`, `verdict` or `decided_by`; those without one are left out."""
        return await self._collection.counts_by(by, {by: {"$ne": None}})

    async def waiting_of(self, session_ids: Iterable[str]) -> dict[str, int]:
        """Return how many incidents of these sessions wait, by session; those without any are left out."""
        return await self._collection.counts_by(
            "session_id", {"session_id": {"$in": sorted(session_ids)}, "waiting": True}
        )

    async def decided_twice(self) -> list[Incident]:
        """Return the incidents about which two people decided, the newest first, at most 5,000."""
        return await self._collection.find({"deciders.1": {"$exists": True}}, [("filed_at", -1)], _COMPARED)

    async def claim(self, incident_id: str, by: str, now: datetime, for_s: float) -> Incident:
        """Take an incident that waits, or keep one's own for longer: nobody else can until `for_s` have passed.

        Raises `Conflict`: `claimed` while somebody else has it, `second_opinion_by_another` for who decided first,
        `already_decided` where nobody is waited for, and `NotFound`.
        """
        until = now + timedelta(seconds=for_s)
        mine = {"_id": incident_id, "waiting": True, "claimed_by": by, "claim_until": {"$gt": now}}
        renewed = await self._collection.change(mine, {"$set": {"claim_until": until}})
        if renewed is not None:
            return renewed
        free = {
            "_id": incident_id,
            "waiting": True,
            "$or": [{"claimed_by": None}, {"claim_until": {"$lte": now}}],
            **_ROOM_LEFT,
        }
        either = [{"state": {"$ne": ReviewState.SECOND_OPINION}}, {"deciders": {"$ne": by}}]
        entry = ReviewEntry(at=now, by=by, act=ReviewAct.CLAIMED)
        taken = await self._collection.change(
            {"$and": [free, {"$or": either}]},
            {"$set": {"claimed_by": by, "claim_until": until}, "$push": {"history": entry}, "$inc": {"revision": 1}},
        )
        if taken is None:
            raise _not_to_be_had(await self._incidents.get(incident_id), by, now)
        return taken

    async def release(self, incident_id: str, by: str, now: datetime) -> Incident:
        """Give an incident back undecided. Repeating is harmless. Raises `NotFound`."""
        entry = ReviewEntry(at=now, by=by, act=ReviewAct.RELEASED)
        free = {"claimed_by": None, "claim_until": None}
        released = await self._collection.change(
            {"_id": incident_id, "claimed_by": by, **_ROOM_LEFT},
            {"$set": free, "$push": {"history": entry}, "$inc": {"revision": 1}},
        )
        return released or await self._incidents.get(incident_id)

    async def decide(self, incident_id: str, decision: Decision, now: datetime) -> Incident:
        """Store what somebody decided about the incident that they hold.

        Raises `Conflict` (`not_claimed`) for who does not hold it (any more), and `NotFound`.
        """

        def decided(incident: Incident) -> tuple[dict[str, Any], list[ReviewEntry]]:
            if incident.claimed_by != decision.by or not incident.claimed_at(now) or not incident.waiting:
                raise Conflict("claim this incident first, and decide before the claim runs out", code="not_claimed")
            state = ReviewState.SECOND_OPINION if decision.second_opinion else ReviewState.DECIDED
            fields = {
                "state": state,
                "waiting": state is not ReviewState.DECIDED,
                "claimed_by": None,
                "claim_until": None,
                "verdict": decision.verdict,
                "reason": decision.reason,
                "decided_by": decision.by,
                "decided_at": now,
                "deciders": tuple(dict.fromkeys((*incident.deciders, decision.by))),
            }
            entries = [
                ReviewEntry(
                    at=now, by=decision.by, act=ReviewAct.DECIDED, verdict=decision.verdict, reason=decision.reason
                )
            ]
            if decision.second_opinion:
                entries.append(ReviewEntry(at=now, by=decision.by, act=ReviewAct.SECOND_OPINION_ASKED))
            return fields, entries

        return await self._change(incident_id, decided, decision.note)

    async def ask_again(self, incident_id: str, by: str, now: datetime, note: str = "") -> Incident:
        """Ask for a second opinion about an incident that was decided.

        Raises `Conflict` (`not_decided`) unless it is, and `NotFound`.
        """

        def asked(incident: Incident) -> tuple[dict[str, Any], list[ReviewEntry]]:
            if incident.state is not ReviewState.DECIDED:
                raise Conflict("there is no decision yet on which there could be a second opinion", code="not_decided")
            entry = ReviewEntry(at=now, by=by, act=ReviewAct.SECOND_OPINION_ASKED)
            return {"state": ReviewState.SECOND_OPINION, "waiting": True}, [entry]

        return await self._change(incident_id, asked, note)

    async def contest(self, incident_id: str, text: str, now: datetime) -> Incident:
        """Note that the candidate contests an incident: it is looked at again. The same words again change nothing.

        Raises `NotFound`.
        """
        known = await self._incidents.get(incident_id)
        said = {known.note(n) for n, entry in enumerate(known.history) if entry.act is ReviewAct.CONTESTED}
        if text in said:
            return known

        def contested(incident: Incident) -> tuple[dict[str, Any], list[ReviewEntry]]:
            entry = ReviewEntry(at=now, by=BY_CANDIDATE, act=ReviewAct.CONTESTED)
            fields = {"state": ReviewState.CONTESTED, "waiting": True, "contested_at": incident.contested_at or now}
            return fields, [entry]

        return await self._change(incident_id, contested, text)

    async def _change(self, incident_id: str, how: Any, note: str) -> Incident:
        """Change an incident as `how` says for the state in which it is, with a note, by compare-and-set."""
        for _ in range(_TRIES):
            incident = await self._incidents.get(incident_id)
            fields, entries = how(incident)
            if len(incident.history) + len(entries) > MAX_HISTORY:
                raise Conflict("too much was done to this incident already", code="too_many_reviews")
            changed = await self._collection.change(
                {"_id": incident_id, "revision": incident.revision}, self._update(incident, fields, entries, note)
            )
            if changed is not None:
                await self._tombstones.refuse(incident.session_id, lambda: self._forget_notes(incident_id))
                return changed
        raise Conflict("others keep changing this incident; try again", code="incident_busy")

    async def _forget_notes(self, incident_id: str) -> None:
        await self._collection.change({"_id": incident_id}, {"$unset": {SEALED: ""}})

    def _update(
        self, incident: Incident, fields: Mapping[str, Any], entries: list[ReviewEntry], note: str
    ) -> dict[str, Any]:
        values = dict(fields)
        if note:
            notes = {**(incident.notes or {}), str(len(incident.history)): note}
            values[SEALED] = self._collection.to_document(incident.model_copy(update={"notes": notes}))[SEALED]
        return {"$set": values, "$push": {"history": {"$each": entries}}, "$inc": {"revision": 1}}


def _not_to_be_had(incident: Incident, by: str, now: datetime) -> Conflict:
    if not incident.waiting:
        return Conflict("this incident is decided; ask for a second opinion to open it again", code="already_decided")
    if incident.claimed_at(now) and incident.claimed_by != by and incident.claim_until is not None:
        left_s = max(1, round((incident.claim_until - now).total_seconds()))
        return Conflict("somebody else is looking at this incident", code="claimed", retry_after_s=left_s)
    if len(incident.history) >= MAX_HISTORY:
        return Conflict("too much was done to this incident already", code="too_many_reviews")
    return Conflict("a second opinion is somebody else's than the first", code="second_opinion_by_another")


def _cursor(last: Incident) -> str:
    return written(str(last.rank), last.filed_at, last.incident_id)


def _after(cursor: str) -> dict[str, Any]:
    """Return the query for the incidents after that one, in the order of `IncidentReviews.page`."""
    with bad_cursor():
        rank_text, at_ms, key = read(cursor).split(":", 2)
        rank, at = int(rank_text), moment(at_ms)
    return {
        "$or": [
            {"rank": {"$gt": rank}},
            {"rank": rank, "filed_at": {"$gt": at}},
            {"rank": rank, "filed_at": at, "_id": {"$gt": key}},
        ]
    }
