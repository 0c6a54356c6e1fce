"""What proctoring filed."""

from typing import Any

from pymongo import IndexModel

from interview.errors import NotFound
from interview.incident import Incident
from interview.outgoing import Announce
from interview.storage import announcing
from interview.storage.base import Collection, Database, Duplicate, Shape
from interview.storage.erasure import Tombstones

SHAPE = Shape(
    collection="incidents",
    record=Incident,
    key=lambda incident: incident.incident_id,
    key_field="incident_id",
    anonymised=lambda incident: incident.model_copy(update={"stills": ()}),
    indexes=(IndexModel([("session_id", 1), ("started_at", 1)]), announcing.INDEX),
)


class Incidents:
    """The collection `incidents`."""

    def __init__(self, database: Database) -> None:
        self.collection = Collection(database, SHAPE)
        self._tombstones = Tombstones(database)

    async def file(self, incident: Incident) -> None:
        """Store an incident, or bring the stored one up to date.

        Of a repeat, a later end, a higher confidence and stills that are new are taken over; an older picture of
        the incident takes nothing back. Raises `StaleAttempt` (code `erased`) when the session is gone.
        """
        try:
            await self.collection.insert(incident.model_copy(update={"announce": Announce.DUE}))
        except Duplicate:
            latest: dict[str, Any] = {"confidence": incident.confidence}
            if incident.ended_at is not None:
                latest["ended_at"] = incident.ended_at
            await self.collection.change(
                {"_id": incident.incident_id},
                {"$max": latest, "$addToSet": {"stills": {"$each": incident.stills}}},
            )
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
