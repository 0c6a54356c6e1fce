"""Keeping what was erased erased.

Erasing first makes the session a tombstone, then deletes what belongs to it. A writer that was already under way
could store after that deletion; so each writer of a session's data looks at the session after it wrote. Either the
deletion came later and took the new data along, or the tombstone was there before the look and the writer undoes
its own write.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from interview.errors import StaleAttempt
from interview.session import Status
from interview.storage.base import Collection, Database, R, Shape


class Tombstones:
    """Tells of which sessions nothing more may be stored: they were erased, or anonymised."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def has(self, session_id: str) -> bool:
        """Tell whether that session was erased or anonymised."""
        sessions = self._database.motor["sessions"]
        asked = {"status": 1, "anonymised_at": 1}
        document = await self._database.run(lambda: sessions.find_one({"_id": session_id}, asked))
        if document is None:
            return False
        return document["status"] == Status.DELETED.value or document.get("anonymised_at") is not None

    async def owner_of(self, session_id: str) -> str | None:
        """Return whose session it is at this moment, or None when there is none."""
        sessions = self._database.motor["sessions"]
        document = await self._database.run(lambda: sessions.find_one({"_id": session_id}, {"owner_id": 1}))
        return None if document is None else str(document["owner_id"])

    async def told_of(self, session_id: str, *fields: str) -> Mapping[str, Any] | None:
        """Return these fields (dotted names) of a session as they are stored, or None when there is none."""
        sessions = self._database.motor["sessions"]
        return await self._database.run(lambda: sessions.find_one({"_id": session_id}, dict.fromkeys(fields, 1)))

    async def refuse(self, session_id: str, undo: Callable[[], Awaitable[object]]) -> None:
        """Undo what was just written and raise `StaleAttempt` if the session was erased."""
        if await self.has(session_id):
            await undo()
            raise StaleAttempt(f"session {session_id} was erased; nothing more is stored about it", code="erased")


class Journal(Collection[R]):
    """Records about a session that are written once: turns, events, batches of observations, segments."""

    def __init__(self, database: Database, shape: Shape[R]) -> None:
        super().__init__(database, shape)
        self._tombstones = Tombstones(database)

    async def append(self, record: R, session_id: str) -> None:
        """Store a record; a repeat is harmless.

        Raises `Conflict` (code `already_written`) for other content under the same key, `StaleAttempt` (code
        `erased`) when the session is gone.
        """
        await self.insert_once(record)
        key = self.shape.key(record)
        await self._tombstones.refuse(session_id, lambda: self.delete({"_id": key}))

    async def of(self, session_id: str, *order: str) -> list[R]:
        """Return a session's records, ordered by these fields."""
        return await self.find({"session_id": session_id}, [(field, 1) for field in order])
