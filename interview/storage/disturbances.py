"""What disturbed interviews."""

from pymongo import IndexModel

from interview.disturbance import Disturbance
from interview.storage.base import Database, Shape
from interview.storage.erasure import Journal

SHAPE = Shape(
    collection="disturbances",
    record=Disturbance,
    key=lambda disturbance: disturbance.disturbance_id,
    indexes=(IndexModel([("session_id", 1), ("started_at", 1)]),),
)


class Disturbances:
    """The collection `disturbances`."""

    def __init__(self, database: Database) -> None:
        self.collection = Journal(database, SHAPE)

    async def append(self, disturbance: Disturbance) -> None:
        """Store a disturbance; a repeat is harmless. Raises what `Journal.append` raises."""
        await self.collection.append(disturbance, disturbance.session_id)

    async def of(self, session_id: str) -> list[Disturbance]:
        """Return a session's disturbances by the time at which they began."""
        return await self.collection.of(session_id, "started_at", "_id")
