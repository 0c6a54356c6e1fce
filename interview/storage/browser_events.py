"""What candidates' pages noticed about themselves."""

from collections.abc import Sequence

from pymongo import IndexModel

from interview.browser_event import BrowserEvent
from interview.storage.base import Collection, Database, Duplicate, Shape
from interview.storage.erasure import Tombstones

SHAPE = Shape(
    collection="browser_events",
    record=BrowserEvent,
    key=lambda event: f"{event.session_id}:{event.seq}",
    indexes=(IndexModel([("session_id", 1), ("seq", 1)]),),
)


class BrowserEvents:
    """The collection `browser_events`."""

    def __init__(self, database: Database) -> None:
        self.collection = Collection(database, SHAPE)
        self._tombstones = Tombstones(database)

    async def add(self, session_id: str, events: Sequence[BrowserEvent]) -> int:
        """Store a session's events that are not stored yet, and return how many those were.

        What is stored stays: a repeat has another `received_at`. Raises `StaleAttempt` (code `erased`) when the
        session is gone.
        """
        keys: list[str] = []
        for event in events:
            try:
                await self.collection.insert(event)
            except Duplicate:
                continue
            keys.append(self.collection.shape.key(event))
        await self._tombstones.refuse(session_id, lambda: self.collection.delete({"_id": {"$in": keys}}))
        return len(keys)

    async def of(self, session_id: str) -> list[BrowserEvent]:
        """Return a session's events by `seq`."""
        return await self.collection.find({"session_id": session_id}, [("seq", 1)])
