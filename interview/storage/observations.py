"""What the proctoring rules were told, for replay."""

from pymongo import IndexModel

from interview.incident import ObservationBatch
from interview.storage.base import Database, Shape
from interview.storage.erasure import Journal

SHAPE = Shape(
    collection="observations",
    record=ObservationBatch,
    key=lambda batch: f"{batch.session_id}:{batch.attempt}:{batch.seq}",
    indexes=(IndexModel([("session_id", 1), ("attempt", 1), ("seq", 1)]),),
)


class Observations:
    """The collection `observations`."""

    def __init__(self, database: Database) -> None:
        self.collection = Journal(database, SHAPE)

    async def append(self, batch: ObservationBatch) -> None:
        """Store a batch; a repeat is harmless.

        Raises `Conflict` (code `already_written`) for another batch under the same number, `StaleAttempt` (code
        `erased`) when the session is gone.
        """
        await self.collection.append(batch, batch.session_id)

    async def of(self, session_id: str) -> list[ObservationBatch]:
        """Return a session's batches by attempt and number."""
        return await self.collection.of(session_id, "attempt", "seq")
