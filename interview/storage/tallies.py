"""Counts that outlive processes."""

from collections import Counter

from interview.errors import StorageError
from interview.storage.base import Collection, Database, Duplicate, Shape
from interview.tallies import Kind, Notes, Tally

SHAPE = Shape(
    collection="tallies",
    record=Tally,
    key=lambda tally: tally.tally_id,
    key_field="tally_id",
    session_field=None,
)


class Tallies:
    """The collection `tallies`: one document for each kind of thing that is counted, some dozens in all."""

    def __init__(self, database: Database) -> None:
        self.collection = Collection(database, SHAPE)
        self.notes = database.notes

    async def flush(self, *more: Notes) -> None:
        """Add what this storage, and `more`, have noted. What cannot be written stays noted, for the next time.

        Raises `StorageUnavailable`. Of a call that timed out it is not known whether it counted; it counts again.
        """
        for notes in (self.notes, *more):
            pending = notes.take()
            try:
                while pending:
                    kind = next(iter(pending))
                    await self._add(kind, pending[kind])
                    del pending[kind]
            finally:
                notes.put_back(Counter(pending))

    async def all(self) -> list[Tally]:
        """Return every count."""
        return await self.collection.find({}, [("_id", 1)])

    async def _add(self, kind: Kind, n: int) -> None:
        update = {"$inc": {"n": n}, "$setOnInsert": {"name": kind.name, "labels": dict(kind.labels)}}
        for _ in range(2):
            try:
                await self.collection.change({"_id": kind.tally_id}, update, upsert=True)
            except Duplicate:
                continue  # on MongoDB two upserts of one new key may collide; the one that lost finds it now
            return
        raise StorageError(f"the count {kind.tally_id} could not be added to")
