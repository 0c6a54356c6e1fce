"""Counts that outlive processes."""

from collections import Counter

from pymongo import IndexModel

from interview.errors import StorageError
from interview.storage.base import Collection, Database, Duplicate, Shape
from interview.tallies import DayTally, Kind, Notes, Tally

SHAPE = Shape(
    collection="tallies",
    record=Tally,
    key=lambda tally: tally.tally_id,
    key_field="tally_id",
    session_field=None,
)
DAYS = Shape(
    collection="day_tallies",
    record=DayTally,
    key=lambda tally: tally.tally_id,
    key_field="tally_id",
    session_field=None,
    indexes=(IndexModel([("day", 1)]),),
)


class Tallies:
    """The collection `tallies`: one document for each kind of thing that is counted, some dozens in all.

    What is counted by the day lies in `day_tallies`, so that the others stay few.
    """

    def __init__(self, database: Database) -> None:
        self.collection = Collection(database, SHAPE)
        self.days = Collection(database, DAYS)
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

    async def of_day(self, day: str) -> list[DayTally]:
        """Return the counts of a day (UTC, such as 2026-11-24)."""
        return await self.days.find({"day": day}, [("_id", 1)])

    async def _add(self, kind: Kind, n: int) -> None:
        fields = {"name": kind.name, "labels": dict(kind.labels)}
        for _ in range(2):
            try:
                if kind.day:
                    update = {"$inc": {"n": n}, "$setOnInsert": {**fields, "day": kind.day}}
                    await self.days.change({"_id": kind.tally_id}, update, upsert=True)
                else:
                    await self.collection.change(
                        {"_id": kind.tally_id}, {"$inc": {"n": n}, "$setOnInsert": fields}, upsert=True
                    )
            except Duplicate:
                continue  # on MongoDB two upserts of one new key may collide; the one that lost finds it now
            return
        raise StorageError(f"the count {kind.tally_id} could not be added to")
