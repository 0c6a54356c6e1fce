"""What the dialogue machine was told, for replay."""

from pymongo import IndexModel

from interview.storage.base import Database, Shape
from interview.storage.erasure import Journal
from interview.transcript import DialogueEvent

SHAPE = Shape(
    collection="dialogue_events",
    record=DialogueEvent,
    # with the attempt: what an older one told late is in nobody's way
    key=lambda event: f"{event.session_id}:{event.attempt}:{event.seq}",
    sealed=("event", "actions"),
    indexes=(IndexModel([("session_id", 1), ("seq", 1)]),),
)


class DialogueEvents:
    """The collection `dialogue_events`."""

    def __init__(self, database: Database) -> None:
        self.collection = Journal(database, SHAPE)

    async def append(self, event: DialogueEvent) -> None:
        """Store an event; a repeat is harmless.

        Raises `Conflict` (code `already_written`) for another event under the same number, `StaleAttempt` (code
        `erased`) when the session is gone.
        """
        await self.collection.append(event, event.session_id)

    async def of(self, session_id: str) -> list[DialogueEvent]:
        """Return a session's events by attempt and `seq`, decrypted."""
        return await self.collection.of(session_id, "attempt", "seq")
