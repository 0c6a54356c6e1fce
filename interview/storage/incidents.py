"""What proctoring filed. How people look at it is in `incident_reviews`."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from pymongo import IndexModel

from interview.errors import Conflict, NotFound
from interview.incident import Incident
from interview.outgoing import Announce
from interview.storage import announcing
from interview.storage.base import Collection, Database, Duplicate, Shape
from interview.storage.erasure import Tombstones
from interview.storage.files import Files


def _anonymised(incident: Incident) -> Incident:
    return incident.model_copy(update={"stills": (), "clips": (), "notes": None, "evidence_until": None})


SHAPE = Shape(
    collection="incidents",
    record=Incident,
    key=lambda incident: incident.incident_id,
    key_field="incident_id",
    sealed=("notes",),
    anonymised=_anonymised,
    indexes=(
        IndexModel([("session_id", 1), ("started_at", 1)]),
        IndexModel([("waiting", 1), ("rank", 1), ("filed_at", 1)]),
        IndexModel([("owner_id", 1), ("waiting", 1), ("rank", 1), ("filed_at", 1)]),
        IndexModel([("evidence_until", 1)]),
        announcing.INDEX,
    ),
)


class Incidents:
    """The collection `incidents`."""

    def __init__(self, database: Database, files: Files) -> None:
        self.collection = Collection(database, SHAPE)
        self._files = files
        self._tombstones = Tombstones(database)

    async def file(self, incident: Incident) -> None:
        """Store an incident, or bring the stored one up to date.

        Of a repeat, a later end, a higher confidence and evidence that is new are taken over; an older picture of
        the incident takes nothing back, and what people made of it stays. Raises `StaleAttempt` (code `erased`) when
        the session is gone.
        """
        session = await self._tombstones.told_of(incident.session_id, "owner_id", "plan.proctoring.evidence_days")
        try:
            await self.collection.insert(_queued(incident, session))
        except Duplicate:
            latest: dict[str, Any] = {"confidence": incident.confidence}
            if incident.ended_at is not None:
                latest["ended_at"] = incident.ended_at
            evidence = {name: {"$each": getattr(incident, name)} for name in ("stills", "clips")}
            await self.collection.change({"_id": incident.incident_id}, {"$max": latest, "$addToSet": evidence})
        await self._tombstones.refuse(
            incident.session_id, lambda: self.collection.delete({"_id": incident.incident_id})
        )

    async def add(self, incident: Incident) -> None:
        """Store an incident that somebody saw.

        Raises `Conflict` (`already_filed`) where just this is filed, `StaleAttempt` as `file` does.
        """
        session = await self._tombstones.told_of(incident.session_id, "owner_id", "plan.proctoring.evidence_days")
        try:
            await self.collection.insert(_queued(incident, session))
        except Duplicate:
            raise Conflict("just this incident is filed already", code="already_filed") from None
        await self._tombstones.refuse(
            incident.session_id, lambda: self.collection.delete({"_id": incident.incident_id})
        )

    async def get(self, incident_id: str) -> Incident:
        """Return the incident of that id. Raises `NotFound`."""
        incident = await self.collection.get(incident_id)
        if incident is None:
            raise NotFound(f"there is no incident {incident_id}")
        return incident

    async def of(self, session_id: str) -> list[Incident]:
        """Return a session's incidents by the time at which they start."""
        return await self.collection.find({"session_id": session_id}, [("started_at", 1), ("_id", 1)])

    async def hand_over(self, session_id: str, owner_id: str) -> None:
        """Move a session's incidents to its new owner."""
        await self.collection.update_all({"session_id": session_id}, {"$set": {"owner_id": owner_id}})

    async def adopt(self, limit: int) -> int:
        """Give incidents of an older version, which name no owner, the owner of their session; return how many."""
        found = await self.collection.find_valid({"owner_id": ""}, [("_id", 1)], limit)
        adopted = 0
        for incident in found:
            owner_id = await self._tombstones.owner_of(incident.session_id)
            if owner_id:
                adopted += await self.collection.update_all(
                    {"_id": incident.incident_id, "owner_id": ""}, {"$set": {"owner_id": owner_id}}
                )
        return adopted

    async def drop_old_evidence(self, now: datetime, limit: int) -> int:
        """Delete the stills and clips whose time is over; return of how many incidents. Repeating is harmless."""
        due = await self.collection.find_valid({"evidence_until": {"$lte": now}}, [("evidence_until", 1)], limit)
        for incident in due:
            for piece in (*incident.stills, *incident.clips):
                await self._files.delete(piece.file_id)
            gone: dict[str, Any] = {"stills": [], "clips": [], "evidence_until": None}
            await self.collection.change({"_id": incident.incident_id}, {"$set": gone})
        return len(due)


def _queued(incident: Incident, session: Mapping[str, Any] | None) -> Incident:
    """Return what is stored of a new incident: whose it is, its place in the queue, how long its evidence is kept."""
    told = session or {}
    days: int | None = told.get("plan", {}).get("proctoring", {}).get("evidence_days")
    return incident.model_copy(
        update={
            "announce": Announce.DUE,
            "owner_id": str(told.get("owner_id", "")),
            "rank": incident.severity.rank,
            "evidence_until": None if days is None else incident.filed_at + timedelta(days=days),
        }
    )
