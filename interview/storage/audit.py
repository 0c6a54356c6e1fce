"""Who did or saw what."""

from uuid import uuid4

from pymongo import IndexModel

from interview.audit import AuditEntry
from interview.clock import Clock
from interview.storage.base import Collection, Database, Shape

SHAPE = Shape(
    collection="audit",
    record=AuditEntry,
    key=lambda entry: entry.entry_id,
    key_field="entry_id",
    session_field=None,
    indexes=(IndexModel([("subject", 1), ("at", 1)]),),
)


class Audit:
    """The collection `audit`: append-only, ids only, kept when a session is erased."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.collection = Collection(database, SHAPE)
        self._clock = clock

    async def add(self, actor: str, action: str, subject: str) -> None:
        """Note that `actor` did `action` to `subject`: ids only, no name, email or text."""
        entry = AuditEntry(entry_id=str(uuid4()), at=self._clock.now(), actor=actor, action=action, subject=subject)
        await self.collection.insert(entry)

    async def of_subject(self, subject: str) -> list[AuditEntry]:
        """Return what was done to `subject`, oldest first."""
        return await self.collection.find({"subject": subject}, [("at", 1), ("_id", 1)])
