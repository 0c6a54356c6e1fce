"""Which processes live, and what they have to do."""

from datetime import timedelta

from interview.clock import Clock
from interview.replica import Replica
from interview.storage.base import Collection, Database, Duplicate, Shape

SHAPE = Shape(
    collection="replicas",
    record=Replica,
    key=lambda replica: replica.replica_id,
    key_field="replica_id",
    session_field=None,
)
MOST = 1000
"""More processes than a house has."""


class Replicas:
    """The collection `replicas`. It is small, and is read whole."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.collection = Collection(database, SHAPE)
        self._clock = clock

    async def beat(self, replica: Replica) -> None:
        """Store what a process says about itself, in place of what it said before."""
        if await self.collection.replace({"_id": replica.replica_id}, replica) is None:
            try:
                await self.collection.insert(replica)
            except Duplicate:
                await self.collection.replace({"_id": replica.replica_id}, replica)

    async def alive(self, within_s: float) -> list[Replica]:
        """Return the processes that were seen within so many seconds, oldest first."""
        since = self._clock.now() - timedelta(seconds=within_s)
        return await self.collection.find({"seen_at": {"$gte": since}}, [("started_at", 1), ("_id", 1)], MOST)

    async def forget(self, replica_id: str) -> None:
        """Drop a process that ends."""
        await self.collection.delete({"_id": replica_id})

    async def drop_unseen(self, for_s: float) -> int:
        """Drop the processes that were not seen for so many seconds; return how many."""
        return await self.collection.delete({"seen_at": {"$lt": self._clock.now() - timedelta(seconds=for_s)}})
